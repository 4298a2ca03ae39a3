/* Plain scalars as Kubernetes reads them: YAML 1.1's booleans and numbers, without dates and numbers of base 60. */
#include "yaml_scalar.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"

#define NUMBER_MAX 64

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
    return length > 0 && digits(text, length, 0) == length;
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

/* The base that a number without its sign says it has, and where its digits begin. */
static int base_of(const char *text, size_t *ret_start)
{
    *ret_start = 2;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return 16;
    if (text[0] == '0' && (text[1] == 'o' || text[1] == 'O'))
        return 8;
    if (text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))
        return 2;
    *ret_start = text[0] == '0' && text[1] != '\0';
    return *ret_start == 1 ? 8 : 10;
}

/* 0x1f, 0o17, 017 and 0b11 */
static bool read_based(const char *text, double *ret_value)
{
    bool negative = text[0] == '-';
    text += text[0] == '-' || text[0] == '+';
    size_t start;
    int base = base_of(text, &start);
    if (base == 10 || !isxdigit((unsigned char)text[start]))
        return false;
    char *end;
    double value = (double)strtoull(text + start, &end, base);
    *ret_value = negative ? -value : value;
    return *end == '\0';
}

/* A number, whose digits may be set apart with underscores unless it begins with a dot. */
static bool read_number(const char *text, size_t length, double *ret_value)
{
    char number[NUMBER_MAX];
    size_t count = 0;
    if (length >= sizeof(number))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '_' || text[0] == '.')
            number[count++] = text[i];
    }
    number[count] = '\0';
    if (read_based(number, ret_value))
        return true;
    size_t sign = number[0] == '-' || number[0] == '+';
    if (!is_integer(number + sign, count - sign) && !is_float(number, count))
        return false;
    *ret_value = strtod(number, NULL);
    return true;
}

static const char *const NULLS[] = {"~", "null", "Null", "NULL", "", NULL};
static const char *const TRUES[] = {"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", NULL};
static const char *const FALSES[] = {"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", NULL};

/* Most texts show at their first character that they are nothing else. */
static bool may_be_special(const char *text, size_t length)
{
    return length == 0 || memchr("~nNtTfFyYoO0123456789+-.", text[0], 24) != NULL;
}

void yaml_scalar_print(const char *text, size_t length, struct buf *out)
{
    double number;
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
    } else if ((isdigit((unsigned char)text[0]) || strchr("+-.", text[0]) != NULL) &&
               read_number(text, length, &number)) {
        json_print_number(number, out);
    } else {
        json_print_string(text, length, out);
    }
}

void yaml_scalar_print_key(const char *text, size_t length, struct buf *out)
{
    struct buf value = BUF_OWN;
    yaml_scalar_print(text, length, &value);
    if (value.length != 0 && value.data[0] != '"')
        json_print_string(value.data, value.length, out);
    else
        json_print_string(text, length, out);
    buf_done(&value);
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
