/* Decides what a value of the database is in JSON. */
#include "value.h"

#include <string.h>
#include <time.h>

static const struct {
    const char *name;
    enum value_sort sort;
} types[] = {
    {"bool", VALUE_TRUTH},     {"float4", VALUE_NUMBER},  {"float8", VALUE_NUMBER},    {"int2", VALUE_NUMBER},
    {"int4", VALUE_NUMBER},    {"int8", VALUE_NUMBER},    {"json", VALUE_JSON},        {"jsonb", VALUE_JSON},
    {"numeric", VALUE_NUMBER}, {"timestamp", VALUE_TIME}, {"timestamptz", VALUE_TIME},
};

struct value_type value_type_of(const char *name)
{
    struct value_type type = {VALUE_TEXT, name[0] == '_'};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (strcmp(types[i].name, name + (type.array ? 1 : 0)) == 0)
            type.sort = types[i].sort;
    return type;
}

static int read_number(const char *text, size_t length, struct json **ret_value, struct err *err)
{
    char *end = NULL;
    bool plain = length > 0 && strspn(text, "0123456789+-.eE") == length;
    double number = plain ? strtod(text, &end) : 0;
    if (!plain || end != text + length || number - number != 0)
        return err_set(err, ERR_PROTOCOL, "a number is none");
    *ret_value = json_new_number(number);
    return 0;
}

/* Exactly `digits` of them, or -1. */
static int take_digits(const char **at, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        number = number * 10 + (**at - '0');
    }
    return number;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* "+00", "+05:30", "-03:30:15"; nothing is UTC.  False when it is something else. */
static bool take_zone(const char **at, int *ret_seconds)
{
    *ret_seconds = 0;
    if (**at != '+' && **at != '-')
        return true;
    int sign = *(*at)++ == '-' ? -1 : 1;
    for (int unit = 3600; unit > 0; unit /= 60) {
        int part = take_digits(at, 2);
        if (part < 0)
            return false;
        *ret_seconds += sign * part * unit;
        if (!take_char(at, ':'))
            break;
    }
    return true;
}

/* "2026-11-23 14:34:10.926+00"; a time without an end is shown as none. */
static int read_time(const char *text, struct json **ret_value, struct err *err)
{
    if (strcmp(text, "infinity") == 0 || strcmp(text, "-infinity") == 0) {
        *ret_value = json_new_null();
        return 0;
    }
    struct tm parts = {0};
    const char *at = text;
    int zone = 0;
    bool good = (parts.tm_year = take_digits(&at, 4) - 1900) > -1901 && take_char(&at, '-') &&
                (parts.tm_mon = take_digits(&at, 2) - 1) >= 0 && take_char(&at, '-') &&
                (parts.tm_mday = take_digits(&at, 2)) > 0 && take_char(&at, ' ') &&
                (parts.tm_hour = take_digits(&at, 2)) >= 0 && take_char(&at, ':') &&
                (parts.tm_min = take_digits(&at, 2)) >= 0 && take_char(&at, ':') &&
                (parts.tm_sec = take_digits(&at, 2)) >= 0;
    double fraction = 0, scale = 1;
    if (good && take_char(&at, '.'))
        for (; *at >= '0' && *at <= '9' && scale < 1e6; at++) {
            scale *= 10;
            fraction = fraction * 10 + (*at - '0');
        }
    if (!good || !take_zone(&at, &zone) || *at != '\0')
        return err_set(err, ERR_PROTOCOL, "a time is none");
    *ret_value = json_new_number((double)(timegm(&parts) - zone) + fraction / scale);
    return 0;
}

