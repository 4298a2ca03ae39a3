/* net/resolve.h - the addresses of a host name, asked for without blocking the loop.
 * Owns:    a question belongs to whoever asked until it is answered or given up.
 * Thread:  loop thread. The C library has no asynchronous form, so each question is a thread of its own that touches
 *          nothing but its question, and may outlive it when it was given up.
 * Errors:  told to the callback. */
#pragma once

#include "base/err.h"
#include "net/loop.h"

#define RESOLVE_ADDRESSES_MAX 16 /* of one name; further ones are left out */

struct resolve;

/* `addresses` are numeric, borrowed until return; none of them: `err` says why.  The question is over and must not be
 * given up any more. */
typedef void resolve_fn(void *user, const char *const *addresses, size_t count, const struct err *err);

int resolve_start(struct loop *loop, const char *name, resolve_fn *answered, void *user, struct resolve **ret_resolve,
                  struct err *err) MUST_USE;
void resolve_give_up(struct resolve *resolve); /* no callback; NULL is fine */
