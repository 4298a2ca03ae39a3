/* outbox.h - deltas that wait for the loop thread, merged: the newest of each entity, and of what is said of each object.
 * Owns: what it holds.   Thread: the translator's lock is held.   Errors: none. */
#pragma once

#include "base/map.h"
#include "rules/rules.h"

struct outbox {
    struct map changes; /* "kind|key" -> struct rules_change */
    struct map said;    /* kong_source_key -> struct rules_said */
    bool taken_once;
};

void outbox_init(struct outbox *outbox);
void outbox_done(struct outbox *outbox);
/* Takes the delta's contents. */
void outbox_add(struct outbox *outbox, struct rules_delta *delta);
/* Everything that waits, sorted; true the first time. */
bool outbox_take(struct outbox *outbox, struct rules_delta *ret_delta);
