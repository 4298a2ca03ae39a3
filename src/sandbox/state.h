/* state.h - what a sandbox consists of, and one request on its way through it.
 * Owns:    see the fields.
 * Thread:  one owner.
 * Errors:  answers. */
#pragma once

#include "answer.h"
#include "base/json.h"
#include "base/map.h"
#include "faults.h"
#include "net/query.h"
#include "requests.h"
#include "sandbox/sandbox.h"
#include "store.h"

struct sandbox {
    struct sandbox_options options;
    char *version;
    char node_id[37];
    struct table tables[KIND_COUNT];
    struct map schemas; /* struct schema by path: "routes", "plugins/cors", "vaults/env" */
    uint64_t made;
    struct json *data_planes; /* list, or NULL */
    struct requests requests;
    struct faults faults;
};

#define SEGMENTS_MAX 8

struct call {
    struct sandbox *sandbox;
    const char *method;
    char *segments[SEGMENTS_MAX]; /* decoded */
    size_t segment_count;
    struct query query;
    struct json *body; /* an object, or NULL; handlers may take parts */
    bool lie;          /* answer as if, and store nothing */
    bool seed;         /* the body is an entity as a gateway shows it */
    struct sandbox_answer *answer;
};

static inline bool call_is(const struct call *call, const char *method)
{
    return strcmp(call->method, method) == 0;
}

struct table *state_table(struct sandbox *sandbox, const char *table);
const struct schema *state_schema(const struct sandbox *sandbox, const char *path);
/* What an entity of that table must look like: plugins and vaults by their name; NULL: no such plugin. */
const struct schema *state_schema_of(const struct sandbox *sandbox, const struct table *table,
                                     const struct json *fields);
void state_make_id(const struct sandbox *sandbox, char ret_uuid[37]);
bool state_is_expressions(const struct sandbox *sandbox);
