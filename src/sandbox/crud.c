/* Takes a body from what was sent to what is stored: references, automatic fields, defaults, checks, uniqueness. */
#include "crud.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "secrets.h"
#include "shape.h"

/* {"name": "s1"} becomes {"id": …}. */
static bool resolve_reference(struct call *call, const struct foreign *foreign)
{
    const char *field = foreign->field->name;
    struct json *value = json_find(call->body, field);
    if (!json_is(value, JSON_OBJECT))
        return true;
    if (json_find(value, "id") != NULL) {
        struct json *reference = json_new_object();
        json_set(reference, "id", json_take(value, "id"));
        json_set(call->body, field, reference);
        return true;
    }
    json_each (member, value) {
        const struct schema_field *by = schema_find(&foreign->target->schema->fields, json_name(member));
        if (by == NULL || !by->unique || json_text(member) == NULL)
            continue;
        const struct entity *target = sandbox_store_find_unique(foreign->target, json_name(member), json_text(member));
        if (target == NULL) {
            answer_unresolved_reference(call->answer, field, foreign->target->kind->table, json_name(member),
                                        json_text(member));
            return false;
        }
        struct json *reference = json_new_object();
        json_set_text(reference, "id", target->id);
        json_set(call->body, field, reference);
        return true;
    }
    return true;
}

static double now_for(const struct schema_field *field)
{
    double now = clock_wall();
    return field->type == SCHEMA_NUMBER ? floor(now * 1000) / 1000 : floor(now);
}

static void set_automatic(const struct schema *schema, struct json *body, enum crud_mode mode, const char *id)
{
    for (size_t i = 0; i < schema->fields.count; i++) {
        const struct schema_field *field = &schema->fields.items[i];
        if (!field->automatic)
            continue;
        bool given = json_type(json_find(body, field->name)) != JSON_NULL;
        if (strcmp(field->name, "id") == 0) {
            json_set_text(body, "id", id);
        } else if (field->timestamp) {
            if (!given || strcmp(field->name, "updated_at") == 0)
                json_set_number(body, field->name, now_for(field));
        } else if (!given && mode != CRUD_UPDATE) {
            char token[SECRETS_TOKEN_SIZE];
            secrets_token(token);
            json_set_text(body, field->name, token);
        }
    }
}

/* PATCH: records merge, everything else is replaced. */
static void merge(const struct schema_fields *fields, struct json *target, struct json *changes)
{
    for (struct json *item = json_first(changes); item != NULL;) {
        struct json *next = json_after(item);
        AUTO(text) char *name = xstrdup(json_name(item));
        const struct schema_field *field = schema_find(fields, name);
        struct json *present = json_find(target, name);
        if (field != NULL && field->type == SCHEMA_RECORD && json_is(item, JSON_OBJECT) &&
            json_is(present, JSON_OBJECT))
            merge(&field->fields, present, item);
        else
            json_set(target, name, json_take(changes, name));
        item = next;
    }
}

static struct json *unknown_variant(const struct table *table, const struct json *body)
{
    const char *name = json_find_text(body, "name");
    struct json *errors = json_new_object();
    AUTO(text) char *text = NULL;
    if (name == NULL)
        text = xstrdup("required field missing");
    else if (strcmp(table->kind->table, "plugins") == 0)
        text = xasprintf("plugin '%s' not enabled; add it to the 'plugins' configuration property", name);
    else
        text = xasprintf("vault '%s' is not installed", name);
    json_set_text(errors, "name", text);
    return errors;
}

/* Fills in what is not there and checks everything; NULL when it is fine. */
static struct json *complete(struct sandbox *sandbox, struct table *table, struct json *body)
{
    bool expressions = state_is_expressions(sandbox);
    const struct schema *schema = state_schema_of(sandbox, table, body);
    if (schema == NULL)
        return unknown_variant(table, body);
    if (table->kind->prepare != NULL)
        table->kind->prepare(body, expressions);
    AUTO(json) struct json *ttl = table->kind->ttl ? json_take(body, "ttl") : NULL;
    schema_fill(&schema->fields, body);
    struct json *errors = schema_validate(&schema->fields, body);
    struct json *found = errors != NULL ? errors : json_new_object();
    if (table->kind->check != NULL)
        table->kind->check(body, expressions, found);
    if (strcmp(table->kind->table, "plugins") == 0)
        check_plugin_config(json_find_text(body, "name"), json_find(body, "config"), found);
    if (table->kind->ttl)
        json_set(body, "ttl", ttl != NULL ? TAKE(ttl) : json_new_null());
    if (json_first(found) != NULL)
        return found;
    json_free(found);
    return NULL;
}

