/* asking.h - short ways of asking a sandbox in tests.
 * Owns: an asked answer is the caller's, freed with asked_done. */
#pragma once

#include <string.h>

#include "base/json.h"
#include "check.h"
#include "sandbox/sandbox.h"

struct asked {
    int status;
    enum sandbox_fate fate;
    uint64_t delay_ms;
    struct json *body; /* NULL: none */
    char *retry_after; /* or NULL */
};

static inline struct asked ask(struct sandbox *sandbox, const char *method, const char *target, const char *body)
{
    struct sandbox_request request = {method, target, body != NULL ? "application/json" : NULL, body,
                                      body != NULL ? strlen(body) : 0};
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    sandbox_handle(sandbox, &request, &answer);
    struct asked asked = {answer.status, answer.fate, answer.delay_ms, NULL,
                          xstrdup(http_headers_find(&answer.headers, "Retry-After"))};
    struct err err = ERR_INIT;
    if (answer.body.length != 0 && json_parse(buf_text(&answer.body), answer.body.length, &asked.body, &err) < 0)
        asked.body = NULL;
    sandbox_answer_done(&answer);
    return asked;
}

static inline void asked_done(struct asked *asked)
{
    json_free(asked->body);
    free(asked->retry_after);
    *asked = (struct asked){0};
}

/* The status alone. */
static inline int status_of(struct sandbox *sandbox, const char *method, const char *target, const char *body)
{
    struct asked asked = ask(sandbox, method, target, body);
    int status = asked.status;
    asked_done(&asked);
    return status;
}

static inline struct sandbox *controlled(void)
{
    struct sandbox_options options = {.control = true};
    return sandbox_new(&options);
}
