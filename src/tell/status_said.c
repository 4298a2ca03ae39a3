/* What the rules say of an object: its conditions, and whether it could be translated. */
#include <string.h>

#include "status_ledger.h"

static bool tells_of_services(const struct status_record *record)
{
    return record->row->shape == status_shape_service_policies;
}

static void stop_watching(struct status_ledger *ledger, struct status_record *policy)
{
    for (size_t i = 0; i < policy->watched.count; i++) {
        struct status_record *service = policy->watched.items[i];
        size_t kept = 0;
        for (size_t w = 0; w < service->watchers.count; w++)
            if (service->watchers.items[w] != policy)
                service->watchers.items[kept++] = service->watchers.items[w];
        service->watchers.count = kept;
        ledger->changed(ledger->user, service); /* it may be needed no more */
    }
    policy->watched.count = 0;
}

static void watch_services(struct status_ledger *ledger, struct status_record *policy)
{
    for (size_t i = 0; i < policy->conditions.count; i++) {
        const char *detail = policy->conditions.items[i]->detail;
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
        vec_push(&policy->watched, service);
    }
}

/* That a Gateway does not take a route is said of that parent alone. */
static bool is_failure(const struct problem *problem)
{
    return problem->severity == PROBLEM_ERROR && strcmp(problem->code, "ParentNotFound") != 0 &&
           strcmp(problem->code, "RuleFailed") != 0;
}

static void take_problems(struct status_record *record, const struct rules_said *said)
{
    record->errors = 0;
    record->unknown = false;
    for (size_t i = 0; i < said->problem_count; i++) {
        record->errors += is_failure(said->problems[i]);
        record->unknown |= strcmp(said->problems[i]->code, "RuleFailed") == 0;
    }
}

static void take_conditions(struct status_ledger *ledger, struct status_record *record, const struct rules_said *said)
{
    status_record_forget_said(record);
    for (size_t i = 0; i < said->condition_count; i++)
        vec_push(&record->conditions, rules_condition_ref(said->conditions[i]));
    if (!tells_of_services(record))
        return;
    stop_watching(ledger, record);
    watch_services(ledger, record);
}

void status_ledger_said(struct status_ledger *ledger, const struct rules_said *said)
{
    const struct kong_source *about = &said->about;
    struct status_record *record = status_ledger_record(ledger, about->kind, about->namespace, about->name, true);
    if (record == NULL)
        return;
    take_problems(record, said);
    take_conditions(ledger, record, said);
    ledger->changed(ledger->user, record);
}
