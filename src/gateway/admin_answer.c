/* Decides what Kong's answers mean: status, error code and fields to a class. */
#include "admin_answer.h"

#include <stdlib.h>
#include <strings.h>

/* Kong's error numbers */
enum { CODE_PRIMARY_KEY = 3, CODE_FOREIGN_KEY = 4, CODE_UNIQUE = 5, CODE_FOREIGN_NAME = 13, CODE_CA_IN_USE = 19 };

#define RETRY_AFTER_MAX_S 300 /* a gateway cannot make us wait longer */

static enum kong_class class_of_error(const struct kong_answer *answer)
{
    const char *name = json_find_text(answer->body, "name");
    switch (answer->code) {
    case CODE_PRIMARY_KEY:
        return name != NULL && strstr(name, "primary") != NULL ? KONG_TAKEN : KONG_NO_REFERENCE;
    case CODE_FOREIGN_KEY:
    case CODE_FOREIGN_NAME:
    case CODE_CA_IN_USE:
        return KONG_NO_REFERENCE;
    case CODE_UNIQUE:
        return KONG_TAKEN;
    default:
        break;
    }
    /* Certificates tell a taken SNI as a schema violation. */
    const char *snis = json_text(json_find_path(answer->body, "fields.snis"));
    if (snis != NULL && strstr(snis, "already associated") != NULL)
        return KONG_TAKEN;
    return answer->status == 409 ? KONG_TAKEN : KONG_REFUSED;
}

static enum kong_class class_of(const struct kong_answer *answer, const struct http_result *result)
{
    int status = answer->status;
    if (status == 0) /* a handshake that failed is the one case in which nothing can have been done */
        return result->err != NULL && err_is(result->err->code, ERR_TLS) ? KONG_UNAVAILABLE : KONG_UNSURE;
    if (status >= 200 && status < 300)
        return result->err != NULL && result->err->code != 0 ? KONG_UNSURE : KONG_DONE;
    if (status >= 500 || status == 429 || status == 408)
        return KONG_UNAVAILABLE;
    if (status == 401 || status == 403)
        return KONG_DENIED;
    if (status == 404)
        return KONG_MISSING;
    if (status < 400)
        return KONG_REFUSED; /* redirects are not followed: a token must not leave for another host */
    return class_of_error(answer);
}

static uint64_t retry_after_ms(const struct http_result *result)
{
    const char *value = result->headers != NULL ? http_headers_find(result->headers, "Retry-After") : NULL;
    if (value == NULL)
        return 0;
    unsigned long seconds = strtoul(value, NULL, 10);
    return (seconds < RETRY_AFTER_MAX_S ? seconds : RETRY_AFTER_MAX_S) * 1000;
}

void admin_answer_read(const struct http_result *result, struct kong_answer *ret_answer, struct json **ret_body,
                       struct buf *ret_message)
{
    struct err err = ERR_INIT;
    *ret_body = NULL;
    *ret_answer = (struct kong_answer){.status = result->status, .took_us = result->took_us, .message = ""};
    if (result->status != 0 && result->body_length > 0 &&
        json_parse(result->body, result->body_length, ret_body, &err) < 0)
        *ret_body = NULL;
    ret_answer->body = *ret_body;
    if (result->status >= 400)
        ret_answer->code = (int)json_integer(json_find(*ret_body, "code"), 0);
    ret_answer->retry_after_ms = retry_after_ms(result);
    ret_answer->class = class_of(ret_answer, result);
    if (ret_answer->class == KONG_DONE)
        return;

    const char *message = json_find_text(*ret_body, "message");
    if (result->status == 0)
        buf_append_text(ret_message, result->err != NULL ? result->err->text : "no answer");
    else if (message != NULL)
        buf_printf(ret_message, "HTTP status %d: %.*s", result->status, KONG_MESSAGE_LIMIT, message);
    else
        buf_printf(ret_message, "HTTP status %d", result->status);
    ret_answer->message = buf_text(ret_message);
}
