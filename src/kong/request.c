/* Decides the request for an operation. */
#include "request.h"

#include <string.h>

#include "base/hash.h"
#include "base/http.h"

/* Addresses that no packet is sent to: TEST-NET-1. */

static const char *parent_id(const struct kong_item *item, size_t field)
{
    const struct kong_item *parent = item->links[field].target;
    if (parent != NULL && parent->actual != NULL)
        return parent->actual->id;
    if (item->actual != NULL)
        return item->actual->foreign_ids[field];
    return field == 0 ? item->sent_parent_id : NULL;
}

static const char *own_id(const struct kong_item *item)
{
    if (item->actual != NULL)
        return item->actual->id;
    if (item->sent_id != NULL)
        return item->sent_id;
    return item->entity != NULL ? item->entity->id : NULL;
}

/* "/routes", or below the parent's id. */
static char *collection_path(const struct kong_item *item)
{
    const char *nested = item->kind->nested_path;
    const char *parent = parent_id(item, 0);
    if (nested == NULL)
        return xasprintf("/%s", item->kind->collection);
    size_t head = strcspn(nested, "%");
    return xasprintf("/%.*s%s%s", (int)head, nested, parent != NULL ? parent : "", nested + head + strlen("%s"));
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

static struct json *body_of(const struct kong_state *state, const struct kong_op *op)
{
    const struct kong_item *item = op->item;
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    require_that(json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) == 0);
    if (item->kind->tagged)
        add_tags(state, fields);
    json_remove(fields, "run_on");
    if (op->verb != KONG_UPDATE && item->entity->id != NULL)
        json_set_text(fields, "id", item->entity->id);
    if (op->verb == KONG_PARK) {
        park(fields);
        return fields;
    }
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++)
        if (item->links[i].target != NULL && parent_id(item, i) != NULL)
            set_reference(fields, item->kind->foreign[i].field, parent_id(item, i));
    map_authorities(state, fields, json_find(fields, "ca_certificates"));
    map_authorities(state, fields, json_find_path(fields, "config.ca_certificates"));
    return fields;
}

/* The Admin API has no PUT for what it serves below a service only; as with certificates, what is not named stays. */
static bool is_patched(const struct kong_kind *kind)
{
    return kind->id == KONG_CERTIFICATE || (kind->id == KONG_CUSTOM && kind->nested_path != NULL);
}

/* A PUT without `snis` would take away the SNIs of others; a PATCH that names every field replaces all else. */
static void make_certificate_patch(struct json *fields)
{
    static const char *const optional[] = {"cert_alt", "key_alt"};
    json_remove(fields, "snis");
    for (size_t i = 0; i < COUNT_OF(optional); i++)
        if (json_find(fields, optional[i]) == NULL)
            json_set(fields, optional[i], json_new_null());
}

void request_make(const struct kong_state *state, const struct kong_op *op, struct request *ret_request)
{
    const struct kong_item *item = op->item;
    const char *id = own_id(item);
    AUTO(text) char *collection = collection_path(item);
    *ret_request = (struct request){.method = "GET"};
    bool create = op->verb == KONG_CREATE || op->verb == KONG_PARK;

    if (item->kind->id == KONG_MEMBERSHIP && !create) {
        const char *consumer = parent_id(item, 1);
        ret_request->method = op->verb == KONG_DELETE ? "DELETE" : "GET";
        ret_request->path = xasprintf("%s/%s", collection, consumer != NULL ? consumer : "");
        return;
    }
    ret_request->path = create ? xstrdup(collection) : xasprintf("%s/%s", collection, id != NULL ? id : "");
    if (op->verb == KONG_DELETE) {
        ret_request->method = "DELETE";
    } else if (op->verb == KONG_WITHDRAW) {
        AUTO(json) struct json *patch = withdrawal_of(item->actual);
        ret_request->method = "PATCH";
        ret_request->body = json_print_text(patch);
    } else if (op->verb != KONG_READ) {
        AUTO(json) struct json *fields = body_of(state, op);
        ret_request->method = create ? "POST" : "PUT";
        if (is_patched(item->kind) && !create)
            ret_request->method = "PATCH";
        if (item->kind->id == KONG_CERTIFICATE && !create)
            make_certificate_patch(fields);
        if (item->kind->id == KONG_TARGET && !create) /* a PUT of one leaves what it does not name as it is */
            kong_schema_fill(kong_schemas_find(state->schemas, item->kind->table), fields);
        if (item->kind->id == KONG_MEMBERSHIP) {
            AUTO(json) struct json *member = json_new_object();
            json_set_text(member, "consumer", parent_id(item, 1));
            ret_request->body = json_print_text(member);
            return;
        }
        ret_request->body = json_print_text(fields);
    }
}

void request_done(struct request *request)
{
    free(request->path);
    free(request->body);
}

struct json *request_result(const struct kong_op *op, const struct json *answer)
{
    const struct kong_item *item = op->item;
    if (item->kind->id != KONG_MEMBERSHIP)
        return json_find_text(answer, "id") != NULL ? json_copy(answer) : NULL;

    /* Memberships have no id of their own. */
    struct json *object = json_new_object();
    json_set_text(object, "id", own_id(item));
    for (size_t i = 0; i < 2; i++)
        if (parent_id(item, i) != NULL)
            set_reference(object, item->kind->foreign[i].field, parent_id(item, i));
    return object;
}
