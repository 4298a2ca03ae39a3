/* What the rules say of objects: whole lists of conditions and problems, each in place of the one before. */
#include <string.h>

#include "status_ledger.h"

static bool same_condition(const struct rules_condition *left, const struct rules_condition *right)
{
    return strcmp(left->subject, right->subject) == 0 && strcmp(left->type, right->type) == 0 &&
           strcmp(left->status, right->status) == 0 && strcmp(left->reason, right->reason) == 0 &&
           strcmp(left->message, right->message) == 0 && strcmp(left->detail, right->detail) == 0;
}

static bool same_object(const struct rules_condition *left, const struct rules_condition *right)
{
    return strcmp(left->about.kind, right->about.kind) == 0 &&
           strcmp(left->about.namespace, right->about.namespace) == 0 &&
           strcmp(left->about.name, right->about.name) == 0;
}

static bool says_the_same(const struct status_record *record, const struct rules_condition *conditions, size_t count)
{
    if (record->conditions.count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!same_condition(&record->conditions.items[i], &conditions[i]))
            return false;
    }
    return true;
}

static void copy_conditions(struct status_record *record, const struct rules_condition *conditions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rules_condition copy;
        rules_condition_copy(&copy, &conditions[i]);
        vec_push(&record->conditions, copy);
    }
}

/* One object's conditions; an object that rules know under two versions has two such runs.  True when they are news. */
static bool take_run(struct status_ledger *ledger, struct status_record *record,
                     const struct rules_condition *conditions, size_t count)
{
    bool first = record->round != ledger->round;
    record->round = ledger->round;
    if (first && says_the_same(record, conditions, count))
        return false;
    if (first)
        status_record_forget_said(record);
    copy_conditions(record, conditions, count);
    ledger->changed(ledger->user, record);
    return true;
}

static bool tells_of_services(const struct status_record *record)
{
    return record->row->shape == status_shape_service_policies;
}

static void watch_services(struct status_ledger *ledger, struct status_record *policy)
{
    for (size_t i = 0; i < policy->conditions.count; i++) {
        const char *detail = policy->conditions.items[i].detail;
        AUTO(json) struct json *tree = NULL;
        struct err err = ERR_INIT;
        if (json_parse(detail, strlen(detail), &tree, &err) != 0)
            continue;
        const struct json *ref = json_find(tree, policy->row->ref);
        const char *kind = json_find_text(ref, "kind"), *name = json_find_text(ref, "name");
        if (kind == NULL || name == NULL)
            continue;
        struct status_record *service =
            status_ledger_record(ledger, status_service_kind(kind), policy->namespace, name, true);
        vec_push(&service->watchers, policy);
    }
}

/* Rare: only when what is said of a policy has changed. */
static void watch_again(struct status_ledger *ledger)
{
    struct {
        VEC(struct status_record *);
    } policies = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&ledger->records, &at)) != NULL;) {
        struct status_record *record = entry->value;
        vec_done(&record->watchers);
        if (tells_of_services(record))
            vec_push(&policies, record);
    }
    for (size_t i = 0; i < policies.count; i++)
        watch_services(ledger, policies.items[i]);
    vec_done(&policies);
}

void status_ledger_conditions(struct status_ledger *ledger, const struct rules_condition *conditions, size_t count)
{
    bool policies = false;
    ledger->round++;
    for (size_t i = 0, end; i < count; i = end) {
        const struct kong_source *about = &conditions[i].about;
        for (end = i + 1; end < count && same_object(&conditions[i], &conditions[end]);)
            end++;
        struct status_record *record = status_ledger_record(ledger, about->kind, about->namespace, about->name, true);
        if (record != NULL && take_run(ledger, record, &conditions[i], end - i))
            policies |= tells_of_services(record);
    }
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&ledger->records, &at)) != NULL;) {
        struct status_record *record = entry->value;
        if (record->conditions.count == 0 || record->round == ledger->round)
            continue;
        policies |= tells_of_services(record);
        status_record_forget_said(record);
        ledger->changed(ledger->user, record);
    }
    if (policies)
        watch_again(ledger);
}

/* That a Gateway does not take a route is said of that parent alone. */
static bool is_failure(const struct problem *problem)
{
    return problem->severity == PROBLEM_ERROR && strcmp(problem->code, "ParentNotFound") != 0 &&
           strcmp(problem->code, "RuleFailed") != 0;
}

void status_ledger_problems(struct status_ledger *ledger, struct problem *const *problems, size_t count)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&ledger->records, &at)) != NULL;) {
        struct status_record *record = entry->value;
        record->errors_before = record->errors;
        record->unknown_before = record->unknown;
        record->errors = 0;
        record->unknown = false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct kong_source *about = &problems[i]->about;
        bool failure = is_failure(problems[i]), unknown = strcmp(problems[i]->code, "RuleFailed") == 0;
        struct status_record *record =
            failure || unknown ? status_ledger_record(ledger, about->kind, about->namespace, about->name, true) : NULL;
        if (record == NULL)
            continue;
        record->errors += failure;
        record->unknown |= unknown;
    }
    for (size_t at = 0; (entry = map_next(&ledger->records, &at)) != NULL;) {
        struct status_record *record = entry->value;
        if (record->errors != record->errors_before || record->unknown != record->unknown_before)
            ledger->changed(ledger->user, record);
    }
}
