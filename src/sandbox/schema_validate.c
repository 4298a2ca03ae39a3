/* Checks a filled-in body against its schema: types, rules, own checks, then the checks across fields. */
#include <math.h>
#include <string.h>

#include "entity_checks.h"
#include "schema.h"
#include "schema_rules.h"

static const char *type_fault(const struct schema_field *field, const struct json *value)
{
    enum json_type type = json_type(value);
    bool empty = json_first(value) == NULL; /* Lua has one empty table for {} and [] */
    switch (field->type) {
    case SCHEMA_STRING:
        return type == JSON_STRING ? NULL : "expected a string";
    case SCHEMA_NUMBER:
        return type == JSON_NUMBER ? NULL : "expected a number";
    case SCHEMA_INTEGER:
        return type == JSON_NUMBER && json_number(value, 0.5) == floor(json_number(value, 0.5)) ? NULL
                                                                                                : "expected an integer";
    case SCHEMA_BOOLEAN:
        return type == JSON_BOOL ? NULL : "expected a boolean";
    case SCHEMA_ARRAY:
        return type == JSON_ARRAY || (type == JSON_OBJECT && empty) ? NULL : "expected an array";
    case SCHEMA_SET:
        return type == JSON_ARRAY || (type == JSON_OBJECT && empty) ? NULL : "expected a set";
    case SCHEMA_MAP:
        return type == JSON_OBJECT || (type == JSON_ARRAY && empty) ? NULL : "expected a map";
    default:
        return type == JSON_OBJECT || (type == JSON_ARRAY && empty) ? NULL : "expected a record";
    }
}

static void drop_duplicates(struct json *set)
{
    size_t index = 0;
    for (struct json *item = json_first(set); item != NULL;) {
        struct json *next = json_after(item);
        bool seen = false;
        for (struct json *other = json_first(set); other != item && !seen; other = json_after(other))
            seen = json_equal(other, item);
        if (seen)
            json_remove_at(set, index);
        else
            index++;
        item = next;
    }
}

static struct json *validate_elements(const struct schema_field *field, struct json *list)
{
    struct json *errors = NULL;
    size_t index = 0;
    json_each (item, list) {
        struct json *error = schema_validate_value(field->elements, item);
        if (error != NULL) {
            errors = errors != NULL ? errors : json_new_array();
            for (size_t count = json_count(errors); count < index; count++)
                json_append(errors, json_new_null());
            json_append(errors, error);
        }
        index++;
    }
    return errors;
}

static struct json *validate_map(const struct schema_field *field, struct json *map)
{
    json_each (item, map) {
        struct json *error = NULL;
        if (field->keys != NULL) {
            AUTO(json) struct json *key = json_new_text(json_name(item));
            error = schema_validate_value(field->keys, key);
        }
        if (error == NULL && field->values != NULL)
            error = schema_validate_value(field->values, item);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static struct json *validate_reference(struct json *value)
{
    const struct json *id = json_find(value, "id");
    AUTO(json) struct json *wanted = json_new_bool(true);
    char *text = json_text(id) != NULL ? schema_rule_find("uuid")->check(wanted, id)
                                       : xstrdup(id != NULL ? "expected a string" : "required field missing");
    if (text == NULL)
        return NULL;
    struct json *error = json_new_object();
    json_set_text(error, "id", text);
    free(text);
    return error;
}

static struct json *validate_parts(const struct schema_field *field, struct json *value)
{
    switch (field->type) {
    case SCHEMA_SET:
    case SCHEMA_ARRAY: {
        struct json *errors = field->elements != NULL ? validate_elements(field, value) : NULL;
        if (errors == NULL && field->type == SCHEMA_SET)
            drop_duplicates(value);
        return errors;
    }
    case SCHEMA_MAP:
        return validate_map(field, value);
    case SCHEMA_RECORD:
        return schema_validate(&field->fields, value);
    case SCHEMA_FOREIGN:
        return validate_reference(value);
    default:
        return NULL;
    }
}

static struct json *taken_text(const struct schema_field *field, char *text)
{
    struct json *error = json_new_text(field->err != NULL ? field->err : text);
    free(text);
    return error;
}

static bool is_vault_reference(const struct schema_field *field, const struct json *value)
{
    const char *text = json_text(value);
    return field->referenceable && text != NULL && strncmp(text, "{vault://", 9) == 0 && text[strlen(text) - 1] == '}';
}

struct json *schema_validate_value(const struct schema_field *field, struct json *value)
{
    if (json_type(value) == JSON_NULL)
        return field->required ? json_new_text("required field missing") : NULL;
    for (size_t i = 0; i < field->rule_count; i++) {
        const struct schema_bound_rule *bound = &field->rules[i];
        if (bound->rule->on_null) {
            char *text = bound->rule->check(bound->argument, value);
            if (text != NULL)
                return taken_text(field, text);
        }
    }
    const char *fault = type_fault(field, value);
    if (fault != NULL)
        return json_new_text(fault);
    if (is_vault_reference(field, value))
        return NULL;
    struct json *errors = validate_parts(field, value);
    if (errors != NULL)
        return errors;
    bool sized = false;
    for (size_t i = 0; i < field->rule_count; i++) {
        const struct schema_bound_rule *bound = &field->rules[i];
        sized = sized || strcmp(bound->rule->name, "len_min") == 0;
        char *text = bound->rule->on_null ? NULL : bound->rule->check(bound->argument, value);
        if (text != NULL)
            return taken_text(field, text);
    }
    /* Strings are not empty unless their schema says that they may be. */
    if (field->type == SCHEMA_STRING && !sized && json_text(value)[0] == '\0')
        return json_new_text("length must be at least 1");
    char *text = field->custom != NULL ? field->custom(value) : NULL;
    return text != NULL ? taken_text(field, text) : NULL;
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

/* What holds for one field while another has some value: "conditional" in a schema's list of checks. */
static void validate_conditional(const struct schema_fields *fields, struct json *object, const struct json *argument,
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

static void check_entity(const struct schema_fields *fields, struct json *object, struct json *errors)
{
    json_each (entry, fields->entity_checks) {
        const struct json *check = json_first(entry);
        if (strcmp(json_name(check), "conditional") == 0)
            validate_conditional(fields, object, check, errors);
        else
            entity_checks_run(check, object, errors);
    }
}

struct json *schema_validate(const struct schema_fields *fields, struct json *object)
{
    struct json *errors = json_new_object();
    json_each (item, object) {
        if (schema_find(fields, json_name(item)) == NULL)
            json_set_text(errors, json_name(item), "unknown field");
    }
    for (size_t i = 0; i < fields->count; i++) {
        const struct schema_field *field = &fields->items[i];
        struct json *value = json_find(object, field->name);
        if (value == NULL && field->automatic)
            continue;
        struct json *error = schema_validate_value(field, value);
        if (error != NULL)
            json_set(errors, field->name, error);
    }
    check_entity(fields, object, errors);
    if (json_first(errors) != NULL)
        return errors;
    json_free(errors);
    return NULL;
}
