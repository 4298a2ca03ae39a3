/* JSON trees over cJSON.  `struct json` is a cJSON in disguise, so that no other file knows the library. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static cJSON *inside(const struct json *value)
{
    return (cJSON *)(uintptr_t)value;
}

static struct json *outside(const cJSON *value)
{
    return (struct json *)(uintptr_t)value;
}

/* cJSON's own limit is 1,000 levels, fixed when it was built; ours is smaller, so that recursion elsewhere is bounded too. */
static bool too_deep(const char *text, size_t length)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static void locate(const char *text, const char *where, int *ret_line, int *ret_column)
{
    *ret_line = 1;
    *ret_column = 1;
    for (const char *c = text; c < where; c++) {
        if (*c == '\n') {
            (*ret_line)++;
            *ret_column = 1;
        } else {
            (*ret_column)++;
        }
    }
}

int json_parse(const char *text, size_t length, struct json **ret_value, struct err *err)
{
    if (too_deep(text, length))
        return err_set(err, ERR_TOO_BIG, "JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    const char *stop = text + length;
    if (value == NULL) {
        int line, column;
        locate(text, end != NULL && end <= stop ? end : text, &line, &column);
        return err_set(err, ERR_PARSE, "JSON is broken at line %d, column %d", line, column);
    }
    while (end < stop && (*end == ' ' || *end == '\t' || *end == '\n' || *end == '\r' || *end == '\0'))
        end++;
    if (end != stop) {
        int line, column;
        locate(text, end, &line, &column);
        cJSON_Delete(value);
        return err_set(err, ERR_PARSE, "JSON goes on after its end at line %d, column %d", line, column);
    }
    *ret_value = outside(value);
    return 0;
}

void json_free(struct json *value)
{
    cJSON_Delete(inside(value));
}

struct json *json_copy(const struct json *value)
{
    return value != NULL ? outside(cJSON_Duplicate(inside(value), true)) : NULL;
}

enum json_type json_type(const struct json *value)
{
    if (value == NULL)
        return JSON_NULL;
    switch (inside(value)->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return JSON_BOOL;
    case cJSON_Number:
        return JSON_NUMBER;
    case cJSON_String:
        return JSON_STRING;
    case cJSON_Array:
        return JSON_ARRAY;
    case cJSON_Object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

bool json_is(const struct json *value, enum json_type type)
{
    return value != NULL && json_type(value) == type;
}

/* Names differ in their first letters more often than not, and a call for each is what costs. */
struct json *json_find(const struct json *object, const char *name)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    for (cJSON *member = inside(object)->child; member != NULL; member = member->next)
        if (member->string != NULL && member->string[0] == name[0] && strcmp(member->string, name) == 0)
            return outside(member);
    return NULL;
}

struct json *json_find_path(const struct json *object, const char *dotted_names)
{
    const struct json *value = object;
    while (value != NULL) {
        size_t length = strcspn(dotted_names, ".");
        char *name = xstrndup(dotted_names, length);
        value = json_find(value, name);
        free(name);
        if (dotted_names[length] == '\0')
            break;
        dotted_names += length + 1;
    }
    return outside(inside(value));
}

const char *json_text(const struct json *value)
{
    return json_is(value, JSON_STRING) ? inside(value)->valuestring : NULL;
}

const char *json_find_text(const struct json *object, const char *name)
{
    return json_text(json_find(object, name));
}

bool json_truth(const struct json *value, bool otherwise)
{
    return json_is(value, JSON_BOOL) ? (inside(value)->type & 0xff) == cJSON_True : otherwise;
}

double json_number(const struct json *value, double otherwise)
{
    return json_is(value, JSON_NUMBER) ? inside(value)->valuedouble : otherwise;
}

int64_t json_integer(const struct json *value, int64_t otherwise)
{
    double number = json_number(value, NAN);
    return number >= -9007199254740992.0 && number <= 9007199254740992.0 && number == floor(number) ? (int64_t)number
                                                                                                    : otherwise;
}

size_t json_count(const struct json *value)
{
    size_t count = 0;
    json_each (item, value)
        count++;
    return count;
}

struct json *json_at(const struct json *array, size_t index)
{
    json_each (item, array) {
        if (index-- == 0)
            return item;
    }
    return NULL;
}

struct json *json_first(const struct json *value)
{
    return json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT) ? outside(inside(value)->child) : NULL;
}

struct json *json_after(const struct json *item)
{
    return outside(inside(item)->next);
}

const char *json_name(const struct json *item)
{
    return inside(item)->string;
}

static struct json *made(cJSON *value)
{
    require_that(value != NULL);
    return outside(value);
}

struct json *json_new_object(void)
{
    return made(cJSON_CreateObject());
}

struct json *json_new_array(void)
{
    return made(cJSON_CreateArray());
}

struct json *json_new_text(const char *text)
{
    return made(cJSON_CreateString(text));
}

struct json *json_new_number(double number)
{
    return made(cJSON_CreateNumber(number));
}

struct json *json_new_bool(bool truth)
{
    return made(cJSON_CreateBool(truth));
}

struct json *json_new_null(void)
{
    return made(cJSON_CreateNull());
}

void json_set(struct json *object, const char *name, struct json *value)
{
    if (json_find(object, name) != NULL)
        cJSON_ReplaceItemInObjectCaseSensitive(inside(object), name, inside(value));
    else
        cJSON_AddItemToObject(inside(object), name, inside(value));
}

void json_set_text(struct json *object, const char *name, const char *text)
{
    json_set(object, name, json_new_text(text));
}

void json_set_number(struct json *object, const char *name, double number)
{
    json_set(object, name, json_new_number(number));
}

void json_set_bool(struct json *object, const char *name, bool truth)
{
    json_set(object, name, json_new_bool(truth));
}

void json_append(struct json *array, struct json *value)
{
    cJSON_AddItemToArray(inside(array), inside(value));
}

void json_remove(struct json *object, const char *name)
{
    json_free(json_take(object, name));
}

struct json *json_take(struct json *object, const char *name)
{
    struct json *member = json_find(object, name);
    return member != NULL ? outside(cJSON_DetachItemViaPointer(inside(object), inside(member))) : NULL;
}

void json_remove_at(struct json *array, size_t index)
{
    cJSON_DeleteItemFromArray(inside(array), (int)index);
}
