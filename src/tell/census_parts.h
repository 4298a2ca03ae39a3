/* census_parts.h - the inside of a census.   Owns: see tell/census.h.   Thread: loop.   Errors: none. */
#pragma once

#include "tell/census.h"

struct census_objects {
    VEC(struct census_object *);
};

struct census_entities {
    VEC(struct census_entity *);
};

struct census_change {
    const struct kong_kind *kind;
    char *key;
};

struct census {
    struct census_options options;
    struct {
        struct census_objects objects;  /* by namespace and name */
        struct census_objects troubled; /* those of them about which problems stand */
        size_t counts[CENSUS_STATES];
        size_t there;
        bool has_rule;
        char *unread; /* why, or NULL */
    } kinds[STORE_KIND_MAX];
    int order[STORE_KIND_MAX]; /* of kinds, as they are shown */
    size_t kind_count;
    struct {
        struct census_entities entities; /* by key */
        size_t counts[CENSUS_STATES];
    } entity_kinds[KONG_KIND_COUNT];
    struct census_problems loose; /* about no object that we know */
    size_t counts[CENSUS_STATES], entity_counts[CENSUS_STATES];
    struct map files;      /* rule file -> number of entities that it made */
    struct map rules;      /* rule -> number of entities */
    struct map overrides;  /* rule file -> number of entities of others that it changed */
    struct map namespaces; /* -> number of objects */
    struct {
        VEC(struct census_object *);
    } noted; /* at most CENSUS_CHANGES_MAX */
    struct {
        VEC(struct census_object *);
    } dead; /* handed out, and needed no more */
    bool more;
    struct {
        VEC(struct census_change);
    } waiting; /* to be looked at; those before `waiting_at` are done */
    size_t waiting_at;
};

/* census.c */
struct census_object *census_object_of(struct census *census, const struct kong_source *source, bool make);
void census_look(struct census *census,
                 struct census_object *object); /* its state may be another, or it is needed no more */
void census_count(struct map *map, const char *key, int by);
void census_changed(struct census *census);

/* census_state.c */
enum census_state census_state_of_item(const struct kong_item *item);
enum census_state census_state_of_object(const struct census *census, const struct census_object *object);
