/* Decides whether sending a wanted entity would change what the gateway holds. */
#include <string.h>

#include "plan/state.h"

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t mix(uint64_t hash, const char *text)
{
    for (const char *at = text != NULL ? text : "\x01"; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * FNV_PRIME;
    return hash * FNV_PRIME;
}

void kong_state_foreign_ids(const struct kong_item *item, const char *ret_ids[KONG_FOREIGN_MAX])
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        const struct kong_item *target = item->links[i].target;
        ret_ids[i] = target != NULL && target->actual != NULL ? target->actual->id : NULL;
    }
}

uint64_t kong_state_fingerprint(struct kong_state *state, struct kong_item *item)
{
    const char *ids[KONG_FOREIGN_MAX];
    kong_state_foreign_ids(item, ids);
    uint64_t hash = mix(FNV_START, item->entity->text);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        hash = mix(hash, ids[i]);
    return hash != 0 ? hash : 1;
}

static bool same_foreign(const struct kong_item *item, const char *const ids[KONG_FOREIGN_MAX])
{
    if (item->kind->id == KONG_CUSTOM)
        return true; /* a part of the canonical form */
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        const char *actual = item->actual->foreign_ids[i];
        if (item->links[i].target != NULL ? ids[i] == NULL || actual == NULL || strcmp(ids[i], actual) != 0
                                          : actual != NULL)
            return false;
    }
    return true;
}

static bool compare(struct kong_state *state, struct kong_item *item)
{
    const char *ids[KONG_FOREIGN_MAX];
    kong_state_foreign_ids(item, ids);
    if (!same_foreign(item, ids))
        return true;
    /* What the gateway made of exactly this when it was sent is what it will make of it again. */
    if (item->actual->accepted != 0 && item->actual->accepted == kong_state_fingerprint(state, item))
        return false;

    AUTO(json)
    struct json *wanted = kong_canonical_wanted(item->kind, item->entity, state->schemas, &state->ownership, ids);
    AUTO(text) char *text = json_print_text(wanted);
    if (strcmp(text, item->actual->text) == 0)
        return false;

    struct err err = ERR_INIT;
    struct json *actual = NULL;
    require_that(json_parse(item->actual->text, strlen(item->actual->text), &actual, &err) == 0);
    kong_canonical_match_hashes(item->kind, wanted, actual);
    if (item->kind->id == KONG_CUSTOM)
        kong_schema_take_automatic(kong_schemas_find(state->schemas, item->kind->table), wanted, actual);
    bool differs = !json_equal(wanted, actual);
    json_free(actual);
    return differs;
}

bool kong_state_differs(struct kong_state *state, struct kong_item *item)
{
    if (item->entity == NULL)
        return item->actual != NULL;
    if (item->actual == NULL)
        return true;
    if (!item->compared) {
        item->differs = compare(state, item);
        item->compared = true;
    }
    return item->differs;
}
