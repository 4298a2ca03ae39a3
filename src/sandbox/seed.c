/* Entities without requests: put in before anybody asks, and shown all at once. */
#include "crud.h"
#include "shape.h"

static int seed_entity(struct sandbox *sandbox, struct table *table, const struct json *entity, struct err *err)
{
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    struct call call = {
        .sandbox = sandbox, .method = "PUT", .body = json_copy(entity), .answer = &answer, .seed = true};
    const char *id = json_find_text(entity, "id");
    struct entity *present = id != NULL ? sandbox_store_find(table, id) : NULL;
    int rc = 0;
    if (!json_is(entity, JSON_OBJECT))
        rc = err_set(err, ERR_INVALID, "%s: expected a list of objects", table->kind->table);
    else if (!crud_write(&call, table, CRUD_UPSERT, present, id, 200))
        rc = err_set(err, ERR_INVALID, "%s: %s", table->kind->table, buf_text(&answer.body));
    json_free(call.body);
    sandbox_answer_done(&answer);
    return rc;
}

/* What others refer to comes first, whatever the order of the text. */
static const char *const seed_order[] = {"certificates",
                                         "snis",
                                         "ca_certificates",
                                         "services",
                                         "routes",
                                         "upstreams",
                                         "targets",
                                         "consumers",
                                         "keyauth_credentials",
                                         "basicauth_credentials",
                                         "hmacauth_credentials",
                                         "jwt_secrets",
                                         "oauth2_credentials",
                                         "acls",
                                         "plugins",
                                         "vaults",
                                         "key_sets",
                                         "keys"};

int sandbox_seed(struct sandbox *sandbox, const char *text, size_t length, struct err *err)
{
    struct json *parsed = NULL;
    int rc = json_parse(text, length, &parsed, err);
    if (rc < 0)
        return rc;
    AUTO(json) struct json *seed = parsed;
    for (size_t i = 0; i < COUNT_OF(seed_order); i++) {
        struct table *table = state_table(sandbox, seed_order[i]);
        const struct json *list = json_find(seed, seed_order[i]);
        if (list == NULL && table->kind->collection != NULL)
            list = json_find(seed, table->kind->collection);
        json_each (entity, list) {
            rc = seed_entity(sandbox, table, entity, err);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

void sandbox_dump(struct sandbox *sandbox, struct buf *out)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct table *table = &sandbox->tables[i];
        buf_printf(out, "%s\"%s\":[", i != 0 ? "," : "{", kinds[i].table);
        for (size_t j = 0; j < table->all.count; j++) {
            if (j != 0)
                buf_append_char(out, ',');
            shape_print(sandbox, table, table->all.items[j], out);
        }
        buf_append_char(out, ']');
    }
    buf_append_char(out, '}');
}
