/* loader.h - rule files: the bundled ones, a pack, and the operators' folder, checked and put into levels.
 * Owns:    what `struct loader` lists; the rules go to the graph.
 * Thread:  the owner of the state.
 * Errors:  any broken file stops the loading, with its name and line, the wrong key and the nearest right one. */
#pragma once

#include "declaration.h"
#include "graph.h"
#include "lua/host.h"

struct adjuster {
    const struct kong_kind *kind;
    int lua_ref; /* the function */
    char *file;
};

struct loader {
    struct lua_host *host;
    struct store_kinds *kinds;
    struct graph *graph;
    struct {
        VEC(struct adjuster);
    } adjusters;
    struct {
        VEC(struct rules_file);
    } files;
    struct declaration rules[GRAPH_RULES_MAX]; /* of each rule, what its file says of itself; while files are loaded */
};

int loader_load(struct loader *loader, const struct rules_options *options, const char *bundle,
                struct err *err) MUST_USE;
void loader_done(struct loader *loader);

/* By name ("backend") or kind ("networking.k8s.io/v1/Ingress"). */
struct rule *loader_find(const struct loader *loader, const char *target);
