/* Routes requests for entities: collections, single ones, those below a parent, and the parents of single ones. */
#include "api.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "crud.h"
#include "list.h"
#include "shape.h"

#define METHODS_COLLECTION "GET, HEAD, OPTIONS, POST"
#define METHODS_ENTITY     "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"

/* The parent of a nested request. */
struct scope {
    const char *field; /* of the child, or NULL: top level */
    struct entity *parent;
};

bool api_allow(struct call *call, const char *methods)
{
    if (call_is(call, "OPTIONS")) {
        answer_no_content(call->answer);
        http_headers_add(&call->answer->headers, "Allow", methods);
        http_headers_add(&call->answer->headers, "Access-Control-Allow-Methods", methods);
        http_headers_add(&call->answer->headers, "Access-Control-Allow-Headers", "Content-Type");
        return false;
    }
    for (const char *rest = methods; *rest != '\0';) {
        size_t length = strcspn(rest, ",");
        if (strlen(call->method) == length && strncmp(rest, call->method, length) == 0)
            return true;
        rest += length + strspn(rest + length, ", ");
    }
    answer_message(call->answer, 405, "Method not allowed");
    return false;
}

static bool reads(const struct call *call)
{
    return call_is(call, "GET") || call_is(call, "HEAD");
}

/* A valid id in lower case, or NULL. */
static char *as_id(const char *text)
{
    if (!hash_uuid_valid(text))
        return NULL;
    char *id = xstrdup(text);
    for (char *c = id; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return id;
}

static struct entity *find_by_key(const struct table *table, const char *text, const struct scope *scope)
{
    const struct kind *kind = table->kind;
    if (kind->key == NULL)
        return NULL;
    if (kind->composite[0] == NULL || schema_find(&table->schema->fields, kind->key)->unique)
        return sandbox_store_find_unique(table, kind->key, text);
    if (scope->field == NULL)
        return NULL;
    AUTO(json) struct json *probe = json_new_object();
    struct json *reference = json_new_object();
    json_set_text(reference, "id", scope->parent->id);
    json_set(probe, scope->field, reference);
    json_set_text(probe, kind->key, text);
    return sandbox_store_find_composite(table, probe);
}

static bool is_below(const struct entity *entity, const struct scope *scope)
{
    const char *parent = scope->field != NULL ? sandbox_store_reference(entity->fields, scope->field) : NULL;
    return scope->field == NULL || (parent != NULL && strcmp(parent, scope->parent->id) == 0);
}

/* Whether a name in a path could be one: else the answer says so. */
static bool check_key_text(struct call *call, const struct table *table, const char *text)
{
    const struct schema_field *field =
        table->kind->key != NULL ? schema_find(&table->schema->fields, table->kind->key) : NULL;
    if (field == NULL || strcmp(table->kind->table, "targets") == 0)
        return true;
    AUTO(json) struct json *value = json_new_text(text);
    AUTO(json) struct json *fault = schema_validate_value(field, value);
    if (json_text(fault) == NULL)
        return true;
    answer_invalid_unique(call->answer, table->kind->key, json_text(fault));
    return false;
}

static void set_parent(struct call *call, const struct scope *scope)
{
    if (scope->field == NULL)
        return;
    struct json *reference = json_new_object();
    json_set_text(reference, "id", scope->parent->id);
    json_set(call->body, scope->field, reference);
}

static void handle_collection(struct call *call, struct table *table, const struct scope *scope, const char *path)
{
    if (!api_allow(call, METHODS_COLLECTION))
        return;
    bool targets = strcmp(table->kind->table, "targets") == 0;
    if (reads(call) && targets) {
        list_answer_targets(call, table, scope->parent, path, false);
    } else if (reads(call)) {
        list_answer(call, table, scope->field, scope->parent, path);
    } else {
        set_parent(call, scope);
        crud_write(call, table, CRUD_INSERT, NULL, NULL, 201);
    }
}

/* Answers where nothing was found; PUT goes on. */
static bool answer_absent(struct call *call, const struct table *table, const struct scope *scope, const char *id,
                          const char *text)
{
    bool targets = strcmp(table->kind->table, "targets") == 0;
    bool certificates = strcmp(table->kind->table, "certificates") == 0;
    if (call_is(call, "PUT") && !targets)
        return false;
    if (call_is(call, "DELETE") && !targets)
        answer_no_content(call->answer);
    else if ((call_is(call, "PATCH") && scope->field == NULL) || (certificates && id != NULL))
        answer_no_entity(call->answer, id != NULL || table->kind->key == NULL ? "id" : table->kind->key,
                         id != NULL ? id : text);
    else
        answer_not_found(call->answer);
    return true;
}

static void put_entity(struct call *call, struct table *table, const struct scope *scope, struct entity *present,
                       const char *id, const char *text)
{
    set_parent(call, scope);
    if (id == NULL && table->kind->key != NULL)
        json_set_text(call->body, table->kind->key, text);
    AUTO(text) char *own_id = xstrdup(present != NULL ? present->id : id);
    crud_write(call, table, CRUD_UPSERT, present, own_id, 200);
}

static void handle_found(struct call *call, struct table *table, const struct scope *scope, struct entity *entity,
                         const char *id, const char *text)
{
    bool targets = strcmp(table->kind->table, "targets") == 0;
    if (reads(call)) {
        shape_answer(call->sandbox, table, entity, call->answer, 200);
    } else if (call_is(call, "DELETE")) {
        crud_delete(call, table, entity);
    } else if (call_is(call, "PATCH") || targets) {
        set_parent(call, scope);
        AUTO(text) char *own_id = xstrdup(entity->id);
        crud_write(call, table, CRUD_UPDATE, entity, own_id, 200);
    } else {
        put_entity(call, table, scope, entity, id, text);
    }
}

static void handle_entity(struct call *call, struct table *table, const struct scope *scope, const char *text)
{
    if (!api_allow(call, METHODS_ENTITY))
        return;
    AUTO(text) char *id = as_id(text);
    if (id == NULL && table->kind->key == NULL) {
        answer_not_found(call->answer);
        return;
    }
    if (id == NULL && !check_key_text(call, table, text))
        return;
    struct entity *entity = id != NULL ? sandbox_store_find(table, id) : find_by_key(table, text, scope);
    /* PUT moves an entity here from another parent; everything else does not see it. */
    if (entity != NULL && !is_below(entity, scope) && !call_is(call, "PUT")) {
        answer_not_found(call->answer);
        return;
    }
    if (entity != NULL)
        handle_found(call, table, scope, entity, id, text);
    else if (!answer_absent(call, table, scope, id, text))
        put_entity(call, table, scope, NULL, id, text);
}

/* A certificate goes by its server names too; PUT of an unused one makes a new certificate. */
static bool resolve_certificate(struct call *call)
{
    AUTO(text) char *id = as_id(call->segments[1]);
    if (strcmp(call->segments[0], "certificates") != 0 || id != NULL)
        return true;
    const struct entity *sni = sandbox_store_find_unique(state_table(call->sandbox, "snis"), "name", call->segments[1]);
    if (sni == NULL && !call_is(call, "PUT")) {
        answer_message(call->answer, 404, "SNI not found");
        return false;
    }
    char made[37];
    if (sni == NULL)
        state_make_id(call->sandbox, made);
    free(call->segments[1]);
    call->segments[1] = xstrdup(sni != NULL ? sandbox_store_reference(sni->fields, "certificate") : made);
    return true;
}

static struct table *find_collection(struct call *call, const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].collection != NULL && strcmp(kinds[i].collection, name) == 0)
            return &call->sandbox->tables[i];
    }
    return NULL;
}

