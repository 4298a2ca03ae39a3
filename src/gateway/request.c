/* Decides the request for an operation. */
#include "request.h"

#include <string.h>

#include "plan/body.h"

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
    const char *parent = kong_item_parent_id(item, 0);
    if (nested == NULL)
        return xasprintf("/%s", item->kind->collection);
    size_t head = strcspn(nested, "%");
    return xasprintf("/%.*s%s%s", (int)head, nested, parent != NULL ? parent : "", nested + head + strlen("%s"));
}

static void set_reference(struct json *fields, const char *name, const char *id)
{
    struct json *reference = json_new_object();
    json_set_text(reference, "id", id);
    json_set(fields, name, reference);
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
        const char *consumer = kong_item_parent_id(item, 1);
        ret_request->method = op->verb == KONG_DELETE ? "DELETE" : "GET";
        ret_request->path = xasprintf("%s/%s", collection, consumer != NULL ? consumer : "");
        return;
    }
    ret_request->path = create ? xstrdup(collection) : xasprintf("%s/%s", collection, id != NULL ? id : "");
    if (op->verb == KONG_DELETE) {
        ret_request->method = "DELETE";
    } else if (op->verb == KONG_WITHDRAW) {
        AUTO(json) struct json *patch = kong_op_body(state, op);
        ret_request->method = "PATCH";
        ret_request->body = json_print_text(patch);
    } else if (op->verb != KONG_READ) {
        AUTO(json) struct json *fields = kong_op_body(state, op);
        ret_request->method = create ? "POST" : "PUT";
        if (is_patched(item->kind) && !create)
            ret_request->method = "PATCH";
        if (item->kind->id == KONG_CERTIFICATE && !create)
            make_certificate_patch(fields);
        if (item->kind->id == KONG_TARGET && !create) /* a PUT of one leaves what it does not name as it is */
            kong_schema_fill(kong_schemas_find(state->schemas, item->kind->table), fields);
        if (item->kind->id == KONG_MEMBERSHIP) {
            AUTO(json) struct json *member = json_new_object();
            json_set_text(member, "consumer", kong_item_parent_id(item, 1));
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
        if (kong_item_parent_id(item, i) != NULL)
            set_reference(object, item->kind->foreign[i].field, kong_item_parent_id(item, i));
    return object;
}
