/* gateway/gateways.h - the Admin API endpoints of one configuration: one is used, another takes over when it fails.
 * Owns:    copies of the addresses.
 * Thread:  one owner (loop).
 * Errors:  none. All endpoints stand before the same database, so any will do: one is picked at random among those
 *          that have not failed of late, and kept (its worker caches are warm) until it fails or is gone from the set. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

#define KONG_GATEWAY_REST_MS     1000  /* how long an endpoint that failed once is passed over */
#define KONG_GATEWAY_REST_MAX_MS 30000 /* … doubled with every failure in a row up to this */

struct kong_gateways;

struct kong_gateways *kong_gateways_new(void);
void kong_gateways_free(struct kong_gateways *gateways);

/* Base URLs without a slash at the end ("https://10.0.0.7:8444"); known ones keep their record.  For discovery: call it
 * with every change. */
void kong_gateways_set(struct kong_gateways *gateways, const char *const *urls, size_t count);
size_t kong_gateways_count(const struct kong_gateways *gateways);
const char *kong_gateways_url(const struct kong_gateways *gateways, size_t index);
bool kong_gateways_resting(const struct kong_gateways *gateways, size_t index, uint64_t now_ms);

/* The one to use now: borrowed until the set changes; NULL when the set is empty.  When all rest, the one that has
 * rested longest. */
const char *kong_gateways_pick(struct kong_gateways *gateways, uint64_t now_ms);
void kong_gateways_failed(struct kong_gateways *gateways, const char *url, uint64_t now_ms);
void kong_gateways_worked(struct kong_gateways *gateways, const char *url);
