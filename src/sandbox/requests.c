/* A bounded ring of what was asked. */
#include "requests.h"

#include <stdlib.h>
#include <string.h>

static struct remembered *at(const struct requests *requests, size_t index)
{
    return &requests->ring[(requests->first + index) % SANDBOX_REQUESTS_MAX];
}

static void forget_first(struct requests *requests)
{
    struct remembered *oldest = at(requests, 0);
    requests->bytes -= oldest->body_length;
    free(oldest->method);
    free(oldest->target);
    free(oldest->body);
    *oldest = (struct remembered){0};
    requests->first = (requests->first + 1) % SANDBOX_REQUESTS_MAX;
    requests->count--;
}

void requests_add(struct requests *requests, const struct sandbox_request *request)
{
    requests->total++;
    if (requests->ring == NULL)
        requests->ring = xcalloc(SANDBOX_REQUESTS_MAX, sizeof(*requests->ring));
    size_t length = request->body != NULL ? request->body_length : 0;
    length = length < SANDBOX_BODY_MAX ? length : SANDBOX_BODY_MAX;
    while (requests->count == SANDBOX_REQUESTS_MAX ||
           (requests->count != 0 && requests->bytes + length > SANDBOX_REQUEST_BYTES_MAX))
        forget_first(requests);
    *at(requests, requests->count++) = (struct remembered){
        .method = xstrdup(request->method),
        .target = xstrdup(request->target),
        .body = length != 0 ? xstrndup(request->body, length) : NULL,
        .body_length = length,
    };
    requests->bytes += length;
}

void requests_set_status(struct requests *requests, int status)
{
    if (requests->count != 0)
        at(requests, requests->count - 1)->status = status;
}

void requests_clear(struct requests *requests)
{
    while (requests->count != 0)
        forget_first(requests);
    requests->total = 0;
}

void requests_done(struct requests *requests)
{
    requests_clear(requests);
    free(requests->ring);
    requests->ring = NULL;
}

struct json *requests_json(const struct requests *requests, uint64_t after)
{
    uint64_t forgotten = requests->total - requests->count;
    struct json *list = json_new_array();
    for (size_t i = 0; i < requests->count; i++) {
        const struct remembered *one = at(requests, i);
        uint64_t sequence = forgotten + i + 1;
        if (sequence <= after)
            continue;
        struct json *row = json_new_object();
        json_set_number(row, "sequence", (double)sequence);
        json_set_text(row, "method", one->method);
        json_set_text(row, "path", one->target);
        json_set_number(row, "status", one->status);
        struct json *body = NULL;
        struct err err = ERR_INIT;
        if (one->body != NULL && json_parse(one->body, one->body_length, &body, &err) < 0)
            body = json_new_text(one->body);
        json_set(row, "body", body != NULL ? body : json_new_null());
        json_append(list, row);
    }
    struct json *all = json_new_object();
    json_set_number(all, "total", (double)requests->total);
    json_set_number(all, "forgotten", (double)forgotten);
    json_set(all, "requests", list);
    return all;
}
