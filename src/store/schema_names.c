/* Read by hand: every object has several. */
#include "schema_names.h"

#include <string.h>

#include "base/alloc.h"

#define LABEL_MAX     63
#define SUBDOMAIN_MAX 253

static bool is_lower(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_word(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool is_dns_label(const char *text, size_t length, size_t most)
{
    if (length == 0 || length > most || !is_lower(text[0]) || !is_lower(text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_lower(text[i]) && text[i] != '-')
            return false;
    }
    return true;
}

static bool is_subdomain(const char *text, size_t length)
{
    if (length > SUBDOMAIN_MAX)
        return false;
    for (;;) {
        const char *dot = memchr(text, '.', length);
        size_t size = dot != NULL ? (size_t)(dot - text) : length;
        if (!is_dns_label(text, size, SUBDOMAIN_MAX))
            return false;
        if (dot == NULL)
            return true;
        text += size + 1;
        length -= size + 1;
    }
}

static bool is_host(const char *text, size_t length)
{
    bool wildcard = length > 2 && memcmp(text, "*.", 2) == 0;
    return length == 0 || is_subdomain(text + (wildcard ? 2 : 0), length - (wildcard ? 2 : 0));
}

/* Letters and digits at both ends, between them also `others`. */
static bool is_words(const char *text, size_t length, size_t most, const char *others)
{
    if (length == 0 || length > most || !is_word(text[0]) || !is_word(text[length - 1]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_word(text[i]) && memchr(others, text[i], strlen(others)) == NULL)
            return false;
    }
    return true;
}

static bool is_label_value(const char *text, size_t length)
{
    return length == 0 || is_words(text, length, LABEL_MAX, "-_.");
}

/* In front of the slash annotations may have capitals. */
static bool is_qualified_name(const char *text, size_t length)
{
    const char *slash = memchr(text, '/', length);
    if (slash == NULL)
        return is_words(text, length, LABEL_MAX, "-_.");
    size_t size = (size_t)(slash - text);
    return is_words(text, size, SUBDOMAIN_MAX, "-.") && is_words(slash + 1, length - size - 1, LABEL_MAX, "-_.");
}

static bool are_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

/* 2026-01-31T23:59:59Z, with a fraction and an offset as RFC 3339 has them. */
static bool is_time(const char *text, size_t length)
{
    static const char form[] = "0000-00-00T00:00:00";
    size_t at = sizeof(form) - 1;
    if (length <= at)
        return false;
    for (size_t i = 0; i < at; i++) {
        if (form[i] == '0' ? !are_digits(text + i, 1) : text[i] != form[i])
            return false;
    }
    if (text[at] == '.') {
        size_t start = ++at;
        while (at < length && are_digits(text + at, 1))
            at++;
        if (at == start)
            return false;
    }
    if (at + 1 == length)
        return text[at] == 'Z';
    return at + 6 == length && (text[at] == '+' || text[at] == '-') && are_digits(text + at + 1, 2) &&
           text[at + 3] == ':' && are_digits(text + at + 4, 2);
}

static const bool BASE64[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['+'] = true, ['/'] = true};

/* As Go's encoding/base64 takes it: line ends anywhere, padding at the end. */
static bool is_base64(const char *text, size_t length)
{
    size_t count = 0, padding = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (BASE64[c] && padding == 0) {
            count++;
            continue;
        }
        if (c == '=')
            padding++;
        else if (c != '\n' && c != '\r')
            return false;
    }
    return (count + padding) % 4 == 0 && padding <= 2;
}

bool schema_names_fit(enum schema_format format, const char *text, size_t length)
{
    switch (format) {
    case SCHEMA_BASE64:
        return is_base64(text, length);
    case SCHEMA_TIME:
        return is_time(text, length);
    case SCHEMA_SUBDOMAIN:
        return is_subdomain(text, length);
    case SCHEMA_DNS_LABEL:
        return is_dns_label(text, length, LABEL_MAX);
    case SCHEMA_HOST:
        return is_host(text, length);
    case SCHEMA_LABEL_VALUE:
        return is_label_value(text, length);
    case SCHEMA_QUALIFIED_NAMES:
        return is_qualified_name(text, length);
    case SCHEMA_NO_FORMAT:
        break;
    }
    return true;
}

const char *schema_names_expected(enum schema_format format)
{
    static const char *const texts[] = {
        [SCHEMA_NO_FORMAT] = "anything",
        [SCHEMA_BASE64] = "base64",
        [SCHEMA_TIME] = "a time such as 2026-01-31T23:59:59Z",
        [SCHEMA_SUBDOMAIN] = "at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends",
        [SCHEMA_DNS_LABEL] = "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
        [SCHEMA_HOST] = "a host name in lower case, which may begin with '*.'",
        [SCHEMA_LABEL_VALUE] = "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
        [SCHEMA_QUALIFIED_NAMES] = "a name such as example.com/some-name",
    };
    return texts[format];
}
