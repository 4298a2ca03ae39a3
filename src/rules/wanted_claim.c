/* Secrets may name the ids of credentials and authorities: two objects must not make one entity of Kong's. */
#include "wanted_parts.h"

#include <string.h>

/* Kinds whose objects can name the id of their entity. */
static bool names_ids(const struct kong_kind *kind)
{
    return kind->id == KONG_CERTIFICATE || kind->id == KONG_CA_CERTIFICATE || kind->id == KONG_CUSTOM ||
           (kind->id >= KONG_KEY_AUTH && kind->id <= KONG_MTLS_AUTH);
}

void wanted_touch_claimants(struct wanted_set *set, const struct id_claim *claim)
{
    for (size_t i = 0; i < claim->count; i++)
        wanted_touch(set, claim->items[i]);
}

static void give_up_claim(struct wanted_set *set, struct wanted *wanted)
{
    struct id_claim *claim = wanted->claim;
    if (claim == NULL)
        return;
    for (size_t i = 0; i < claim->count; i++) {
        if (claim->items[i] == wanted) {
            claim->items[i] = claim->items[--claim->count];
            break;
        }
    }
    wanted->claim = NULL;
    wanted_touch_claimants(set, claim);
    if (claim->count == 0)
        map_remove(&set->claims[wanted->kind->id], claim->id);
}

void wanted_claim_id(struct wanted_set *set, struct wanted *wanted)
{
    const char *id = wanted->winner != NULL && names_ids(wanted->kind) ? wanted->winner->entity->id : NULL;
    if (wanted->claim != NULL && (id == NULL || strcmp(wanted->claim->id, id) != 0))
        give_up_claim(set, wanted);
    if (id == NULL || wanted->claim != NULL)
        return;
    struct map *claims = &set->claims[wanted->kind->id];
    struct id_claim *claim = map_find(claims, id);
    if (claim == NULL) {
        claim = xcalloc(1, sizeof(*claim));
        claim->id = map_put(claims, id, claim)->key;
    }
    wanted_touch_claimants(set, claim);
    vec_push(claim, wanted);
    wanted->claim = claim;
}

const struct wanted *wanted_older_claimant(const struct wanted *wanted)
{
    const struct wanted *oldest = wanted;
    for (size_t i = 0; wanted->claim != NULL && i < wanted->claim->count; i++) {
        const struct wanted *other = wanted->claim->items[i];
        if (other->winner != NULL && wanted_emission_compare(other->winner, oldest->winner) < 0)
            oldest = other;
    }
    return oldest != wanted ? oldest : NULL;
}
