/* api.h - which path means what.   Owns: nothing.   Thread: one owner.   Errors: answers. */
#pragma once

#include "state.h"

/* Collections and what is nested below them; false when the path is none of theirs. */
bool api_handle_entities(struct call *call);

/* info.c: everything that is no entity: /, /status, /schemas/…, /tags, /plugins/enabled …; false likewise. */
bool api_handle_info(struct call *call);

/* control.c: what stands below /sandbox/. */
void api_handle_control(struct call *call);

/* Answers HEAD and OPTIONS as `methods` (comma-separated, sorted) allow, and 405; true when the method goes on to the
 * caller. */
bool api_allow(struct call *call, const char *methods);
