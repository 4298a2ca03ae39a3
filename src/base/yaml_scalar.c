/* Plain scalars by the tables of the YAML 1.2 core schema (section 10.3.2). */
#include "yaml_scalar.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"

static bool is_one_of(const char *text, size_t length, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strlen(*words) == length && memcmp(*words, text, length) == 0)
            return true;
    }
    return false;
}

static size_t digits(const char *text, size_t length, size_t from)
{
    size_t at = from;
    while (at < length && isdigit((unsigned char)text[at]))
        at++;
    return at - from;
}

static bool is_integer(const char *text, size_t length)
{
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');
    return length > sign && digits(text, length, sign) == length - sign;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_float(const char *text, size_t length)
{
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t whole = digits(text, length, at);
    at += whole;
    if (at < length && text[at] == '.') {
        size_t fraction = digits(text, length, at + 1);
        if (whole == 0 && fraction == 0)
            return false;
        at += 1 + fraction;
    } else if (whole == 0) {
        return false;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < length && (text[at] == '-' || text[at] == '+');
        size_t exponent = digits(text, length, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == length;
}

/* 0o17 and 0x1f */
static bool is_based(const char *text, size_t length, int *ret_base)
{
    if (length < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x'))
        return false;
    *ret_base = text[1] == 'o' ? 8 : 16;
    for (size_t i = 2; i < length; i++) {
        if (*ret_base == 8 ? text[i] < '0' || text[i] > '7' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

static const char *const NULLS[] = {"~", "null", "Null", "NULL", "", NULL};
static const char *const TRUES[] = {"true", "True", "TRUE", NULL};
static const char *const FALSES[] = {"false", "False", "FALSE", NULL};

/* Most texts show at their first character that they are nothing else. */
static bool may_be_special(const char *text, size_t length)
{
    return length == 0 || memchr("~nNtTfF0123456789+-.", text[0], 20) != NULL;
}

void yaml_scalar_print(const char *text, size_t length, struct buf *out)
{
    int base = 10;
    if (!may_be_special(text, length)) {
        json_print_string(text, length, out);
        return;
    }
    if (is_one_of(text, length, NULLS)) {
        buf_append(out, "null", 4);
    } else if (is_one_of(text, length, TRUES)) {
        buf_append(out, "true", 4);
    } else if (is_one_of(text, length, FALSES)) {
        buf_append(out, "false", 5);
    } else if (length < 64 && is_based(text, length, &base)) {
        char digits_only[64];
        memcpy(digits_only, text + 2, length - 2);
        digits_only[length - 2] = '\0';
        json_print_number((double)strtoull(digits_only, NULL, base), out);
    } else if (length < 64 && (isdigit((unsigned char)text[0]) || strchr("+-.", text[0]) != NULL) &&
               (is_integer(text, length) || is_float(text, length))) {
        char number[64];
        memcpy(number, text, length);
        number[length] = '\0';
        json_print_number(strtod(number, NULL), out);
    } else {
        json_print_string(text, length, out);
    }
}

/* What YAML 1.1 readers take for booleans, and the core schema's floats that JSON has no number for. */
static const char *const WORDS[] = {"y",     "n",    "yes",  "no",   "on",    "off",   "true",
                                    "false", "null", ".inf", ".nan", "-.inf", "+.inf", NULL};

bool yaml_scalar_needs_quotes(const char *text, size_t length)
{
    if (length == 0 || length > 1024)
        return true;
    char first = text[0];
    if (!isalpha((unsigned char)first) && first != '/' && first != '_' && first != '(' && first != '^' && first != '$')
        return true;
    if (length <= 5) {
        char lower[8] = {0};
        for (size_t i = 0; i < length; i++)
            lower[i] = (char)tolower((unsigned char)text[i]);
        if (is_one_of(lower, length, WORDS))
            return true;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c >= 0x7f || c == '#' || c == '"' || c == '\\' || c == '\'')
            return true;
        if (c == ':' && (i + 1 == length || text[i + 1] == ' '))
            return true;
    }
    return text[length - 1] == ' ';
}