/* The kind below `parent` that goes by `segment`, and the field that refers to the parent. */
static struct table *find_nested(struct call *call, const struct table *parent, const char *segment,
                                 const char **ret_field)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct table *table = &call->sandbox->tables[i];
        for (size_t j = 0; strcmp(table->kind->segment, segment) == 0 && j < table->foreign_count; j++) {
            if (table->foreign[j].target == parent) {
                *ret_field = table->foreign[j].field->name;
                return table;
            }
        }
    }
    return NULL;
}

/* /routes/{route}/service: the entity that another one refers to. */
static bool handle_referenced(struct call *call, struct table *table, struct entity *entity, const char *field)
{
    /* Kong has the path for server names, and answers it with 404. */
    if (strcmp(table->kind->table, "snis") == 0)
        return false;
    for (size_t i = 0; i < table->foreign_count; i++) {
        if (strcmp(table->foreign[i].field->name, field) != 0)
            continue;
        struct table *target = table->foreign[i].target;
        const char *id = sandbox_store_reference(entity->fields, field);
        struct entity *found = id != NULL ? sandbox_store_find(target, id) : NULL;
        struct scope top = {NULL, NULL};
        if (call_is(call, "DELETE"))
            answer_message(call->answer, 405, "Method not allowed");
        else if (found == NULL)
            answer_not_found(call->answer);
        else
            handle_entity(call, target, &top, found->id);
        return true;
    }
    return false;
}

static void handle_below(struct call *call, struct table *table, struct entity *parent)
{
    struct scope scope = {NULL, parent};
    struct table *nested = find_nested(call, table, call->segments[2], &scope.field);
    bool targets = nested != NULL && strcmp(nested->kind->table, "targets") == 0;
    AUTO(text) char *path = xasprintf("/%s/%s/%s", call->segments[0], call->segments[1], call->segments[2]);
    if (nested == NULL) {
        if (call->segment_count != 3 || !handle_referenced(call, table, parent, call->segments[2]))
            answer_not_found(call->answer);
    } else if (call->segment_count == 3) {
        handle_collection(call, nested, &scope, path);
    } else if (call->segment_count == 4 && targets && strcmp(call->segments[3], "all") == 0) {
        if (api_allow(call, "GET, HEAD, OPTIONS"))
            list_answer_targets(call, nested, parent, path, true);
    } else if (call->segment_count == 4) {
        handle_entity(call, nested, &scope, call->segments[3]);
    } else {
        answer_not_found(call->answer);
    }
}

bool api_handle_entities(struct call *call)
{
    struct table *table = call->segment_count != 0 ? find_collection(call, call->segments[0]) : NULL;
    struct scope top = {NULL, NULL};
    if (table == NULL)
        return false;
    if (call->segment_count == 1) {
        AUTO(text) char *path = xasprintf("/%s", call->segments[0]);
        handle_collection(call, table, &top, path);
        return true;
    }
    if (!resolve_certificate(call))
        return true;
    if (call->segment_count == 2) {
        handle_entity(call, table, &top, call->segments[1]);
        return true;
    }
    AUTO(text) char *id = as_id(call->segments[1]);
    struct entity *parent = id != NULL ? sandbox_store_find(table, id) : find_by_key(table, call->segments[1], &top);
    if (parent == NULL)
        answer_not_found(call->answer);
    else
        handle_below(call, table, parent);
    return true;
}
