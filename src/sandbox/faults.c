/* Reads the list of faults and picks the one that strikes a request. */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

#define FAULT_DELAY_MS_MAX (10u * 60 * 1000)

static const char *const actions[] = {"fail", "hang", "delay", "drop", "lie"};

static void fault_done(struct fault *fault)
{
    free(fault->method);
    free(fault->body);
    free(fault->retry_after);
    regfree(&fault->path);
}

void faults_clear(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        fault_done(&faults->items[i]);
    free(faults->items);
    *faults = (struct faults){NULL, 0};
}

static int read_action(const struct json *row, enum fault_action *ret_action, struct err *err)
{
    const char *name = json_find_text(row, "action");
    for (size_t i = 0; name != NULL && i < COUNT_OF(actions); i++) {
        if (strcmp(actions[i], name) == 0) {
            *ret_action = (enum fault_action)i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "action: expected one of fail, hang, delay, drop, lie");
}

static int check_names(const struct json *row, struct err *err)
{
    static const char *const names[] = {"method", "path",     "times",       "skip",  "action",
                                        "status", "delay_ms", "retry_after", "after", "body"};
    json_each (member, row) {
        bool known = false;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            known = known || strcmp(names[i], json_name(member)) == 0;
        if (!known)
            return err_set(err, ERR_INVALID, "unknown field '%s'", json_name(member));
    }
    return 0;
}

static int read_fault(struct fault *fault, const struct json *row, struct err *err)
{
    int rc = check_names(row, err);
    if (rc == 0)
        rc = read_action(row, &fault->action, err);
    if (rc < 0)
        return rc;
    const char *path = json_find_text(row, "path");
    if (regcomp(&fault->path, path != NULL ? path : "", REG_EXTENDED | REG_NOSUB) != 0)
        return err_set(err, ERR_INVALID, "path: '%s' is no regular expression", path);
    double delay = json_number(json_find(row, "delay_ms"), 0);
    fault->method = xstrdup(json_find_text(row, "method"));
    fault->skip = json_integer(json_find(row, "skip"), 0);
    fault->times = json_integer(json_find(row, "times"), -1);
    fault->status = (int)json_integer(json_find(row, "status"), 500);
    fault->delay_ms = delay > 0 && delay <= FAULT_DELAY_MS_MAX ? (uint64_t)delay : 0;
    fault->after = json_truth(json_find(row, "after"), false);
    fault->retry_after = xstrdup(json_find_text(row, "retry_after"));
    const struct json *body = json_find(row, "body");
    fault->body = body != NULL ? json_print_text(body) : xstrdup("{\"message\":\"An unexpected error occurred\"}");
    return 0;
}

int faults_set(struct faults *faults, const struct json *list, struct err *err)
{
    size_t count = json_count(list);
    if (!json_is(list, JSON_ARRAY) || count > SANDBOX_FAULTS_MAX)
        return err_set(err, ERR_INVALID, "faults: expected a list of at most %d", SANDBOX_FAULTS_MAX);
    struct faults made = {xcalloc(count + 1, sizeof(*made.items)), 0};
    int rc = 0;
    json_each (row, list) {
        rc = read_fault(&made.items[made.count], row, err);
        if (rc < 0)
            break;
        made.count++;
    }
    if (rc < 0) {
        faults_clear(&made);
        return rc;
    }
    faults_clear(faults);
    *faults = made;
    return 0;
}

struct json *faults_json(const struct faults *faults)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        struct json *row = json_new_object();
        json_set_text(row, "action", actions[fault->action]);
        json_set_number(row, "struck", (double)fault->struck);
        json_set_number(row, "times", (double)fault->times);
        json_append(list, row);
    }
    struct json *all = json_new_object();
    json_set(all, "faults", list);
    return all;
}

struct fault *faults_strike(struct faults *faults, const char *method, const char *target)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->items[i];
        if (fault->times == 0 || (fault->method != NULL && strcmp(fault->method, method) != 0))
            continue;
        if (regexec(&fault->path, target, 0, NULL, 0) != 0)
            continue;
        if (fault->skip > 0) {
            fault->skip--;
            continue;
        }
        if (fault->times > 0)
            fault->times--;
        fault->struck++;
        return fault;
    }
    return NULL;
}
