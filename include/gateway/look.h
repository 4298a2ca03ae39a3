/* gateway/look.h - single entities as somebody saw them in the gateway between two readings: drift is found without one.
 * Owns:    nothing.
 * Thread:  loop thread.
 * Errors:  none. What we touched ourselves since shortly before the look is not judged by it: look at that again.
 *
 * Use: kong_look_begin before the look (its moment is then, or up to `slack_ms` earlier); kong_look_judge for what was
 * seen, and for what is missing; kong_look_take and kong_look_take_gone for what is to be believed; then
 * kong_session_commit. */
#pragma once

#include "gateway/session.h"

struct kong_look {
    uint64_t since_ms; /* what was written before is in what is seen */
    uint64_t reading;  /* … and the mirror was read before */
};

/* False: not now, since the gateway was not read yet, or is being read. */
bool kong_look_begin(struct kong_session *session, uint64_t slack_ms, struct kong_look *ret_look);

bool kong_look_stands(const struct kong_session *session, const struct kong_look *look); /* no reading came between */
bool kong_look_knows(struct kong_session *session, const struct kong_kind *kind, const char *id);

enum kong_seen {
    KONG_SEEN_SAME,  /* as we know it */
    KONG_SEEN_OTHER, /* others have changed, made or deleted it */
    KONG_SEEN_LATER, /* it was under way: look again */
};

/* `object` NULL: it is not there. */
enum kong_seen kong_look_judge(struct kong_session *session, const struct kong_look *look, const struct kong_kind *kind,
                               const char *id, const struct json *object);
void kong_look_take(struct kong_session *session, const struct kong_kind *kind, const struct json *object);
void kong_look_take_gone(struct kong_session *session, const struct kong_kind *kind, const char *const *ids,
                         size_t count);

/* How many entities of the kind (or type) we take to be there, and which: `missing` for each that is not in `ids`, a map
 * with an entry for each that is. */
size_t kong_look_count(struct kong_session *session, const struct kong_kind *kind);
void kong_look_missing(struct kong_session *session, const struct kong_kind *kind, const struct map *ids,
                       void (*missing)(void *user, const char *id), void *user);
/* Whether two objects are the same entity in the same shape, each as the Admin API serves it or a database stores it. */
bool kong_look_same(struct kong_session *session, const struct kong_kind *kind, const struct json *left,
                    const struct json *right);
