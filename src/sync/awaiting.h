/* awaiting.h - which objects name something that is missing and may be on its way (problem codes say which do).
 * Owns:    what it was told last.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/map.h"
#include "kong/problem.h"

struct awaiting {
    struct map objects; /* by kong_source_key */
    void (*changed)(void *user, const struct kong_source *object, bool missing);
    void *user;
};

void awaiting_init(struct awaiting *awaiting,
                   void (*changed)(void *user, const struct kong_source *object, bool missing), void *user);
void awaiting_done(struct awaiting *awaiting);

/* All problems that stand now: tells of objects that miss something that they did not miss before, and of those that
 * miss nothing any more. */
void awaiting_problems(struct awaiting *awaiting, struct problem *const *problems, size_t count);
