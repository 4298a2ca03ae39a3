/* drift.h - what others changed in the gateway, as readings and looks come upon it.
 * Owns: nothing.   Thread: loop.   Errors: none. */
#pragma once

#include "gateway/session.h"

struct drift {
    struct kong_plan *plan;
    const struct kong_session_callbacks *callbacks;
    bool report; /* … and leave it as it is */
    bool read;   /* the gateway was read before: what differs now was changed since */
    bool looks;  /* … by others: nothing else can have made what nobody wants */
};

/* An entity as the gateway has it.  True: somebody else made it, and nobody wants it. */
bool drift_hold(const struct drift *drift, const struct kong_kind *kind, const struct json *object);
/* What was not seen in these kinds is gone. */
void drift_gone(const struct drift *drift, const bool listed[KONG_KIND_COUNT]);
