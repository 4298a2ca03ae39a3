/* Decides when two entities are the same. */
#include "kong/canonical.h"

#include <ctype.h>
#include <string.h>

#include "canonical_hash.h"
#include "kind_key.h"
#include "schema_walk.h"

/* Set by the gateway, or not a matter of configuration: never compared.  `ttl` counts down; `run_on` is long gone from
 * Kong. */
static const char *const dropped[] = {"id", "created_at", "updated_at", "cert_digest", "ttl", "run_on"};

static bool contains(const struct kong_tags *tags, const char *tag)
{
    for (size_t i = 0; tags != NULL && i < tags->count; i++)
        if (strcmp(tags->items[i], tag) == 0)
            return true;
    return false;
}

static void drop_ownership(struct json *fields, const struct kong_tags *ownership)
{
    struct json *tags = json_find(fields, "tags");
    if (!json_is(tags, JSON_ARRAY))
        return;
    for (size_t i = json_count(tags); i-- > 0;) {
        const char *tag = json_text(json_at(tags, i));
        if (tag != NULL && contains(ownership, tag))
            json_remove_at(tags, i);
    }
}

/* Nulls, {} and []: Kong takes them for one another. */
static void drop_empty(struct json *container)
{
    bool object = json_is(container, JSON_OBJECT);
    for (struct json *member = json_first(container); member != NULL;) {
        struct json *next = json_after(member);
        bool nested = json_is(member, JSON_OBJECT) || json_is(member, JSON_ARRAY);
        if (nested)
            drop_empty(member);
        if (object && (json_is(member, JSON_NULL) || (nested && json_count(member) == 0)))
            json_remove(container, json_name(member));
        member = next;
    }
}

static void trim_text(struct json *fields, const char *name)
{
    const char *text = json_find_text(fields, name);
    if (text == NULL)
        return;
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    AUTO(text) char *trimmed = xstrndup(text, length);
    json_set_text(fields, name, trimmed);
}

static bool has_grpc(const struct json *route)
{
    json_each (protocol, json_find(route, "protocols")) {
        const char *text = json_text(protocol);
        if (text != NULL && strncmp(text, "grpc", 4) == 0)
            return true;
    }
    return false;
}

/* What Kong does to an entity beyond its schema. */
static void normalise_kind(const struct kong_kind *kind, struct json *fields)
{
    if (kind->id == KONG_TARGET && json_find_text(fields, "target") != NULL) {
        AUTO(text) char *target = kong_kind_target(json_find_text(fields, "target"));
        json_set_text(fields, "target", target);
    }
    if (kind->id == KONG_CERTIFICATE || kind->id == KONG_CA_CERTIFICATE) {
        trim_text(fields, "cert");
        trim_text(fields, "key");
        trim_text(fields, "cert_alt");
        trim_text(fields, "key_alt");
        json_remove(fields, "snis");
    }
    if (kind->id == KONG_ROUTE && json_find(fields, "strip_path") == NULL && has_grpc(fields))
        json_set_bool(fields, "strip_path", false);
}

char *kong_canonical_inner_schema(const struct kong_kind *kind, const struct json *fields)
{
    const char *name = json_find_text(fields, "name");
    if (name == NULL || (kind->id != KONG_PLUGIN && kind->id != KONG_VAULT))
        return NULL;
    return xasprintf("%s/%s", kind->table, name);
}

static void normalise(const struct kong_kind *kind, struct json *fields, const struct kong_schemas *schemas,
                      const struct kong_tags *ownership, bool actual)
{
    for (size_t i = 0; i < COUNT_OF(dropped); i++)
        json_remove(fields, dropped[i]);
    bool apart = kind->id != KONG_CUSTOM; /* which of a custom entity's references are links differs with each */
    for (size_t i = 0; apart && i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++)
        json_remove(fields, kind->foreign[i].field);
    drop_ownership(fields, ownership);

    AUTO(text) char *inner_name = kong_canonical_inner_schema(kind, fields);
    const struct json *inner = inner_name != NULL ? kong_schemas_find(schemas, inner_name) : NULL;
    const struct json *schema = kong_schemas_find(schemas, kind->table);
    if (actual)
        kong_schema_show(schema, inner, fields);
    drop_empty(fields); /* before the defaults: an empty record gets those of its fields */
    normalise_kind(kind, fields);
    kong_schema_fill(inner, fields); /* first: a plugin's own default protocols beat those of all plugins */
    kong_schema_fill(schema, fields);
    for (size_t i = 0; i < KONG_FIELDS_MAX && kind->set_fields[i] != NULL; i++)
        schema_sort_set(json_find(fields, kind->set_fields[i]));
    drop_empty(fields);
}

static void hash_password(const struct kong_kind *kind, struct json *fields, const char *consumer_id)
{
    const char *password = json_find_text(fields, "password");
    if (kind->id != KONG_BASIC_AUTH || password == NULL || consumer_id == NULL)
        return;
    char hex[PASSWORD_HEX_SIZE];
    canonical_hash_password(password, consumer_id, hex);
    json_set_text(fields, "password", hex);
}

static void set_references(const struct kong_kind *kind, struct json *fields,
                           const char *const foreign_ids[KONG_FOREIGN_MAX])
{
    for (size_t i = 0; kind->id == KONG_CUSTOM && i < KONG_FOREIGN_MAX; i++) {
        if (foreign_ids[i] == NULL)
            continue;
        struct json *reference = json_new_object();
        json_set_text(reference, "id", foreign_ids[i]);
        json_set(fields, kind->foreign[i].field, reference);
    }
}

struct json *kong_canonical_wanted(const struct kong_kind *kind, const struct kong_entity *entity,
                                   const struct kong_schemas *schemas, const struct kong_tags *ownership,
                                   const char *const foreign_ids[KONG_FOREIGN_MAX])
{
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    require_that(json_parse(entity->text, strlen(entity->text), &fields, &err) == 0);
    set_references(kind, fields, foreign_ids);
    normalise(kind, fields, schemas, ownership, false);
    hash_password(kind, fields, foreign_ids[0]);
    return fields;
}

struct json *kong_canonical_actual(const struct kong_kind *kind, const struct json *object,
                                   const struct kong_schemas *schemas, const struct kong_tags *ownership)
{
    struct json *fields = json_copy(object);
    normalise(kind, fields, schemas, ownership, true);
    return fields;
}

void kong_canonical_match_hashes(const struct kong_kind *kind, struct json *wanted, const struct json *actual)
{
    if (kind->id != KONG_OAUTH2)
        return;
    const char *secret = json_find_text(wanted, "client_secret");
    const char *stored = json_find_text(actual, "client_secret");
    if (secret != NULL && stored != NULL && strcmp(secret, stored) != 0 && canonical_hash_verify(secret, stored))
        json_set_text(wanted, "client_secret", stored);
}