struct json *crud_validate(struct sandbox *sandbox, struct table *table, struct json *body)
{
    char id[37];
    state_make_id(sandbox, id);
    if (json_find(body, "id") == NULL)
        json_set_text(body, "id", id);
    return complete(sandbox, table, body);
}

static struct json *named_values(const struct json *fields, const char *const *names, size_t count)
{
    struct json *values = json_new_object();
    for (size_t i = 0; i < count && names[i] != NULL; i++) {
        const struct json *value = json_find(fields, names[i]);
        json_set(values, names[i], value != NULL ? json_copy(value) : json_new_null());
    }
    return values;
}

static bool check_unique(struct call *call, const struct table *table, const struct json *fields, const char *id,
                         enum crud_mode mode)
{
    const char *const id_field[] = {"id"};
    if (mode == CRUD_INSERT && sandbox_store_find(table, id) != NULL) {
        answer_unique_violation(call->answer, named_values(fields, id_field, 1));
        return false;
    }
    for (size_t i = 0; i < table->unique_count; i++) {
        const char *name = table->unique[i].field->name;
        const char *value = json_find_text(fields, name);
        const struct entity *other = value != NULL ? map_find(&table->unique[i].index, value) : NULL;
        if (other != NULL && strcmp(other->id, id) != 0) {
            answer_unique_violation(call->answer, named_values(fields, &name, 1));
            return false;
        }
    }
    const struct entity *other = sandbox_store_find_composite(table, fields);
    if (other == NULL || strcmp(other->id, id) == 0)
        return true;
    answer_unique_violation(call->answer, named_values(fields, table->kind->composite, COMPOSITE_MAX));
    return false;
}

static bool check_references(struct call *call, const struct table *table, const struct json *fields)
{
    for (size_t i = 0; i < table->foreign_count; i++) {
        const char *name = table->foreign[i].field->name;
        const struct table *target = table->foreign[i].target;
        const char *id = sandbox_store_reference(fields, name);
        if (id != NULL && sandbox_store_find(target, id) == NULL) {
            answer_missing_reference(call->answer, name, target->kind->table, id);
            return false;
        }
    }
    return true;
}

static struct json *merged_with(const struct sandbox *sandbox, const struct table *table, const struct entity *present,
                                struct json *changes)
{
    struct json *whole = json_copy(present->fields);
    const struct schema *schema = state_schema_of(sandbox, table, changes);
    if (schema == NULL || json_find(changes, "name") == NULL)
        schema = state_schema_of(sandbox, table, whole);
    shape_service_url(table, changes);
    if (json_find(changes, "config") != NULL)
        shape_shorthands(schema, changes);
    shape_ttl_out(table, whole);
    merge(&schema->fields, whole, changes);
    return whole;
}

static bool has_room(const struct sandbox *sandbox, const struct table *table, const char *id)
{
    size_t count = 0;
    for (size_t i = 0; i < KIND_COUNT; i++)
        count += sandbox->tables[i].all.count;
    return count < SANDBOX_ENTITIES_MAX || sandbox_store_find(table, id) != NULL;
}

static bool store(struct call *call, struct table *table, struct json *body, const struct json *names, int status)
{
    struct sandbox *sandbox = call->sandbox;
    const char *id = json_find_text(body, "id");
    bool certificate = strcmp(table->kind->table, "certificates") == 0;
    if (call->lie) {
        struct entity seeming = {.fields = body};
        shape_answer(sandbox, table, &seeming, call->answer, status);
        json_free(body);
        return true;
    }
    if (!has_room(sandbox, table, id)) {
        answer_message(call->answer, 500, "the sandbox is full");
        json_free(body);
        return false;
    }
    struct entity *entity = sandbox_store_put(table, body, ++sandbox->made);
    if (certificate && names != NULL)
        names_replace(call, names, id);
    shape_answer(sandbox, table, entity, call->answer, status);
    return true;
}