static int read_scalar(enum value_sort sort, const char *text, size_t length, struct json **ret_value, struct err *err)
{
    switch (sort) {
    case VALUE_NUMBER:
        return read_number(text, length, ret_value, err);
    case VALUE_TRUTH:
        if (length != 1 || (text[0] != 't' && text[0] != 'f'))
            return err_set(err, ERR_PROTOCOL, "a truth value is none");
        *ret_value = json_new_bool(text[0] == 't');
        return 0;
    case VALUE_JSON:
        return json_parse(text, length, ret_value, err);
    case VALUE_TIME:
        return read_time(text, ret_value, err);
    default:
        if (strlen(text) != length)
            return err_set(err, ERR_PROTOCOL, "a text holds a NUL");
        *ret_value = json_new_text(text);
        return 0;
    }
}

struct reading {
    const char *at;
    enum value_sort sort;
    int depth;
    struct buf element;
};

static int broken_array(struct err *err)
{
    return err_set(err, ERR_PROTOCOL, "an array is broken");
}

/* An element up to its delimiter, without its quotes and backslashes. */
static bool take_element(struct reading *reading, bool *ret_quoted)
{
    const char *at = reading->at;
    buf_clear(&reading->element);
    *ret_quoted = *at == '"';
    if (*ret_quoted)
        at++;
    while (*at != '\0' && (*ret_quoted ? *at != '"' : strchr(",{}\"", *at) == NULL)) {
        if (*at == '\\' && *++at == '\0')
            return false;
        buf_append_char(&reading->element, *at++);
    }
    if (*ret_quoted && *at++ != '"')
        return false;
    reading->at = at;
    return *ret_quoted || reading->element.length > 0;
}

static int read_element(struct reading *reading, struct json **ret_value, struct err *err)
{
    bool quoted;
    if (!take_element(reading, &quoted))
        return broken_array(err);
    if (!quoted && strcmp(buf_text(&reading->element), "NULL") == 0) {
        *ret_value = json_new_null();
        return 0;
    }
    return read_scalar(reading->sort, buf_text(&reading->element), reading->element.length, ret_value, err);
}

/* `reading->at` stands behind the opening brace, and then behind the closing one. */
static int read_elements(struct reading *reading, struct json *array, struct err *err)
{
    if (take_char(&reading->at, '}'))
        return 0;
    do {
        AUTO(json) struct json *value = NULL;
        int rc = 0;
        if (take_char(&reading->at, '{')) {
            value = json_new_array();
            rc = ++reading->depth < VALUE_DIMENSIONS_MAX ? read_elements(reading, value, err) : broken_array(err);
            reading->depth--;
        } else {
            rc = read_element(reading, &value, err);
        }
        if (rc != 0)
            return rc;
        json_append(array, TAKE(value));
    } while (take_char(&reading->at, ','));
    return take_char(&reading->at, '}') ? 0 : broken_array(err);
}

static int read_array(enum value_sort sort, const char *text, size_t length, struct json **ret_value, struct err *err)
{
    struct reading reading = {.at = text, .sort = sort, .element = BUF_OWN};
    if (text[0] == '[') { /* "[0:1]={a,b}": bounds that are not the usual ones */
        const char *brace = strchr(text, '=');
        reading.at = brace != NULL ? brace + 1 : text;
    }
    if (!take_char(&reading.at, '{'))
        return broken_array(err);
    struct json *array = json_new_array();
    int rc = read_elements(&reading, array, err);
    if (rc == 0 && reading.at != text + length)
        rc = broken_array(err);
    buf_done(&reading.element);
    if (rc == 0)
        *ret_value = array;
    else
        json_free(array);
    return rc;
}

int value_read(struct value_type type, const char *text, size_t length, struct json **ret_value, struct err *err)
{
    return type.array ? read_array(type.sort, text, length, ret_value, err)
                      : read_scalar(type.sort, text, length, ret_value, err);
}

void value_print_list(const char *const *items, size_t count, struct buf *out)
{
    buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, i > 0 ? ",\"" : "\"");
        for (const char *at = items[i]; *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                buf_append_char(out, '\\');
            buf_append_char(out, *at);
        }
        buf_append_char(out, '"');
    }
    buf_append_char(out, '}');
}
