/* Deprecated field names: what they set when they are sent, and which of them Kong still shows. */
#include <string.h>

#include "checks.h"

/* Shorthands whose schema does not say where the value goes. */
static const struct {
    const char *name, *target;
} moved[] = {
    {"endpoint", "traces_endpoint"},         {"cookie_lifetime", "rolling_timeout"},
    {"cookie_idletime", "idling_timeout"},   {"cookie_samesite", "cookie_same_site"},
    {"cookie_httponly", "cookie_http_only"}, {"cookie_persistent", "remember"},
};

/* The path that a shorthand stands for: an array of names, or NULL. */
static const struct json *path_of(const struct json *shorthand)
{
    return json_find(json_first(json_find(json_find(shorthand, "deprecation"), "replaced_with")), "path");
}

static const char *moved_to(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(moved); i++) {
        if (strcmp(moved[i].name, name) == 0)
            return moved[i].target;
    }
    return NULL;
}

static void set_below(struct json *object, const struct json *path, struct json *value)
{
    const struct json *name = json_first(path);
    for (; json_after(name) != NULL; name = json_after(name)) {
        struct json *next = json_find(object, json_text(name));
        if (!json_is(next, JSON_OBJECT)) {
            next = json_new_object();
            json_set(object, json_text(name), next);
        }
        object = next;
    }
    /* A value under the new name wins. */
    if (json_type(json_find(object, json_text(name))) == JSON_NULL)
        json_set(object, json_text(name), value);
    else
        json_free(value);
}

void shorthand_apply(const struct json *shorthands, struct json *object)
{
    json_each (entry, shorthands) {
        const struct json *shorthand = json_first(entry);
        struct json *value = json_take(object, json_name(shorthand));
        if (value == NULL)
            continue;
        const struct json *path = path_of(shorthand);
        const char *target = moved_to(json_name(shorthand));
        if (json_type(value) != JSON_NULL && path != NULL)
            set_below(object, path, value);
        else if (json_type(value) != JSON_NULL && target != NULL && json_type(json_find(object, target)) == JSON_NULL)
            json_set(object, target, value);
        else
            json_free(value);
    }
}

bool shorthand_is_shown(const struct json *shorthands)
{
    json_each (entry, shorthands) {
        if (path_of(json_first(entry)) != NULL)
            return true;
    }
    return false;
}

void shorthand_show(const struct json *shorthands, struct json *object)
{
    json_each (entry, shorthands) {
        const struct json *shorthand = json_first(entry);
        const struct json *path = path_of(shorthand);
        if (path == NULL)
            continue;
        const struct json *value = object;
        json_each (name, path)
            value = json_find(value, json_text(name));
        json_set(object, json_name(shorthand), value != NULL ? json_copy(value) : json_new_null());
    }
}
