/* rules/rules.h - what Kong should be: the engine of nodes, and the Lua rules that it runs.
 * Owns:    the Lua state, the store, the nodes and the wanted entities.
 * Thread:  one owner (the translator thread, or a command that needs no thread).
 * Errors:  loading a broken rule file fails with file:line; a rule that fails while running hurts its own node only:
 *          the node keeps its last good result and the object gets a problem.
 *
 * A node is named (rule, key).  It runs again only when something that it read, or that was contributed to it, changed; nodes run in the
 * order of their rules' levels, so one wave runs a node at most once.  An unchanged result stops the wave.  See src/rules/README.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "kong/entity.h"
#include "kong/problem.h"
#include "rules/said.h"
#include "store/store.h"

struct rules;

struct rules_limits {
    uint64_t instructions; /* per node run; 0: 50 million */
    size_t memory;         /* bytes of the Lua heap; 0: 1 GiB */
    size_t string;         /* longest subject of a pattern search; 0: 64 KiB */
    uint64_t time_ms;      /* per node run, and per file that is loaded; 0: 10 seconds */
    size_t result;         /* bytes, about, of what a node run reads, emits, contributes and reports; 0: 64 MiB */
};

struct rules_options {
    const char *bundle;          /* folder with rules/, lib/ and packs/; NULL: where the program finds its own */
    const char *overrides;       /* operators' folder, or NULL */
    const char *pack;            /* "kic" for --compat kic, or NULL */
    const struct json *settings; /* object; ctx:option(name) reads it; borrowed for the load only */
    struct rules_limits limits;
};

int rules_load(const struct rules_options *options, struct rules **ret_rules, struct err *err) MUST_USE;
void rules_free(struct rules *rules);
DEFINE_CLEANUP(rules, rules_free)

/* The kinds that the loaded rules read, in table order; ends with NULL; borrowed. */
const struct store_kind *const *rules_kinds(const struct rules *rules);
struct store_kinds *rules_kind_table(struct rules *rules); /* for object_parse; borrowed */
const struct store *rules_store(const struct rules *rules);

/* Changes; nothing runs yet.  rules_put takes the object. */
void rules_put(struct rules *rules, struct object *object);
void rules_remove(struct rules *rules, const struct store_kind *kind, const char *namespace, const char *name);

/* Changed options (the gateway's router flavour or version): nodes that read a changed option run again. */
void rules_set_settings(struct rules *rules, const struct json *settings);

struct rules_change {
    const struct kong_kind *kind;
    const char *key;            /* the entity's own; else owned */
    struct kong_entity *entity; /* NULL: not wanted any more */
};
void rules_change_done(struct rules_change *change);

/* What one wave changed: entities by kind and key; what is said, by object.  Both sorted. */
struct rules_delta {
    struct rules_change *changes;
    size_t change_count;
    struct rules_said *said; /* each whole: in place of what was said of that object before */
    size_t said_count;
};

/* Runs what is dirty, to the end. */
void rules_run(struct rules *rules, struct rules_delta *ret_delta);
void rules_delta_done(struct rules_delta *delta);

/* Wanted entities now, sorted by kind and key; the caller frees the array, the entities are borrowed. */
struct kong_entity **rules_entities(const struct rules *rules, size_t *ret_count);
/* For --compat, as KIC lists them: also those that lost against another of the same key, and memberships of groups
 * that nobody makes. */
struct kong_entity **rules_emitted(const struct rules *rules, size_t *ret_count);
struct problem **rules_problems(const struct rules *rules, size_t *ret_count); /* sorted; same ownership */

struct rules_counters {
    uint64_t arrivals; /* objects put that were not there */
    uint64_t waves, nodes, nodes_run, reads, contributions, stops, failures, entities_changed, objects_decoded;
    uint64_t contributions_read;         /* decoded for a rule: given to it, or consulted */
    uint64_t lua_us, json_us, engine_us; /* time spent, when measuring is on */
    size_t heap_bytes;
};
struct rules_counters rules_counters(const struct rules *rules);

/* Whether the owner comes on; may be asked from any thread while the owner runs a wave.  A node's run ends soon after its limit of time. */
struct rules_pulse {
    uint64_t nodes_run;        /* since the rules were loaded */
    uint64_t running_since_ms; /* clock_monotonic_ms when the present node's run began; 0: none runs */
};
struct rules_pulse rules_pulse(const struct rules *rules);

void rules_measure(struct rules *rules, bool on);

/* For `rules list` and `rules show`: rule files and steps in load order. */
struct rules_file {
    const char *path, *verb, *target; /* verb: "rule", "kind", "extends", "replaces", "adjusts" */
    const char *const *steps;         /* sorted, ends with NULL */
    int level;
};
size_t rules_files(const struct rules *rules, const struct rules_file **ret_files);
