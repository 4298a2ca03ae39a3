/* fake_kong.h - a few collections of an Admin API on a real socket, for tests of the client side: stores what it is
 * sent, tells what it was asked, and misbehaves on demand.  It judges nothing: schemas are the sandbox's business. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "net/http_server.h"

struct fake_kong {
    struct loop *loop;
    struct http_server *server;
    struct map entities; /* "/services/<id>" to struct json */
    struct buf log;      /* "GET /services?tags=mine&size=1000\n" … */
    int fail_status;     /* answer with this … */
    int fail_count;      /* … so many times */
    bool drop_writes;    /* carries out writes, and cuts the line instead of answering, until one entity is read */
    const char *refuse;  /* a body that contains this is a schema violation */
    const char *fail_on; /* a body that contains this is always a 500 */
    int page;            /* page size at most, 0: as asked */
    char url[64];
};

static inline void fake_entity_free(void *value)
{
    json_free(value);
}

static inline void fake_answer(struct http_exchange *exchange, int status, const struct json *body)
{
    AUTO(buf) struct buf text = BUF_OWN;
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Content-Type", "application/json");
    if (body != NULL)
        json_print(body, &text);
    http_answer(exchange, status, &headers, buf_text(&text), text.length);
    http_headers_done(&headers);
}

static inline void fake_error(struct http_exchange *exchange, int status, int code, const char *name,
                              const char *message)
{
    AUTO(json) struct json *body = json_new_object();
    if (code > 0)
        json_set_number(body, "code", code);
    json_set_text(body, "name", name);
    json_set_text(body, "message", message);
    fake_answer(exchange, status, body);
}

/* "services", for "/upstreams/<id>/targets" too. */
static inline char *fake_collection(const char *path)
{
    const char *targets = strstr(path, "/targets");
    if (targets != NULL && strncmp(path, "/upstreams/", 11) == 0)
        return xstrdup("targets");
    const char *end = strchr(path + 1, '/');
    return xstrndup(path + 1, end != NULL ? (size_t)(end - path - 1) : strlen(path + 1));
}

static inline bool fake_has_tag(const struct json *entity, const char *tag)
{
    json_each (item, json_find(entity, "tags")) {
        if (strcmp(json_text(item), tag) == 0)
            return true;
    }
    return false;
}

static inline struct json *fake_find(struct fake_kong *fake, const char *collection, const char *id_or_name)
{
    AUTO(text) char *key = xasprintf("/%s/%s", collection, id_or_name);
    struct json *found = map_find(&fake->entities, key);
    size_t position = 0, length = strlen(collection);
    struct map_entry *entry;
    while (found == NULL && (entry = map_next(&fake->entities, &position)) != NULL) {
        if (strncmp(entry->key + 1, collection, length) != 0 || entry->key[length + 1] != '/')
            continue;
        static const char *const names[] = {"name", "username", "key", "target"};
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            const char *name = json_find_text(entry->value, names[i]);
            if (name != NULL && strcmp(name, id_or_name) == 0 && strcmp(collection, "plugins") != 0)
                found = entry->value;
        }
    }
    return found;
}

static inline void fake_list(struct fake_kong *fake, struct http_exchange *exchange, const char *path,
                             const char *query)
{
    AUTO(text) char *collection = fake_collection(path);
    bool tags = strcmp(collection, "tags") == 0;
    const char *equals = strstr(query, "tags=");
    AUTO(text)
    char *tag = tags ? xstrdup(path + 6) : equals != NULL ? xstrndup(equals + 5, strcspn(equals + 5, "&")) : NULL;
    size_t from = strstr(query, "offset=") != NULL ? strtoul(strstr(query, "offset=") + 7, NULL, 10) : 0;
    AUTO(json) struct json *body = json_new_object();
    struct json *data = json_new_array();
    json_set(body, "data", data);
    struct map_entry **sorted = map_sorted(&fake->entities);
    size_t matching = 0;
    for (size_t i = 0; i < fake->entities.count; i++) {
        AUTO(text) char *own = fake_collection(sorted[i]->key);
        if ((!tags && strcmp(own, collection) != 0) || (tag != NULL && !fake_has_tag(sorted[i]->value, tag)))
            continue;
        if (strncmp(path, "/upstreams/", 11) == 0 &&
            strncmp(json_text(json_find_path(sorted[i]->value, "upstream.id")), path + 11, 36) != 0)
            continue;
        if (matching++ < from)
            continue;
        if (fake->page > 0 && json_count(data) == (size_t)fake->page) {
            AUTO(text)
            char *next = xasprintf("%s?offset=%zu%s%s", path, from + (size_t)fake->page,
                                   tag != NULL && !tags ? "&tags=" : "", tag != NULL && !tags ? tag : "");
            json_set_text(body, "next", next);
            break;
        }
        struct json *row = tags ? json_new_object() : json_copy(sorted[i]->value);
        if (tags) {
            json_set_text(row, "entity_name", own);
            json_set_text(row, "entity_id", json_find_text(sorted[i]->value, "id"));
            json_set_text(row, "tag", tag);
        }
        json_append(data, row);
    }
    free(sorted);
    fake_answer(exchange, 200, body);
}

static inline const struct json *fake_store(struct fake_kong *fake, const char *collection, struct json *entity)
{
    AUTO(text) char *key = xasprintf("/%s/%s", collection, json_find_text(entity, "id"));
    json_set_number(entity, "updated_at", 1);
    map_put(&fake->entities, key, entity);
    return entity;
}

