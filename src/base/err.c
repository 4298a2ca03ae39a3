/* Error texts: one sentence, context in front, never longer than its buffer. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static void mark_cut(struct err *err, int length)
{
    static const char cut[] = "…";
    if (length < (int)sizeof(err->text))
        return;
    char *at = err->text + sizeof(err->text) - sizeof(cut);
    while (at > err->text && (*at & 0xc0) == 0x80) /* within a character */
        at--;
    memcpy(at, cut, sizeof(cut));
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(err->text, sizeof(err->text), format, arguments);
    va_end(arguments);
    mark_cut(err, length);
    err->code = -(int)code;
    return err->code;
}

int err_wrap(struct err *err, const char *format, ...)
{
    char front[ERR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(front, sizeof(front), format, arguments);
    va_end(arguments);

    struct err old = *err;
    int length = snprintf(err->text, sizeof(err->text), "%s: %s", front, old.text);
    mark_cut(err, length);
    return err->code;
}

bool err_is(int rc, enum err_code code)
{
    return rc == -(int)code;
}

bool err_may_retry(int rc)
{
    switch (-rc) {
#define X(code, retry, text)                                                                                           \
    case code:                                                                                                         \
        return retry;
        ERR_LIST(X)
#undef X
    default:
        return false;
    }
}

const char *err_name(int rc)
{
    switch (-rc) {
#define X(code, retry, text)                                                                                           \
    case code:                                                                                                         \
        return #code;
        ERR_LIST(X)
#undef X
    default:
        return "ERR_NONE";
    }
}
