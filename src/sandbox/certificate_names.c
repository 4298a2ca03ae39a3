/* The server names of a certificate: a list in its body, entities of their own in the store. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "checks.h"
#include "crud.h"

static bool is_before(const struct json *names, const struct json *name)
{
    for (const struct json *other = json_first(names); other != name; other = json_after(other)) {
        if (json_equal(other, name))
            return true;
    }
    return false;
}

bool names_check(struct call *call, const struct json *names, const char *certificate_id)
{
    const struct table *snis = state_table(call->sandbox, "snis");
    json_each (name, names) {
        const char *text = json_text(name);
        if (text == NULL) {
            answer_field_violation(call->answer, "snis", "expected a string");
            return false;
        }
        AUTO(text) char *fault = check_sni(name);
        if (fault != NULL) {
            answer_invalid_unique(call->answer, "name", fault);
            return false;
        }
        AUTO(text) char *taken = NULL;
        const struct entity *other = sandbox_store_find_unique(snis, "name", text);
        const char *owner = other != NULL ? sandbox_store_reference(other->fields, "certificate") : NULL;
        if (is_before(names, name))
            taken = xasprintf("%s is duplicated", text);
        else if (owner != NULL && strcmp(owner, certificate_id) != 0)
            taken = xasprintf("%s already associated with existing certificate '%s'", text, owner);
        if (taken != NULL) {
            answer_field_violation(call->answer, "snis", taken);
            return false;
        }
    }
    return true;
}

static bool list_has(const struct json *names, const char *text)
{
    json_each (name, names) {
        if (strcmp(json_text(name), text) == 0)
            return true;
    }
    return false;
}

static void drop_others(struct table *snis, const struct json *names, const char *certificate_id)
{
    const struct entity_index *index = sandbox_store_referring(snis, "certificate", certificate_id);
    for (size_t i = 0; index != NULL && i < index->count;) {
        struct entity *entity = index->items[i];
        if (list_has(names, json_find_text(entity->fields, "name"))) {
            i++;
            continue;
        }
        sandbox_store_remove(snis, entity);
        index = sandbox_store_referring(snis, "certificate", certificate_id);
    }
}

void names_replace(struct call *call, const struct json *names, const char *certificate_id)
{
    struct table *snis = state_table(call->sandbox, "snis");
    AUTO(text) char *owner = xstrdup(certificate_id);
    drop_others(snis, names, owner);
    json_each (name, names) {
        if (sandbox_store_find_unique(snis, "name", json_text(name)) != NULL)
            continue;
        char id[37];
        state_make_id(call->sandbox, id);
        struct json *fields = json_new_object();
        struct json *reference = json_new_object();
        json_set_text(reference, "id", owner);
        json_set_text(fields, "id", id);
        json_set_text(fields, "name", json_text(name));
        json_set(fields, "certificate", reference);
        json_set(fields, "tags", json_new_null());
        json_set_number(fields, "created_at", (double)(int64_t)clock_wall());
        json_set_number(fields, "updated_at", (double)(int64_t)clock_wall());
        sandbox_store_put(snis, fields, ++call->sandbox->made);
    }
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

struct json *names_of(struct sandbox *sandbox, const char *certificate_id)
{
    const struct entity_index *index =
        sandbox_store_referring(state_table(sandbox, "snis"), "certificate", certificate_id);
    size_t count = index != NULL ? index->count : 0;
    const char **texts = xcalloc(count + 1, sizeof(*texts));
    for (size_t i = 0; i < count; i++)
        texts[i] = json_find_text(index->items[i]->fields, "name");
    qsort(texts, count, sizeof(*texts), by_text);
    struct json *names = json_new_array();
    for (size_t i = 0; i < count; i++)
        json_append(names, json_new_text(texts[i]));
    free(texts);
    return names;
}