static struct json *take_names(struct call *call, const struct table *table, enum crud_mode mode)
{
    if (strcmp(table->kind->table, "certificates") != 0)
        return NULL;
    struct json *names = json_take(call->body, "snis");
    if (json_is(names, JSON_ARRAY))
        return names;
    json_free(names);
    return mode == CRUD_UPDATE ? NULL : json_new_array();
}

bool crud_write(struct call *call, struct table *table, enum crud_mode mode, struct entity *present, const char *id,
                int status)
{
    for (size_t i = 0; i < table->foreign_count; i++) {
        if (!resolve_reference(call, &table->foreign[i]))
            return false;
    }
    AUTO(json) struct json *names = take_names(call, table, mode);
    char new_id[37];
    if (id == NULL) {
        const char *sent = mode == CRUD_INSERT ? json_find_text(call->body, "id") : NULL;
        if (sent == NULL)
            state_make_id(call->sandbox, new_id);
        id = sent != NULL ? sent : new_id;
    }
    AUTO(text) char *own_id = xstrdup(id);
    bool secret_sent = secrets_were_sent(table->kind->table, call->body);
    AUTO(json) struct json *sent = TAKE(call->body);
    if (mode == CRUD_UPDATE) {
        struct json *whole = merged_with(call->sandbox, table, present, sent);
        json_free(sent);
        sent = whole;
    }
    set_automatic(table->schema, sent, mode, own_id);
    struct json *errors = complete(call->sandbox, table, sent);
    if (errors != NULL) {
        answer_schema_violation(call->answer, errors);
        return false;
    }
    if (!call->seed) /* seeds show entities as a gateway does */
        secrets_hash(table->kind->table, sent, secret_sent);
    shape_ttl_in(table, sent);
    if (names != NULL && !names_check(call, names, own_id))
        return false;
    if (!check_unique(call, table, sent, own_id, mode) || !check_references(call, table, sent))
        return false;
    return store(call, table, TAKE(sent), names, status);
}

static bool refers_hard(const struct table *table, const struct foreign *foreign)
{
    /* A certificate takes its server names along, though their schema does not say so. */
    return !foreign->field->cascades && strcmp(table->kind->table, "snis") != 0;
}

static bool check_unreferenced(struct call *call, const struct table *table, const char *id)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct table *other = &call->sandbox->tables[i];
        for (size_t j = 0; j < other->foreign_count; j++) {
            const struct foreign *foreign = &other->foreign[j];
            if (foreign->target == table && refers_hard(other, foreign) && map_find(&foreign->index, id) != NULL) {
                answer_still_referenced(call->answer, table->kind->table, other->kind->table);
                return false;
            }
        }
    }
    return true;
}

static bool check_authority_unused(struct call *call, const struct table *table, const char *id)
{
    if (strcmp(table->kind->table, "ca_certificates") != 0)
        return true;
    const struct table *services = state_table(call->sandbox, "services");
    for (size_t i = 0; i < services->all.count; i++) {
        json_each (used, json_find(services->all.items[i]->fields, "ca_certificates")) {
            if (strcmp(json_text(used), id) != 0)
                continue;
            AUTO(text)
            char *message = xasprintf("ca certificate %s is still referenced by services (id = %s)", id,
                                      services->all.items[i]->id);
            answer_error(call->answer, 400, 19, "referenced by others", message, NULL);
            return false;
        }
    }
    return true;
}

static void delete_with_dependants(struct sandbox *sandbox, struct table *table, struct entity *entity)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct table *other = &sandbox->tables[i];
        for (size_t j = 0; j < other->foreign_count; j++) {
            const struct entity_index *index;
            if (other->foreign[j].target != table)
                continue;
            while ((index = map_find(&other->foreign[j].index, entity->id)) != NULL)
                delete_with_dependants(sandbox, other, index->items[index->count - 1]);
        }
    }
    sandbox_store_remove(table, entity);
}

bool crud_delete(struct call *call, struct table *table, struct entity *entity)
{
    if (!check_unreferenced(call, table, entity->id) || !check_authority_unused(call, table, entity->id))
        return false;
    if (!call->lie)
        delete_with_dependants(call->sandbox, table, entity);
    answer_no_content(call->answer);
    return true;
}
