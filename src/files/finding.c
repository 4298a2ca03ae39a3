/* Which findings leave open what stands in the gateway. */
#include "files/finding.h"

#include <string.h>

bool files_finding_may_stand_for_something(const struct files_finding *finding)
{
    return finding->type == FILES_UNREADABLE || finding->type == FILES_INVALID || finding->type == FILES_OLD_KIND;
}

bool files_finding_names_object(const struct files_finding *finding)
{
    return (finding->type == FILES_INVALID || finding->type == FILES_OLD_KIND) && finding->row != NULL &&
           strcmp(finding->name, "?") != 0;
}

struct files_finding files_finding_twice(const struct object *earlier, const struct object *later, char **ret_text)
{
    *ret_text = xasprintf("it stands in %s:%d as well; this one counts", earlier->file, earlier->line);
    return (struct files_finding){
        FILES_TWICE, later->file, later->line, later->kind, later->kind->id, later->namespace, later->name, *ret_text,
    };
}
