/* What each rule of a schema field (between, one_of, match …) says about a value, in Kong's words. */
#include "schema_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "lua/match.h"
#include "regex_check.h"

static char *number_text(double number)
{
    struct buf text = BUF_OWN;
    json_print_number(number, &text);
    return buf_take(&text);
}

static char *list_text(const struct json *list, const char *before, const char *after)
{
    struct buf text = BUF_OWN;
    json_each (item, list) {
        if (text.length != 0)
            buf_append_text(&text, ", ");
        buf_append_text(&text, before);
        if (json_text(item) != NULL)
            buf_append_text(&text, json_text(item));
        else
            json_print(item, &text);
        buf_append_text(&text, after);
    }
    return buf_take(&text);
}

char *schema_quote_names(const struct json *names)
{
    return list_text(names, "'", "'");
}

static size_t length_of(const struct json *value)
{
    return json_text(value) != NULL ? strlen(json_text(value)) : json_count(value);
}

static bool list_has(const struct json *list, const struct json *value)
{
    json_each (item, list) {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

static char *check_between(const struct json *argument, const struct json *value)
{
    double low = json_number(json_at(argument, 0), 0);
    double high = json_number(json_at(argument, 1), 0);
    double number = json_number(value, low);
    if (number >= low && number <= high)
        return NULL;
    char *low_text = number_text(low);
    char *high_text = number_text(high);
    char *text = xasprintf("value should be between %s and %s", low_text, high_text);
    free(low_text);
    free(high_text);
    return text;
}

static char *check_gt(const struct json *argument, const struct json *value)
{
    if (json_number(value, INFINITY) > json_number(argument, 0))
        return NULL;
    char *limit = number_text(json_number(argument, 0));
    char *text = xasprintf("value must be greater than %s", limit);
    free(limit);
    return text;
}

static char *check_eq(const struct json *argument, const struct json *value)
{
    if (json_equal(argument, value))
        return NULL;
    if (json_type(argument) == JSON_NULL)
        return xstrdup("value must be null");
    AUTO(text) char *wanted = json_text(argument) != NULL ? xstrdup(json_text(argument)) : json_print_text(argument);
    return xasprintf("value must be %s", wanted);
}

static char *check_one_of(const struct json *argument, const struct json *value)
{
    if (list_has(argument, value))
        return NULL;
    AUTO(text) char *names = list_text(argument, "", "");
    return xasprintf("expected one of: %s", names);
}

static char *check_not_one_of(const struct json *argument, const struct json *value)
{
    if (!list_has(argument, value))
        return NULL;
    AUTO(text) char *names = list_text(argument, "", "");
    return xasprintf("must not be one of: %s", names);
}

static char *check_contains(const struct json *argument, const struct json *value)
{
    if (list_has(value, argument))
        return NULL;
    return xasprintf("expected to contain: %s", json_text(argument) != NULL ? json_text(argument) : "");
}

static char *check_len_min(const struct json *argument, const struct json *value)
{
    int64_t limit = json_integer(argument, 0);
    return (int64_t)length_of(value) >= limit ? NULL : xasprintf("length must be at least %d", (int)limit);
}

static char *check_len_max(const struct json *argument, const struct json *value)
{
    int64_t limit = json_integer(argument, 0);
    return (int64_t)length_of(value) <= limit ? NULL : xasprintf("length must be at most %d", (int)limit);
}

static char *check_len_eq(const struct json *argument, const struct json *value)
{
    int64_t wanted = json_integer(argument, 0);
    if (json_type(value) == JSON_NULL)
        return NULL;
    return (int64_t)length_of(value) == wanted ? NULL : xasprintf("length must be %d", (int)wanted);
}

static char *check_match(const struct json *argument, const struct json *value)
{
    const char *text = json_text(value);
    return text == NULL || pattern_fits(json_text(argument), text) ? NULL : xasprintf("invalid value: %s", text);
}

static char *own_text(const struct json *rule, const char *value)
{
    const char *text = json_find_text(rule, "err");
    return text != NULL ? xstrdup(text) : xasprintf("invalid value: %s", value);
}

static char *check_match_all(const struct json *argument, const struct json *value)
{
    const char *text = json_text(value);
    json_each (rule, argument) {
        if (text != NULL && !pattern_fits(json_find_text(rule, "pattern"), text))
            return own_text(rule, text);
    }
    return NULL;
}

static char *check_match_none(const struct json *argument, const struct json *value)
{
    const char *text = json_text(value);
    json_each (rule, argument) {
        if (text != NULL && pattern_fits(json_find_text(rule, "pattern"), text))
            return own_text(rule, text);
    }
    return NULL;
}

static char *check_match_any(const struct json *argument, const struct json *value)
{
    const char *text = json_text(value);
    if (text == NULL)
        return NULL;
    json_each (pattern, json_find(argument, "patterns")) {
        if (pattern_fits(json_text(pattern), text))
            return NULL;
    }
    return own_text(argument, text);
}

static char *check_starts_with(const struct json *argument, const struct json *value)
{
    const char *start = json_text(argument);
    const char *text = json_text(value);
    return text == NULL || strncmp(text, start, strlen(start)) == 0 ? NULL : xasprintf("should start with: %s", start);
}

static char *check_uuid(const struct json *argument, const struct json *value)
{
    const char *text = json_text(value);
    if (!json_truth(argument, false) || text == NULL || hash_uuid_valid(text))
        return NULL;
    return xstrdup("expected a valid UUID");
}

static char *check_timestamp(const struct json *argument, const struct json *value)
{
    return !json_truth(argument, false) || json_number(value, 1) > 0 ? NULL : xstrdup("value must be greater than 0");
}

static char *check_is_regex(const struct json *argument, const struct json *value)
{
    struct regex_fault fault;
    const char *text = json_text(value);
    if (!json_truth(argument, false) || text == NULL || regex_check(text, &fault))
        return NULL;
    return xasprintf("not a valid regex: %s", text);
}

static const struct json *subset_of(const struct json *subsets, const struct json *value)
{
    json_each (subset, subsets) {
        if (list_has(subset, value))
            return subset;
    }
    return NULL;
}

static char *check_subsets(const struct json *argument, const struct json *value)
{
    const struct json *seen[8];
    size_t count = 0;
    json_each (item, value) {
        const struct json *subset = subset_of(argument, item);
        bool known = subset == NULL;
        for (size_t i = 0; i < count; i++)
            known = known || seen[i] == subset;
        if (!known && count < COUNT_OF(seen))
            seen[count++] = subset;
    }
    if (count < 2)
        return NULL;
    struct buf text = BUF_OWN;
    for (size_t i = 0; i < count; i++) {
        AUTO(text) char *names = schema_quote_names(seen[i]);
        buf_printf(&text, "%s(%s)", i != 0 ? ", " : "these sets are mutually exclusive: ", names);
    }
    return buf_take(&text);
}

static char *check_elements(const struct json *argument, const struct json *value)
{
    json_each (item, value) {
        char *text = schema_rules_check(argument, item);
        if (text != NULL)
            return text;
    }
    return NULL;
}

static char *check_required(const struct json *argument, const struct json *value)
{
    return json_truth(argument, false) && json_type(value) == JSON_NULL ? xstrdup("required field missing") : NULL;
}

/* In the order in which Kong asks. */
static const struct schema_rule rules[] = {
    {"required", check_required, true},
    {"eq", check_eq, true},
    {"gt", check_gt, false},
    {"timestamp", check_timestamp, false},
    {"between", check_between, false},
    {"len_eq", check_len_eq, false},
    {"len_min", check_len_min, false},
    {"len_max", check_len_max, false},
    {"starts_with", check_starts_with, false},
    {"one_of", check_one_of, false},
    {"not_one_of", check_not_one_of, false},
    {"contains", check_contains, false},
    {"is_regex", check_is_regex, false},
    {"uuid", check_uuid, false},
    {"match_none", check_match_none, false},
    {"match", check_match, false},
    {"match_all", check_match_all, false},
    {"match_any", check_match_any, false},
    {"mutually_exclusive_subsets", check_subsets, false},
    {"elements", check_elements, false},
};

const struct schema_rule *schema_rule_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    }
    return NULL;
}

char *schema_rules_check(const struct json *wanted, const struct json *value)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        const struct json *argument = json_find(wanted, rules[i].name);
        if (argument == NULL || (json_type(value) == JSON_NULL && !rules[i].on_null))
            continue;
        char *text = rules[i].check(argument, value);
        if (text != NULL)
            return text;
    }
    return NULL;
}
