/* mirror.h - reads what the gateway holds under our tags into a plan, schemas first.
 * Owns:    what it has read and not handed over yet.
 * Thread:  loop.
 * Errors:  a gateway that does not answer ends the reading; a kind that it refuses to list is left unknown, which only
 *          narrows what may be deleted; one that it does not have is unsupported. Kinds are read in levels, parents
 *          first, because natural keys are made of the parents' names. Targets have no list of their own in the Admin
 *          API: their ids come from the list of what carries the tag, and only ids that we cannot explain are looked
 *          for upstream by upstream. */
#pragma once

#include "gateway/session.h"

struct mirror;

struct mirror_options {
    struct kong_admin *admin;
    struct kong_plan *plan;
    struct kong_schemas *schemas;
    const struct kong_session_callbacks *callbacks;
    bool skip_ca_certificates;
    bool report_drift;
    bool reread;         /* the gateway was read before: what differs now is drift */
    bool verify_targets; /* read them all, upstream by upstream */
    char *
        verify_after; /* … or those of KONG_VERIFY_UPSTREAMS upstreams behind this id, which is set anew; NULL: of none */
    bool types_only; /* custom entities, and nothing else */
};

/* `answer` is NULL when all went well; else what ended the reading.  The mirror may be freed in it. */
typedef void mirror_done_fn(void *user, const struct kong_answer *answer);

struct mirror *mirror_new(const struct mirror_options *options, mirror_done_fn *done, void *user);
void mirror_free(struct mirror *mirror); /* only when nothing of it is under way */
void mirror_start(struct mirror *mirror, bool wanted_known);
void mirror_wanted_known(struct mirror *mirror); /* all that is wanted is in the plan: targets may be matched */
size_t mirror_entities(const struct mirror *mirror);
/* After a reading that went well: kinds that the gateway has, and does not let us list. */
bool mirror_unread(const struct mirror *mirror, enum kong_kind_id kind);
