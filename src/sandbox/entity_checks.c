/* The general checks across fields: which of them must be set together, and what one implies for another. */
#include "entity_checks.h"

#include <string.h>

#include "schema_rules.h"

typedef void entity_check_fn(const struct schema_fields *fields, struct json *object, const struct json *argument,
                             struct json *errors);

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

static void at_least_one_of(const struct schema_fields *fields, struct json *object, const struct json *argument,
                            struct json *errors)
{
    (void)fields;
    if (count_set(object, argument) == 0)
        add_named(errors, "at least one of these fields must be non-empty", argument);
}

static void only_one_of(const struct schema_fields *fields, struct json *object, const struct json *argument,
                        struct json *errors)
{
    (void)fields;
    if (count_set(object, argument) != 1)
        add_named(errors, "exactly one of these fields must be non-empty", argument);
}

static void mutually_exclusive(const struct schema_fields *fields, struct json *object, const struct json *argument,
                               struct json *errors)
{
    (void)fields;
    if (count_set(object, argument) > 1)
        add_named(errors, "only one or none of these fields must be set", argument);
}

static void mutually_required(const struct schema_fields *fields, struct json *object, const struct json *argument,
                              struct json *errors)
{
    (void)fields;
    size_t count = count_set(object, argument);
    if (count != 0 && count != json_count(argument))
        add_named(errors, "all or none of these fields must be set", argument);
}

static void distinct(const struct schema_fields *fields, struct json *object, const struct json *argument,
                     struct json *errors)
{
    (void)fields;
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

static void set_error(struct json *errors, const char *path, struct json *error)
{
    const char *dot;
    while ((dot = strchr(path, '.')) != NULL) {
        AUTO(text) char *name = xstrndup(path, (size_t)(dot - path));
        struct json *inner = json_find(errors, name);
        if (!json_is(inner, JSON_OBJECT)) {
            inner = json_new_object();
            json_set(errors, name, inner);
        }
        errors = inner;
        path = dot + 1;
    }
    json_set(errors, path, error);
}

static struct json *then_fault(const struct schema_fields *fields, struct json *object, const struct json *argument)
{
    const char *path = json_find_text(argument, "then_field");
    struct json *value = json_find_path(object, path);
    AUTO(text) char *text = schema_rules_check(json_find(argument, "then_match"), value);
    if (text != NULL)
        return json_new_text(text);
    const struct schema_field *field = schema_find_path(fields, path);
    return field != NULL ? schema_validate_value(field, value) : NULL;
}

static void conditional(const struct schema_fields *fields, struct json *object, const struct json *argument,
                        struct json *errors)
{
    const char *if_field = json_find_text(argument, "if_field");
    const struct json *value = json_find_path(object, if_field);
    if (json_type(value) == JSON_NULL)
        return;
    AUTO(text) char *unlike = schema_rules_check(json_find(argument, "if_match"), value);
    if (unlike != NULL)
        return;
    struct json *fault = then_fault(fields, object, argument);
    if (fault == NULL)
        return;
    set_error(errors, json_find_text(argument, "then_field"), fault);
    const char *own = json_find_text(argument, "then_err");
    AUTO(text)
    char *text =
        own != NULL ? xstrdup(own) : xasprintf("failed conditional validation given value of field '%s'", if_field);
    entity_checks_add(errors, text);
}

static void conditional_at_least_one_of(const struct schema_fields *fields, struct json *object,
                                        const struct json *argument, struct json *errors)
{
    (void)fields;
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
    {"conditional", conditional},
    {"conditional_at_least_one_of", conditional_at_least_one_of},
};

void entity_checks_run(const struct schema_fields *fields, struct json *object, struct json *errors)
{
    json_each (entry, fields->entity_checks) {
        const struct json *argument = json_first(entry);
        for (size_t i = 0; i < COUNT_OF(checks); i++) {
            if (strcmp(checks[i].name, json_name(argument)) == 0)
                checks[i].check(fields, object, argument, errors);
        }
    }
}
