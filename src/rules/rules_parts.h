/* rules_parts.h - the engine, shared by the files that load it, mark nodes, run them and tell what came of it.
 * Owns: see rules/rules.h.   Thread: the translator.   Errors: problems. */
#pragma once

#include "ctx.h"
#include "graph.h"
#include "loader.h"
#include "lua/host.h"
#include "wanted.h"

struct rules {
    struct lua_host host;
    struct loader loader;
    struct graph graph;
    struct wanted_set wanted;
    struct ctx ctx;
    struct store_kinds *kinds;
    struct store *store;
    const struct store_kind **watched; /* ends with NULL */
    char *bundle, *overrides;
    int ctx_ref;
    int last_level;
    uint64_t lua_us, run_us;
    _Atomic uint64_t nodes_run, running_since_ms; /* read by other threads, see rules_pulse */
};

/* rules.c */
int rules_take_settings(struct rules *rules, const struct json *settings, struct err *err) MUST_USE;

/* rules_change.c */
void rules_announce(struct rules *rules); /* the slot whose key is in rules->ctx.key: its readers are dirty */
void rules_remove_node(struct rules *rules, struct node *node);

/* rules_result.c */
void rules_fill_delta(struct rules *rules, struct rules_delta *delta);
