/* ctx.h - what a running rule may do: the object `ctx` of lua/README.md, and the record of one run.
 * Owns:    a run owns what it collected until the engine takes it.
 * Thread:  the translator.
 * Errors:  wrong use raises in Lua; ctx is invalid outside of a run and says so. */
#pragma once

#include "base/shared_text.h"
#include "graph.h"
#include "loader.h"
#include "lua/raise.h"
#include "wanted.h"

struct run {
    struct node *node;
    uint64_t id;      /* of the run; slots that were seen in it carry it */
    size_t collected; /* bytes, about: what follows; at most rules_limits.result */
    struct {
        VEC(struct slot *);
    } slots;
    struct offer_list offers;
    struct entity_list entities;
    struct problem_list problems;
    struct condition_list conditions;
};

/* Sorts of names that rules call things by. */
enum ctx_names { CTX_STORE_KINDS, CTX_RULES, CTX_ENTITY_KINDS, CTX_NAMES_COUNT };

struct ctx {
    struct lua_host *host;
    struct loader *loader;
    struct graph *graph;
    struct store *store;
    struct store_kinds *kinds;
    struct shared_texts *texts; /* names of rules, steps and files, which thousands of entities have in common */
    char *workspace;
    char id_spaces[KONG_KIND_COUNT][37]; /* kong_kind_make_space, once asked for */
    int settings_ref;                    /* Lua table */
    int names_refs[CTX_NAMES_COUNT];     /* Lua tables: name -> what was found by it */
    struct run run;                      /* of the node that runs now; node NULL: none does */
    struct buf key;                      /* scratch */
    struct buf text;                     /* scratch */
    uint64_t json_us;
    bool measure;
    bool
        kong_judges; /* of bounds of numbers and forms of ids: a pack that is bug for bug another controller emits what Kong will refuse */
};

/* Pushes the ctx userdata (made once). */
RAISES void ctx_open(struct ctx *ctx, lua_State *L);

/* Decodes an object onto the stack, counted and timed; raises when it is broken. */
RAISES void ctx_push_object(struct ctx *ctx, lua_State *L, const struct object *object);
/* The array of contributions to a node (NULL: an empty one). */
RAISES void ctx_push_contributions(struct ctx *ctx, lua_State *L, struct node *node);

void ctx_run_begin(struct ctx *ctx, struct node *node);
void ctx_run_drop(struct ctx *ctx); /* what a failed run collected, but for its reads */

/* ctx_emit.c, ctx_report.c: methods of ctx */
RAISES int ctx_emit(lua_State *L);
RAISES int ctx_problem(lua_State *L);
RAISES int ctx_condition(lua_State *L);

/* ctx_common.c: what the methods share. */
#define CTX_NAME "kongruent.ctx"
RAISES struct ctx *ctx_check(lua_State *L);
/* Raises unless the run may collect so many bytes more; counts them. */
RAISES void ctx_collect(struct ctx *ctx, lua_State *L, size_t bytes);
RAISES void ctx_may_collect(const struct ctx *ctx, lua_State *L, size_t bytes); /* without counting them */
/* What the name at `index` stood for when it was asked last, or NULL; and a note of it.  Rules say the same few names again and again. */
void *ctx_recall(struct ctx *ctx, lua_State *L, enum ctx_names sort, int index);
RAISES void ctx_remember(struct ctx *ctx, lua_State *L, enum ctx_names sort, int index, const void *found);
/* The source that an object table at `index` names, copied into *ret_source.  Raises before it copies. */
RAISES void ctx_source_of(lua_State *L, int index, struct kong_source *ret_source);
void ctx_node_source(const struct node *node, struct kong_source *ret_source);
