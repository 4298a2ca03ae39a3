/* Which code a finding has. */
#include "sync/finding.h"

#include "kong/problem_codes.h"

static const char *const CODES[] = {
    [FILES_UNREADABLE] = "InvalidObject", [FILES_INVALID] = "InvalidObject", [FILES_OLD_KIND] = "UnknownKind",
    [FILES_FOREIGN] = "UnknownKind",      [FILES_NO_OBJECT] = "NoObject",    [FILES_TWICE] = "DuplicateObject",
    [FILES_FIELD] = "UnknownField",
};

struct problem *sync_finding_problem(const struct files_finding *finding)
{
    const char *code = CODES[finding->type];
    const struct problem_code *row = problem_code_find(code);
    enum problem_severity severity = row != NULL ? row->severity : PROBLEM_ERROR;
    if (finding->type == FILES_OLD_KIND)
        severity = PROBLEM_WARN; /* somebody waits for it */
    struct kong_source about = {(char *)finding->kind, (char *)finding->namespace, (char *)finding->name, (char *)""};
    struct problem *problem = problem_new(severity, code, &about, finding->text);
    problem_set_place(problem, finding->file, finding->line);
    return problem;
}
