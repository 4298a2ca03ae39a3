/* Decides what is sent of an entity. */
#include "plan/body.h"

#include <string.h>

#include "base/hash.h"

const char *kong_item_parent_id(const struct kong_item *item, size_t field)
{
    const struct kong_item *parent = item->links[field].target;
    if (parent != NULL && parent->actual != NULL)
        return parent->actual->id;
    if (item->actual != NULL)
        return item->actual->foreign_ids[field];
    return field == 0 ? item->sent_parent_id : NULL;
}

static void add_tags(const struct kong_state *state, struct json *fields)
{
    struct json *tags = json_find(fields, "tags");
    if (!json_is(tags, JSON_ARRAY)) {
        tags = json_new_array();
        json_set(fields, "tags", tags);
    }
    for (size_t i = 0; i < state->ownership.count; i++) {
        bool there = false;
        json_each (tag, tags) {
            there = there || (json_text(tag) != NULL && strcmp(json_text(tag), state->ownership.items[i]) == 0);
        }
        if (!there)
            json_append(tags, json_new_text(state->ownership.items[i]));
    }
}

static void set_reference(struct json *fields, const char *name, const char *id)
{
    struct json *reference = json_new_object();
    json_set_text(reference, "id", id);
    json_set(fields, name, reference);
}

/* An authority that the gateway has under another id is named by that. */
static void map_authorities(const struct kong_state *state, const struct json *fields, struct json *ids)
{
    size_t count = json_count(ids);
    struct json *mapped = json_is(ids, JSON_ARRAY) ? json_new_array() : NULL;
    for (size_t i = 0; i < count && mapped != NULL; i++) {
        const char *id = json_text(json_at(ids, i));
        const struct kong_item *item = id != NULL ? kong_state_find_wanted(state, KONG_CA_CERTIFICATE, id) : NULL;
        const char *real = item != NULL && item->actual != NULL ? item->actual->id : id;
        json_append(mapped, real != NULL ? json_new_text(real) : json_copy(json_at(ids, i)));
    }
    if (mapped == NULL)
        return;
    while (json_first(ids) != NULL)
        json_remove_at(ids, 0);
    json_each (id, mapped) {
        json_append(ids, json_copy(id));
    }
    json_free(mapped);
}

/* Matchers that cannot be guessed or reached, for a route with these fields. */
static void match_nothing(const struct json *fields, struct json *matchers)
{
    char nonce[HASH_UUID_SIZE];
    hash_uuid4(nonce);
    const char *first = json_text(json_first(json_find(fields, "protocols")));
    bool stream = first != NULL && strncmp(first, "http", 4) != 0 && strncmp(first, "grpc", 4) != 0;
    if (json_find(fields, "expression") != NULL) {
        AUTO(text)
        char *never = stream ? xasprintf("net.dst.ip == " KONG_PARKED_IP " && net.dst.port == 1")
                             : xasprintf("http.host == \"%s" KONG_PARKED_SUFFIX "\"", nonce);
        json_set_text(matchers, "expression", never);
        return;
    }
    struct json *list = json_new_array();
    if (stream) {
        struct json *nowhere = json_new_object();
        json_set_text(nowhere, "ip", KONG_PARKED_IP);
        json_set_number(nowhere, "port", 1);
        json_append(list, nowhere);
        json_set(matchers, "destinations", list);
        return;
    }
    AUTO(text) char *host = xasprintf("%s" KONG_PARKED_SUFFIX, nonce);
    json_append(list, json_new_text(host));
    json_set(matchers, "hosts", list);
}

/* A route that nothing can match, with no service behind it. */
static void park(struct json *fields)
{
    static const char *const kept[] = {"id", "name", "protocols", "tags"};
    AUTO(json) struct json *matchers = json_new_object();
    match_nothing(fields, matchers);
    for (struct json *member = json_first(fields); member != NULL;) {
        struct json *next = json_after(member);
        bool keep = false;
        for (size_t i = 0; i < COUNT_OF(kept); i++)
            keep = keep || strcmp(json_name(member), kept[i]) == 0;
        if (!keep)
            json_remove(fields, json_name(member));
        member = next;
    }
    json_each (matcher, matchers) {
        json_set(fields, json_name(matcher), json_copy(matcher));
    }
}

/* A patch of a route that is there: its own matchers go. */
static struct json *withdrawal_of(const struct kong_actual *route)
{
    static const char *const names[] = {"hosts", "paths", "methods", "headers", "snis", "sources", "destinations"};
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    require_that(json_parse(route->text, strlen(route->text), &fields, &err) == 0);
    struct json *patch = json_new_object();
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_find(fields, names[i]) != NULL)
            json_set(patch, names[i], json_new_null());
    match_nothing(fields, patch);
    return patch;
}

/* A value that nobody has, where there must be one. */
static void give_up(const struct kong_state *state, const struct kong_item *item, struct json *fields)
{
    bool required, text;
    kong_schema_field(kong_schemas_find(state->schemas, item->kind->table), item->yields, &required, &text);
    if (!required) {
        json_set(fields, item->yields, json_new_null());
        return;
    }
    char nonce[HASH_UUID_SIZE];
    hash_uuid4(nonce);
    json_set_text(fields, item->yields, nonce);
}

bool kong_actual_is_parked(const struct kong_actual *route)
{
    return strstr(route->text, KONG_PARKED_SUFFIX) != NULL || strstr(route->text, KONG_PARKED_IP) != NULL;
}

struct json *kong_op_body(const struct kong_state *state, const struct kong_op *op)
{
    if (op->verb == KONG_DELETE || op->verb == KONG_READ)
        return NULL;
    if (op->verb == KONG_WITHDRAW)
        return withdrawal_of(op->item->actual);
    const struct kong_item *item = op->item;
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    require_that(json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) == 0);
    if (item->kind->tagged)
        add_tags(state, fields);
    json_remove(fields, "run_on");
    if (op->verb != KONG_UPDATE && op->verb != KONG_YIELD && item->entity->id != NULL)
        json_set_text(fields, "id", item->entity->id);
    if (op->verb == KONG_PARK) {
        park(fields);
        return fields;
    }
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++)
        if (item->links[i].target != NULL && kong_item_parent_id(item, i) != NULL)
            set_reference(fields, item->kind->foreign[i].field, kong_item_parent_id(item, i));
    if (op->verb == KONG_YIELD && item->yields != NULL)
        give_up(state, item, fields);
    map_authorities(state, fields, json_find(fields, "ca_certificates"));
    map_authorities(state, fields, json_find_path(fields, "config.ca_certificates"));
    return fields;
}
