/* Takes a request from its text to its answer: media type, body, path, faults. */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "form.h"

static void split_path(struct call *call, const char *path, size_t length)
{
    while (length != 0 && call->segment_count <= SEGMENTS_MAX) {
        if (*path == '/') {
            path++;
            length--;
            continue;
        }
        const char *slash = memchr(path, '/', length);
        size_t part = slash != NULL ? (size_t)(slash - path) : length;
        if (call->segment_count == SEGMENTS_MAX)
            break;
        char *segment = xstrndup(path, part);
        char *plain = xstrdup(segment);
        bool fine = http_decode(segment);
        free(fine ? plain : segment);
        call->segments[call->segment_count++] = fine ? segment : plain;
        path += part;
        length -= part;
    }
}

static bool has_body(const struct call *call)
{
    return call_is(call, "POST") || call_is(call, "PUT") || call_is(call, "PATCH");
}

static bool is_type(const char *content_type, const char *wanted)
{
    size_t length = strlen(wanted);
    return strncasecmp(content_type, wanted, length) == 0 &&
           (content_type[length] == '\0' || content_type[length] == ';' || content_type[length] == ' ');
}

static bool read_json_body(struct call *call, const struct sandbox_request *request)
{
    struct err err = ERR_INIT;
    struct json *body = NULL;
    if (request->body_length == 0 || json_parse(request->body, request->body_length, &body, &err) < 0) {
        answer_message(call->answer, 400, "Cannot parse JSON body");
        return false;
    }
    call->body = body;
    if (json_is(body, JSON_OBJECT))
        return true;
    answer_message(call->answer, 500, "An unexpected error occurred");
    return false;
}

static bool read_body(struct call *call, const struct sandbox_request *request)
{
    if (!has_body(call))
        return true;
    const char *type = request->content_type;
    if (type == NULL && request->body_length == 0) {
        call->body = json_new_object();
        return true;
    }
    if (type != NULL && is_type(type, "application/json"))
        return read_json_body(call, request);
    if (type != NULL && is_type(type, "application/x-www-form-urlencoded")) {
        struct query form = {NULL, 0};
        query_parse(&form, request->body, request->body_length);
        call->body = form_as_body(&form);
        query_done(&form);
        return true;
    }
    answer_html(call->answer, 415, "Unsupported Media Type");
    return false;
}

static void route(struct call *call, const struct sandbox_request *request, bool control)
{
    bool needs_no_body = call->segment_count == 1 && strcmp(call->segments[0], "config") == 0;
    if (!needs_no_body && !read_body(call, request))
        return;
    if (control)
        api_handle_control(call);
    else if (!api_handle_info(call) && !api_handle_entities(call))
        answer_not_found(call->answer);
}

static void handle_plain(struct sandbox *sandbox, const struct sandbox_request *request, bool control, bool lie,
                         struct sandbox_answer *answer)
{
    struct call call = {.sandbox = sandbox, .method = request->method, .lie = lie, .answer = answer};
    size_t length = strcspn(request->target, "?");
    const char *query = request->target[length] == '?' ? request->target + length + 1 : "";
    query_parse(&call.query, query, strlen(query));
    split_path(&call, request->target, length);
    if (request->body_length > SANDBOX_BODY_MAX && !control)
        answer_html(answer, 413, "Request Entity Too Large");
    else if (strncmp(request->target, "//", 2) == 0)
        answer_not_found(answer);
    else
        route(&call, request, control);
    for (size_t i = 0; i < call.segment_count; i++)
        free(call.segments[i]);
    json_free(call.body);
    query_done(&call.query);
}

static void strike(struct sandbox *sandbox, const struct fault *fault, const struct sandbox_request *request,
                   struct sandbox_answer *answer)
{
    bool handled = fault->action == FAULT_DELAY || fault->action == FAULT_LIE || fault->after;
    if (handled)
        handle_plain(sandbox, request, false, fault->action == FAULT_LIE, answer);
    answer->delay_ms = fault->delay_ms;
    if (fault->action == FAULT_HANG)
        answer->fate = SANDBOX_HANG;
    if (fault->action == FAULT_DROP)
        answer->fate = SANDBOX_DROP;
    if (fault->action != FAULT_FAIL)
        return;
    http_headers_done(&answer->headers);
    buf_clear(&answer->body);
    answer_text(answer, fault->status, "application/json; charset=utf-8", fault->body, strlen(fault->body));
    if (fault->retry_after != NULL)
        http_headers_add(&answer->headers, "Retry-After", fault->retry_after);
}

void sandbox_handle(struct sandbox *sandbox, const struct sandbox_request *request, struct sandbox_answer *ret_answer)
{
    bool control = sandbox->options.control && strncmp(request->target, "/sandbox/", 9) == 0;
    if (control) {
        handle_plain(sandbox, request, true, false, ret_answer);
    } else {
        if (sandbox->options.control)
            requests_add(&sandbox->requests, request);
        else
            sandbox->requests.total++;
        const struct fault *fault = faults_strike(&sandbox->faults, request->method, request->target);
        if (fault != NULL)
            strike(sandbox, fault, request, ret_answer);
        else
            handle_plain(sandbox, request, false, false, ret_answer);
        requests_set_status(&sandbox->requests, ret_answer->fate == SANDBOX_ANSWER ? ret_answer->status : 0);
    }
    AUTO(text) char *server = xasprintf("kong/%s", sandbox->version);
    http_headers_add(&ret_answer->headers, "Server", server);
}

uint64_t sandbox_request_count(const struct sandbox *sandbox)
{
    return sandbox->requests.total;
}