static inline void fake_seed(struct fake_kong *fake, const char *collection, const char *text)
{
    struct err err = ERR_INIT;
    struct json *entity = NULL;
    require_that(json_parse(text, strlen(text), &entity, &err) == 0);
    fake_store(fake, collection, entity);
}

static inline void fake_delete(struct fake_kong *fake, const char *collection, const char *id)
{
    AUTO(text) char *key = xasprintf("/%s/%s", collection, id);
    map_remove(&fake->entities, key);
    static const char *const fields[] = {"route", "upstream", "consumer", "certificate"};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&fake->entities, &position)) != NULL)
        for (size_t i = 0; i < COUNT_OF(fields); i++) {
            const char *parent = json_find_text(json_find(entry->value, fields[i]), "id");
            if (parent != NULL && strcmp(parent, id) == 0) {
                json_free(map_take(&fake->entities, entry->key));
                break;
            }
        }
}

static inline bool fake_write(struct fake_kong *fake, struct http_exchange *exchange,
                              const struct http_incoming *request, const char *collection, const char *id)
{
    struct err err = ERR_INIT;
    struct json *entity = NULL;
    require_that(json_parse(request->body, request->body_length, &entity, &err) == 0);
    if (strcmp(request->method, "POST") == 0) {
        const char *own = json_find_text(entity, "id");
        const char *name = json_find_text(entity, "name");
        if (name == NULL)
            name = json_find_text(entity, "username");
        bool taken = own != NULL && fake_find(fake, collection, own) != NULL;
        taken =
            taken || (name != NULL && strcmp(collection, "plugins") != 0 && fake_find(fake, collection, name) != NULL);
        if (taken && !fake->drop_writes) {
            json_free(entity);
            fake_error(exchange, 409, 5, "unique constraint violation", "UNIQUE violation detected");
            return false;
        }
        if (own == NULL) {
            char random[HASH_UUID_SIZE];
            hash_uuid4(random);
            json_set_text(entity, "id", random);
        }
        if (strncmp(request->path, "/upstreams/", 11) == 0) {
            struct json *parent = json_new_object();
            AUTO(text) char *parent_id = xstrndup(request->path + 11, 36);
            json_set_text(parent, "id", parent_id);
            json_set(entity, "upstream", parent);
        }
    } else {
        json_set_text(entity, "id", id);
    }
    const struct json *stored = fake_store(fake, collection, entity);
    if (fake->drop_writes) {
        http_drop(exchange);
        return true;
    }
    fake_answer(exchange, 200, stored);
    return true;
}

static inline void fake_root(struct http_exchange *exchange)
{
    static const char text[] = "{\"version\":\"3.9.3\",\"edition\":\"community\",\"configuration\":{\"router_flavor\":"
                               "\"traditional_compatible\",\"database\":\"postgres\",\"role\":\"traditional\"},"
                               "\"plugins\":{\"available_on_server\":{}}}";
    http_answer(exchange, 200, NULL, text, strlen(text));
}

static inline void fake_handle(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct fake_kong *fake = user;
    static const char *const lacking[] = {"licenses", "consumer_groups", "mtls-auths"};
    buf_printf(&fake->log, "%s %s%s%s\n", request->method, request->path, request->query[0] != '\0' ? "?" : "",
               request->query);
    AUTO(text) char *collection = fake_collection(request->path);
    const char *last = strrchr(request->path, '/') + 1;
    bool one = strlen(collection) + 1 < strlen(request->path) && strcmp(last, "targets") != 0;
    bool poisoned = fake->fail_on != NULL && request->body_length > 0 && strstr(request->body, fake->fail_on) != NULL;
    for (size_t i = 0; i < COUNT_OF(lacking); i++)
        if (strcmp(collection, lacking[i]) == 0) {
            fake_error(exchange, 404, 0, "", "Not found");
            return;
        }
    if (poisoned || fake->fail_count > 0) {
        fake->fail_count -= !poisoned;
        fake_error(exchange, poisoned ? 500 : fake->fail_status, 0, "", "An unexpected error occurred");
    } else if (fake->refuse != NULL && request->body_length > 0 && strstr(request->body, fake->refuse) != NULL) {
        fake_error(exchange, 400, 2, "schema violation", "schema violation (host: bad)");
    } else if (strcmp(request->path, "/") == 0) {
        fake_root(exchange);
    } else if (strcmp(request->method, "DELETE") == 0) {
        fake_delete(fake, collection, last);
        http_answer(exchange, 204, NULL, "", 0);
    } else if (strcmp(request->method, "GET") != 0) {
        fake_write(fake, exchange, request, collection, last);
    } else if (one && strcmp(collection, "tags") != 0) {
        struct json *found = fake_find(fake, collection, last);
        fake->drop_writes = false;
        if (found != NULL)
            fake_answer(exchange, 200, found);
        else
            fake_error(exchange, 404, 0, "", "Not found");
    } else {
        fake_list(fake, exchange, request->path, request->query);
    }
}

static inline struct fake_kong *fake_kong_new(struct loop *loop)
{
    struct fake_kong *fake = xcalloc(1, sizeof(*fake));
    struct err err = ERR_INIT;
    fake->loop = loop;
    fake->log = (struct buf)BUF_OWN;
    map_init(&fake->entities, fake_entity_free);
    require_that(http_server_new(loop, &(struct http_server_options){.listen = "127.0.0.1:0"}, fake_handle, fake,
                                 &fake->server, &err) == 0);
    snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%d", http_server_port(fake->server));
    return fake;
}

static inline void fake_kong_free(struct fake_kong *fake)
{
    http_server_free(fake->server);
    map_done(&fake->entities);
    buf_done(&fake->log);
    free(fake);
}
