/* Paths under /sandbox/: faults, remembered requests, seed and state. */
#include <stdlib.h>
#include <string.h>

#include "api.h"

static void answer_bad_request(struct call *call, const struct err *err)
{
    answer_message(call->answer, 400, err->text);
}

static void handle_faults(struct call *call)
{
    struct err err = ERR_INIT;
    if (call_is(call, "DELETE")) {
        faults_clear(&call->sandbox->faults);
        answer_no_content(call->answer);
    } else if (call_is(call, "PUT") && faults_set(&call->sandbox->faults, json_find(call->body, "faults"), &err) < 0) {
        answer_bad_request(call, &err);
    } else {
        answer_json(call->answer, 200, faults_json(&call->sandbox->faults));
    }
}

static void handle_requests(struct call *call)
{
    const char *after = query_find(&call->query, "after");
    if (call_is(call, "DELETE")) {
        requests_clear(&call->sandbox->requests);
        answer_no_content(call->answer);
    } else {
        answer_json(call->answer, 200,
                    requests_json(&call->sandbox->requests, after != NULL ? strtoull(after, NULL, 10) : 0));
    }
}

static void handle_state(struct call *call)
{
    answer_text(call->answer, 200, "application/json; charset=utf-8", "", 0);
    sandbox_dump(call->sandbox, &call->answer->body);
}

static void handle_seed(struct call *call)
{
    struct err err = ERR_INIT;
    AUTO(text) char *text = json_print_text(call->body);
    if (sandbox_seed(call->sandbox, text, strlen(text), &err) < 0)
        answer_bad_request(call, &err);
    else
        answer_no_content(call->answer);
}

static void handle_data_planes(struct call *call)
{
    const struct json *planes = json_find(call->body, "data");
    bool fine = json_is(planes, JSON_ARRAY);
    json_each (plane, planes)
        fine = fine && json_find_text(plane, "id") != NULL;
    if (!fine) {
        answer_message(call->answer, 400, "data: expected a list of data planes with ids");
        return;
    }
    json_free(call->sandbox->data_planes);
    call->sandbox->data_planes = json_copy(planes);
    answer_no_content(call->answer);
}

void api_handle_control(struct call *call)
{
    static const struct {
        const char *name, *methods;
        void (*handle)(struct call *call);
    } rows[] = {
        {"faults", "DELETE, GET, OPTIONS, PUT", handle_faults},
        {"requests", "DELETE, GET, OPTIONS", handle_requests},
        {"state", "GET, OPTIONS", handle_state},
        {"seed", "OPTIONS, PUT", handle_seed},
        {"data-planes", "OPTIONS, PUT", handle_data_planes},
    };
    for (size_t i = 0; call->segment_count == 2 && i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].name, call->segments[1]) != 0)
            continue;
        if (api_allow(call, rows[i].methods))
            rows[i].handle(call);
        return;
    }
    answer_not_found(call->answer);
}
