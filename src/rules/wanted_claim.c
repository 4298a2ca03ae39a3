/* Secrets may name the ids of credentials and authorities: two objects must not make one entity of Kong's. */
#include "wanted_parts.h"

#include <string.h>

/* Kinds whose objects can name the id of their entity. */
static bool names_ids(const struct kong_kind *kind)
{
    return kind->id == KONG_CERTIFICATE || kind->id == KONG_CA_CERTIFICATE || kind->id == KONG_CUSTOM ||
           (kind->id >= KONG_KEY_AUTH && kind->id <= KONG_MTLS_AUTH);
}

static void make_stale(struct wanted_set *set, struct id_claim *claim)
{
    if (claim->stale)
        return;
    claim->stale = true;
    claim->next_stale = set->stale_claims;
    set->stale_claims = claim;
}

void wanted_review_claim(struct wanted_set *set, const struct wanted *wanted)
{
    if (wanted->claim != NULL)
        make_stale(set, wanted->claim);
}

static void give_up_claim(struct wanted_set *set, struct wanted *wanted)
{
    struct id_claim *claim = wanted->claim;
    struct wanted *last = claim->items[--claim->count];
    claim->items[wanted->claim_place] = last;
    last->claim_place = wanted->claim_place;
    wanted->claim = NULL;
    if (claim->holder == wanted)
        claim->holder = NULL;
    make_stale(set, claim);
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
        claim->kind = wanted->kind;
        claim->holder = wanted;
        claim->holder_winner = wanted->winner;
    } else {
        make_stale(set, claim);
    }
    wanted->claim = claim;
    wanted->claim_place = claim->count;
    vec_push(claim, wanted);
}

const struct wanted *wanted_older_claimant(const struct wanted *wanted)
{
    const struct id_claim *claim = wanted->claim;
    return claim != NULL && claim->holder != NULL && claim->holder != wanted ? claim->holder : NULL;
}

bool wanted_holds_id(const struct wanted *wanted)
{
    return wanted->claim == NULL || wanted->claim->holder == wanted;
}

static struct wanted *oldest_claimant(const struct id_claim *claim)
{
    struct wanted *oldest = claim->items[0];
    for (size_t i = 1; i < claim->count; i++) {
        if (wanted_emission_compare(claim->items[i]->winner, oldest->winner) < 0)
            oldest = claim->items[i];
    }
    return oldest;
}

/* Each claim is looked through once, however many of its claimants have changed. */
bool wanted_settle_claims(struct wanted_set *set)
{
    bool touched = false;
    for (struct id_claim *claim; (claim = set->stale_claims) != NULL;) {
        set->stale_claims = claim->next_stale;
        claim->stale = false;
        if (claim->count == 0) {
            map_remove(&set->claims[claim->kind->id], claim->id);
            continue;
        }
        struct wanted *oldest = oldest_claimant(claim);
        if (oldest == claim->holder && oldest->winner == claim->holder_winner)
            continue;
        claim->holder = oldest;
        claim->holder_winner = oldest->winner;
        for (size_t i = 0; i < claim->count; i++)
            wanted_touch(set, claim->items[i]);
        touched = true;
    }
    return touched;
}
