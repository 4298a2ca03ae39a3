/* The general checks across fields: which of them must be set together, and what one implies for another. */
#include "entity_checks.h"

#include <string.h>

#include "schema_rules.h"

typedef void entity_check_fn(const struct json *object, const struct json *argument, struct json *errors);

void entity_checks_add(struct json *errors, const char *text)
{
    struct json *list = json_find(errors, "@entity");
    if (list == NULL) {
        list = json_new_array();
        json_set(errors, "@entity", list);
    }
    json_append(list, json_new_text(text));
}

static void add_named(struct json *errors, const char *format, const struct json *names)
{
    AUTO(text) char *quoted = schema_quote_names(names);
    AUTO(text) char *text = xasprintf("%s: %s", format, quoted);
    entity_checks_add(errors, text);
}

static bool is_set(const struct json *object, const char *path)
{
    const struct json *value = json_find_path(object, path);
    switch (json_type(value)) {
    case JSON_NULL:
        return false;
    case JSON_STRING:
        return json_text(value)[0] != '\0';
    case JSON_ARRAY:
    case JSON_OBJECT:
        return json_first(value) != NULL;
    default:
        return true;
    }
}

static size_t count_set(const struct json *object, const struct json *names)
{
    size_t count = 0;
    json_each (name, names)
        count += is_set(object, json_text(name)) ? 1 : 0;
    return count;
}

static void at_least_one_of(const struct json *object, const struct json *argument, struct json *errors)
{
    if (count_set(object, argument) == 0)
        add_named(errors, "at least one of these fields must be non-empty", argument);
}

static void only_one_of(const struct json *object, const struct json *argument, struct json *errors)
{
    if (count_set(object, argument) != 1)
        add_named(errors, "exactly one of these fields must be non-empty", argument);
}

static void mutually_exclusive(const struct json *object, const struct json *argument, struct json *errors)
{
    if (count_set(object, argument) > 1)
        add_named(errors, "only one or none of these fields must be set", argument);
}

static void mutually_required(const struct json *object, const struct json *argument, struct json *errors)
{
    size_t count = count_set(object, argument);
    if (count != 0 && count != json_count(argument))
        add_named(errors, "all or none of these fields must be set", argument);
}

static void distinct(const struct json *object, const struct json *argument, struct json *errors)
{
    json_each (left, argument) {
        for (const struct json *right = json_after(left); right != NULL; right = json_after(right)) {
            const struct json *value = json_find_path(object, json_text(left));
            if (json_type(value) != JSON_NULL && json_equal(value, json_find_path(object, json_text(right)))) {
                add_named(errors, "values of these fields must be distinct", argument);
                return;
            }
        }
    }
}

static void conditional_at_least_one_of(const struct json *object, const struct json *argument, struct json *errors)
{
    const struct json *value = json_find_path(object, json_find_text(argument, "if_field"));
    const struct json *names = json_find(argument, "then_at_least_one_of");
    if (json_type(value) == JSON_NULL || count_set(object, names) != 0)
        return;
    AUTO(text) char *unlike = schema_rules_check(json_find(argument, "if_match"), value);
    if (unlike != NULL)
        return;
    const char *own = json_find_text(argument, "then_err");
    const char *place = own != NULL ? strstr(own, "%s") : NULL;
    if (place == NULL) {
        add_named(errors, "at least one of these fields must be non-empty", names);
        return;
    }
    AUTO(text) char *quoted = schema_quote_names(names);
    AUTO(text) char *text = xasprintf("%.*s%s%s", (int)(place - own), own, quoted, place + 2);
    entity_checks_add(errors, text);
}

static const struct {
    const char *name;
    entity_check_fn *check;
} checks[] = {
    {"at_least_one_of", at_least_one_of},
    {"only_one_of", only_one_of},
    {"mutually_exclusive", mutually_exclusive},
    {"mutually_required", mutually_required},
    {"distinct", distinct},
    {"conditional_at_least_one_of", conditional_at_least_one_of},
};

void entity_checks_run(const struct json *check, const struct json *object, struct json *errors)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        if (strcmp(checks[i].name, json_name(check)) == 0)
            checks[i].check(object, check, errors);
    }
}
