/* Decides where to look for the entity that has a unique value already. */
#include <string.h>

#include "net/http.h"
#include "request.h"

/* Fields by which the Admin API finds an entity below its collection. */
static const char *const names[KONG_KIND_COUNT] = {
    [KONG_SERVICE] = "name",        [KONG_ROUTE] = "name", [KONG_UPSTREAM] = "name",    [KONG_CONSUMER] = "username",
    [KONG_CONSUMER_GROUP] = "name", [KONG_SNI] = "name",   [KONG_KEY_AUTH] = "key",     [KONG_BASIC_AUTH] = "username",
    [KONG_HMAC_AUTH] = "username",  [KONG_JWT] = "key",    [KONG_OAUTH2] = "client_id", [KONG_VAULT] = "prefix",
    [KONG_CUSTOM] = "name",
};

static const char *parent_actual(const struct kong_item *item, size_t field)
{
    const struct kong_item *parent = item->links[field].target;
    return parent != NULL && parent->actual != NULL ? parent->actual->id : NULL;
}

static char *path_of_plugins(const struct kong_item *item)
{
    static const char *const collections[] = {"services", "routes", "consumers", "consumer_groups"};
    for (size_t i = 0; i < COUNT_OF(collections); i++)
        if (parent_actual(item, i) != NULL)
            return xasprintf("/%s/%s/plugins", collections[i], parent_actual(item, i));
    return xstrdup("/plugins");
}

static char *path_of_name(const char *collection, const char *name)
{
    AUTO(text) char *encoded = http_encode(name);
    return xasprintf("/%s/%s", collection, encoded);
}

/* By the unique value that Kong named, or by natural key. */
static char *path_by_value(const struct kong_op *op, const struct json *wanted, const struct json *fields,
                           bool *ret_list)
{
    const struct kong_item *item = op->item;
    const char *custom_id = json_find_text(fields, "custom_id");
    const char *instance = json_find_text(fields, "instance_name");
    if (item->kind->id == KONG_CONSUMER && (custom_id != NULL || json_find_text(wanted, "username") == NULL)) {
        AUTO(text) char *encoded = http_encode(custom_id != NULL ? custom_id : json_find_text(wanted, "custom_id"));
        *ret_list = true;
        return xasprintf("/consumers?custom_id=%s", encoded);
    }
    if (item->kind->id == KONG_PLUGIN && instance != NULL)
        return path_of_name("plugins", instance);

    *ret_list = item->kind->id == KONG_PLUGIN || item->kind->id == KONG_CA_CERTIFICATE;
    if (item->kind->id == KONG_PLUGIN)
        return path_of_plugins(item);
    if (item->kind->id == KONG_CA_CERTIFICATE)
        return xstrdup("/ca_certificates");
    if (item->kind->id == KONG_TARGET && parent_actual(item, 0) != NULL) {
        AUTO(text) char *target = kong_kind_target(json_find_text(wanted, "target"));
        AUTO(text) char *collection = xasprintf("upstreams/%s/targets", parent_actual(item, 0));
        return path_of_name(collection, target);
    }
    if (item->kind->id == KONG_ACL && parent_actual(item, 0) != NULL) {
        AUTO(text) char *collection = xasprintf("consumers/%s/acls", parent_actual(item, 0));
        return path_of_name(collection, json_find_text(wanted, "group"));
    }
    if (item->kind->id == KONG_CUSTOM && (json_find(fields, "name") == NULL || item->kind->nested_path != NULL))
        return NULL;
    const char *name = names[item->kind->id] != NULL ? json_find_text(wanted, names[item->kind->id]) : NULL;
    return name != NULL ? path_of_name(item->kind->collection, name) : NULL;
}

char *request_holder_path(const struct kong_op *op, const struct json *fields, int attempt, bool *ret_list)
{
    const struct kong_item *item = op->item;
    *ret_list = false;
    if (item->entity == NULL || attempt > 1 || item->kind->id == KONG_MEMBERSHIP)
        return NULL;
    if (attempt == 1) /* nobody has the name: then somebody has the id */
        return item->entity->id != NULL && item->kind->nested_path == NULL
                   ? xasprintf("/%s/%s", item->kind->collection, item->entity->id)
                   : NULL;

    struct err err = ERR_INIT;
    AUTO(json) struct json *wanted = NULL;
    require_that(json_parse(item->entity->text, strlen(item->entity->text), &wanted, &err) == 0);
    char *path = path_by_value(op, wanted, fields, ret_list);
    return path != NULL ? path : request_holder_path(op, fields, attempt + 1, ret_list);
}

static bool same_scope(const struct kong_item *item, const struct json *object)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++) {
        const char *id = json_find_text(json_find(object, item->kind->foreign[i].field), "id");
        const char *wanted = parent_actual(item, i);
        if (wanted != NULL ? id == NULL || strcmp(id, wanted) != 0 : id != NULL)
            return false;
    }
    return true;
}

bool request_is_holder(const struct kong_op *op, const struct json *object)
{
    const struct kong_item *item = op->item;
    struct err err = ERR_INIT;
    AUTO(json) struct json *wanted = NULL;
    if (item->entity == NULL || json_parse(item->entity->text, strlen(item->entity->text), &wanted, &err) < 0)
        return false;
    if (item->kind->id == KONG_PLUGIN) {
        const char *name = json_find_text(object, "name");
        const char *own = json_find_text(wanted, "name");
        return name != NULL && own != NULL && strcmp(name, own) == 0 && same_scope(item, object);
    }
    if (item->kind->id == KONG_CA_CERTIFICATE) {
        const char *const none[KONG_FOREIGN_MAX] = {NULL};
        AUTO(text) char *key = kong_kind_key(item->kind, object, none);
        return key != NULL && strcmp(key, item->key) == 0;
    }
    return true; /* lists that the gateway has filtered */
}
