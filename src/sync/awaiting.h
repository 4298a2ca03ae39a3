/* awaiting.h - which objects name something that is missing and may be on its way (problem codes say which do).
 * Owns:    what it was told last.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/map.h"
#include "rules/said.h"

struct awaiting {
    struct map objects; /* kong_source_key -> what it misses, as text */
    void (*changed)(void *user, const struct kong_source *object, bool missing);
    void *user;
};

void awaiting_init(struct awaiting *awaiting,
                   void (*changed)(void *user, const struct kong_source *object, bool missing), void *user);
void awaiting_done(struct awaiting *awaiting);

/* Tells when the object misses something that it did not miss before, and when it misses nothing any more. */
void awaiting_said(struct awaiting *awaiting, const struct rules_said *said);
