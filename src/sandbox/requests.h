/* requests.h - the requests that a sandbox remembers, for tests of what a client sends.
 * Owns:    copies; the oldest go when there are too many or their bodies are too large together.
 * Thread:  one owner.
 * Errors:  none. */
#pragma once

#include "base/json.h"
#include "sandbox/sandbox.h"

struct remembered {
    char *method, *target, *body;
    size_t body_length;
    int status; /* 0: not answered */
};

struct requests {
    struct remembered *ring;
    size_t first, count;
    size_t bytes;
    uint64_t total; /* ever */
};

/* The request is remembered at once; its status is set when the answer is known. */
void requests_add(struct requests *requests, const struct sandbox_request *request);
void requests_set_status(struct requests *requests, int status); /* of the last */
void requests_clear(struct requests *requests);
void requests_done(struct requests *requests);
/* {"total", "forgotten", "requests": [{"sequence", "method", "path", "status", "body"}]}; bodies as JSON where they
 * are. */
struct json *requests_json(const struct requests *requests, uint64_t after);
