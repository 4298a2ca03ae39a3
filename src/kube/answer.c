/* The class of a failure: from the status, from the Status object, from how the connection ended. */
#include "kube/answer.h"

#include <string.h>

#include "answer_parts.h"
#include "base/json.h"

static const struct {
    const char *reason;
    enum kube_failure failure;
} REASONS[] = {
    {"Expired", KUBE_GONE},       {"Gone", KUBE_GONE},
    {"Conflict", KUBE_CONFLICT},  {"AlreadyExists", KUBE_CONFLICT},
    {"Forbidden", KUBE_DENIED},   {"Unauthorized", KUBE_UNAUTHORIZED},
    {"NotFound", KUBE_NOT_FOUND}, {"TooManyRequests", KUBE_TOO_MANY},
};

static const struct {
    int status;
    enum kube_failure failure;
} STATUSES[] = {
    {400, KUBE_INVALID}, {401, KUBE_UNAUTHORIZED}, {403, KUBE_DENIED},   {404, KUBE_NOT_FOUND},
    {405, KUBE_INVALID}, {406, KUBE_INVALID},      {409, KUBE_CONFLICT}, {410, KUBE_GONE},
    {413, KUBE_INVALID}, {415, KUBE_INVALID},      {422, KUBE_INVALID},  {429, KUBE_TOO_MANY},
};

enum kube_failure kube_failure_of(int status, const char *reason)
{
    if (status >= 200 && status < 300)
        return KUBE_OK;
    for (size_t i = 0; i < COUNT_OF(STATUSES); i++) {
        if (STATUSES[i].status == status)
            return STATUSES[i].failure;
    }
    for (size_t i = 0; reason != NULL && i < COUNT_OF(REASONS); i++) {
        if (strcmp(REASONS[i].reason, reason) == 0)
            return REASONS[i].failure;
    }
    return status >= 500 ? KUBE_SERVER_ERROR : KUBE_UNEXPECTED;
}

const char *kube_failure_text(enum kube_failure failure)
{
    static const char *const texts[] = {
#define X(name, text) text,
        KUBE_FAILURE_LIST(X)
#undef X
    };
    return texts[failure];
}

bool kube_failure_may_retry(enum kube_failure failure)
{
    return failure == KUBE_NO_ANSWER || failure == KUBE_NO_CREDENTIALS || failure == KUBE_UNAUTHORIZED ||
           failure == KUBE_TOO_MANY || failure == KUBE_SERVER_ERROR || failure == KUBE_UNEXPECTED;
}

static enum err_code code_of(enum kube_failure failure)
{
    switch (failure) {
    case KUBE_UNAUTHORIZED:
    case KUBE_DENIED:
    case KUBE_NO_CREDENTIALS:
        return ERR_DENIED;
    case KUBE_NOT_FOUND:
        return ERR_NOT_FOUND;
    case KUBE_CONFLICT:
        return ERR_EXISTS;
    case KUBE_GONE:
        return ERR_GONE;
    case KUBE_INVALID:
        return ERR_INVALID;
    case KUBE_TOO_MANY:
        return ERR_BUSY;
    default:
        return ERR_PROTOCOL;
    }
}

static uint64_t seconds_to_ms(long long seconds)
{
    if (seconds <= 0)
        return 0;
    return seconds > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : (uint64_t)seconds * 1000;
}

static uint64_t retry_after(const struct http_result *result, const struct json *status)
{
    const char *header = result->headers != NULL ? http_headers_find(result->headers, "retry-after") : NULL;
    uint64_t delay = header != NULL ? seconds_to_ms(strtoll(header, NULL, 10)) : 0;
    if (delay == 0)
        delay = seconds_to_ms(json_integer(json_find_path(status, "details.retryAfterSeconds"), 0));
    return delay;
}

static void refuse(struct answer *answer, const char *method, const char *path, const struct http_result *result)
{
    AUTO(json) struct json *status = NULL;
    struct err unread = ERR_INIT;
    if (json_parse(result->body, result->body_length, &status, &unread) != 0)
        status = NULL;
    const char *reason = json_find_text(status, "reason");
    const char *message = json_find_text(status, "message");
    answer->reason = xstrdup(reason != NULL ? reason : "");
    answer->facts.failure = kube_failure_of(result->status, answer->reason);
    answer->facts.retry_after_ms = retry_after(result, status);
    err_set(&answer->err, code_of(answer->facts.failure), "%s %s: %d %s%s%s", method, path, result->status,
            kube_failure_text(answer->facts.failure), message != NULL ? ": " : "", message != NULL ? message : "");
}

void kube_answer_init(struct answer *answer, const char *method, const char *path, const struct http_result *result)
{
    *answer = (struct answer){.facts = {.status = result->status,
                                        .body = result->body != NULL ? result->body : "",
                                        .length = result->body_length}};
    answer->facts.err = &answer->err;
    bool cut = result->status == 0 || (result->err != NULL && result->err->code != 0);
    if (cut && (result->status == 0 || result->status < 300)) {
        bool ours = !err_may_retry(result->err->code) && result->status != 0;
        answer->facts.failure = ours ? KUBE_UNEXPECTED : KUBE_NO_ANSWER;
        answer->err = *result->err;
        err_wrap(&answer->err, "%s %s", method, path);
    } else if (kube_failure_of(result->status, NULL) != KUBE_OK) {
        refuse(answer, method, path, result);
    }
    answer->facts.reason = answer->reason != NULL ? answer->reason : "";
}

void kube_answer_init_failed(struct answer *answer, const char *method, const char *path, enum kube_failure failure,
                             const struct err *err)
{
    *answer = (struct answer){.facts = {.failure = failure, .body = "", .reason = ""}, .err = *err};
    answer->facts.err = &answer->err;
    err_wrap(&answer->err, "%s %s", method, path);
}

void kube_answer_done(struct answer *answer)
{
    free(answer->reason);
}
