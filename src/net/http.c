/* What client and server share: header lists and percent-encoding. */
#include "net/http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void http_headers_add(struct http_headers *headers, const char *name, const char *value)
{
    headers->items = xrealloc(headers->items, (headers->count + 1) * sizeof(*headers->items));
    headers->items[headers->count++] = (struct http_header){xstrdup(name), xstrdup(value)};
}

const char *http_headers_find(const struct http_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0)
            return headers->items[i].value;
    }
    return NULL;
}

void http_headers_done(struct http_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        free(headers->items[i].name);
        free(headers->items[i].value);
    }
    free(headers->items);
    *headers = (struct http_headers)HTTP_HEADERS_INIT;
}

/* Not isalnum(): what is unreserved does not depend on a locale. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

char *http_encode(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = xmalloc(strlen(text) * 3 + 1);
    char *to = encoded;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (is_unreserved(c)) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = digits[c >> 4];
        *to++ = digits[c & 15];
    }
    *to = '\0';
    return encoded;
}

static int digit_value(char digit)
{
    if (!isxdigit((unsigned char)digit))
        return -1;
    return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

bool http_decode(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = digit_value(from[1]);
        int low = high >= 0 ? digit_value(from[2]) : -1;
        if (low < 0 || high * 16 + low == 0)
            return false;
        *to++ = (char)(high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return true;
}
