/* Decides how the difference of two entities is told, and that no secret is told with it. */
#include <string.h>

#include "base/map.h"
#include "kong/canonical.h"

#define MASK              "***"
#define SECRET_LENGTH_MIN 4 /* shorter texts would blank out half of every sentence */

struct secrets {
    struct map paths; /* where secrets stand: path to itself */
    struct buf *text; /* to be scrubbed, or NULL */
};

static void note_path(void *user, const char *path, const char *text)
{
    struct secrets *secrets = user;
    map_put(&secrets->paths, path, (void *)1);
}

static void each_secret(const struct kong_kind *kind, const struct json *fields, const struct kong_schemas *schemas,
                        kong_schema_secret_fn *each, void *user)
{
    for (size_t i = 0; i < KONG_FIELDS_MAX && kind->secret_fields[i] != NULL; i++)
        if (json_find_text(fields, kind->secret_fields[i]) != NULL)
            each(user, kind->secret_fields[i], json_find_text(fields, kind->secret_fields[i]));
    if (kind->id == KONG_CUSTOM)
        kong_schema_each_secret(kong_schemas_find(schemas, kind->table), fields, each, user);
    AUTO(text) char *inner = kong_canonical_inner_schema(kind, fields);
    if (inner != NULL)
        kong_schema_each_secret(kong_schemas_find(schemas, inner), fields, each, user);
}

/* At the path, or anywhere below it. */
static bool holds_secret(const struct secrets *secrets, const char *path)
{
    if (map_find(&secrets->paths, path) != NULL)
        return true;
    size_t length = strlen(path), position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&secrets->paths, &position)) != NULL)
        if (strncmp(entry->key, path, length) == 0 && entry->key[length] == '.')
            return true;
    return false;
}

static void append_change(struct json *changes, const struct secrets *secrets, const char *path,
                          const struct json *actual, const struct json *wanted)
{
    if (json_count(changes) >= KONG_CHANGES_MAX)
        return;
    bool masked = holds_secret(secrets, path);
    struct json *change = json_new_object();
    json_set_text(change, "field", path);
    const struct json *const values[] = {actual, wanted};
    static const char *const names[] = {"from", "to"};
    for (size_t i = 0; i < 2; i++) {
        if (values[i] == NULL)
            continue;
        json_set(change, names[i], masked ? json_new_text(MASK) : json_copy(values[i]));
    }
    json_append(changes, change);
}

static void compare_values(struct json *changes, const struct secrets *secrets, const char *path,
                           const struct json *actual, const struct json *wanted);

static void compare_objects(struct json *changes, const struct secrets *secrets, const char *path,
                            const struct json *actual, const struct json *wanted)
{
    const char *dot = path[0] != '\0' ? "." : "";
    json_each (member, wanted) {
        AUTO(text) char *below = xasprintf("%s%s%s", path, dot, json_name(member));
        compare_values(changes, secrets, below, json_find(actual, json_name(member)), member);
    }
    json_each (member, actual) {
        AUTO(text) char *below = xasprintf("%s%s%s", path, dot, json_name(member));
        if (json_find(wanted, json_name(member)) == NULL)
            append_change(changes, secrets, below, member, NULL);
    }
}

static void compare_values(struct json *changes, const struct secrets *secrets, const char *path,
                           const struct json *actual, const struct json *wanted)
{
    if (json_is(actual, JSON_OBJECT) && json_is(wanted, JSON_OBJECT))
        compare_objects(changes, secrets, path, actual, wanted);
    else if (actual == NULL || !json_equal(actual, wanted))
        append_change(changes, secrets, path, actual, wanted);
}

void kong_canonical_changes(const struct kong_kind *kind, const struct kong_schemas *schemas, const struct json *actual,
                            const struct json *wanted, struct json *ret_changes)
{
    struct secrets secrets = {0};
    map_init(&secrets.paths, NULL);
    each_secret(kind, actual, schemas, note_path, &secrets);
    each_secret(kind, wanted, schemas, note_path, &secrets);
    compare_objects(ret_changes, &secrets, "", actual, wanted);
    map_done(&secrets.paths);
}

static void scrub_text(void *user, const char *path, const char *secret)
{
    struct secrets *secrets = user;
    size_t length = strlen(secret);
    if (length < SECRET_LENGTH_MIN)
        return;
    const char *found = strstr(buf_text(secrets->text), secret);
    while (found != NULL) {
        struct buf next = BUF_OWN;
        buf_append(&next, secrets->text->data, (size_t)(found - secrets->text->data));
        buf_append_text(&next, MASK);
        size_t rest = next.length;
        buf_append_text(&next, found + length);
        buf_done(secrets->text);
        *secrets->text = next;
        found = strstr(secrets->text->data + rest, secret);
    }
}

void kong_secret_scrub(const struct kong_kind *kind, const struct json *fields, const struct kong_schemas *schemas,
                       struct buf *text)
{
    struct secrets secrets = {.text = text};
    each_secret(kind, fields, schemas, scrub_text, &secrets);
}
