/* tell/census.h - every object and every entity: which came from which, and what has become of each.
 * Owns:    a record for each object (sharing the object itself with the store) and for each entity (sharing it with the plan), in the
 *          order of their names: about CENSUS_RECORD_BYTES for each beside its name.
 * Thread:  loop thread.  What is handed out is borrowed until the next call that tells the census something.
 * Errors:  none.
 *
 * Every change costs in proportion to itself: counts are kept, never counted. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "kong/problem.h"
#include "plan/plan.h"
#include "rules/rules.h"

#define CENSUS_RECORD_BYTES 200
#define CENSUS_WORK         500 /* changes of entities before the loop has its turn */
#define CENSUS_CHANGES_MAX  200 /* objects that changed and are named; of more only that there are more */

/* id, name, in words; the worst first: an object is as its worst entity. */
#define CENSUS_STATE_TABLE(X)                                                                                          \
    X(CENSUS_HELD, "held", "its deletes wait for an approval")                                                         \
    X(CENSUS_REFUSED, "refused", "the gateway refuses it, or has one that is not ours")                                \
    X(CENSUS_WITHHELD, "withheld", "a plugin that guards it is not in place")                                          \
    X(CENSUS_INCOMPLETE, "incomplete", "a part of it could not be made or sent")                                       \
    X(CENSUS_UNREAD, "unread", "its kind cannot be read; it stays as it was")                                          \
    X(CENSUS_SETTLING, "settling", "it waits for something that it names")                                             \
    X(CENSUS_PENDING, "pending", "it is on its way to the gateway")                                                    \
    X(CENSUS_DRIFTED, "drifted", "somebody has changed it in the gateway")                                             \
    X(CENSUS_PROGRAMMED, "programmed", "the gateway has it as it is wanted")                                           \
    X(CENSUS_READ, "read", "rules look at it; nothing is named after it in the gateway")                               \
    X(CENSUS_UNUSED, "unused", "no rule made anything of it")

enum census_state {
#define X(id, name, words) id,
    CENSUS_STATE_TABLE(X)
#undef X
        CENSUS_STATES
};

const char *census_state_name(enum census_state state);
const char *census_state_words(enum census_state state);
enum census_state census_state_find(const char *name); /* CENSUS_STATES: there is none */

/* What the gateway said last about an entity. */
struct census_answer {
    double at;       /* wall time; 0: nothing was sent for it since the start */
    uint16_t status; /* 0: there was no answer */
    uint8_t verb;    /* enum kong_verb */
    uint32_t took_ms;
};

struct census_object;
struct census_entity;

struct census_link {
    struct census_object *object;
    struct census_entity *entity;
    size_t at; /* in the object's list */
};

struct census_problems {
    VEC(struct problem *);
};

struct census_object {
    const struct store_kind *kind;
    char *namespace, *name;
    struct object *object; /* NULL: not there any more, or never taken */
    enum census_state state;
    bool noted; /* among those that changed */
    struct {
        VEC(struct census_link *);
    } entities;
    uint32_t counts[CENSUS_STATES];  /* of its entities */
    uint32_t conditions;             /* that rules say of it */
    struct census_problems problems; /* that stand */
};

struct census_entity {
    const struct kong_kind *kind;
    const char *key;
    struct kong_entity *entity; /* as it was wanted last; NULL: found in the gateway, and never wanted */
    bool wanted;
    enum census_state state;
    struct census_answer answer;
    struct census_link *links;
    size_t link_count;
};

struct census;

struct census_options {
    const struct store_kinds *kinds; /* borrowed */
    const struct rules_file *files;  /* borrowed */
    size_t file_count;
    const struct kong_state *state; /* of the plan; borrowed */
    void (*changed)(void *user);    /* something is not as it was; may be NULL */
    void *user;
};

struct census *census_new(const struct census_options *options);
void census_free(struct census *census); /* NULL is fine */

/* What happens; a census that is NULL hears nothing. */
void census_put(struct census *census, const struct object *object);
void census_gone(struct census *census, const struct store_kind *kind, const char *namespace, const char *name);
/* Once the plan has it; looked at by census_work. */
void census_delta(struct census *census, const struct rules_delta *delta);
/* Looks at so many changes; false: none is left. */
bool census_work(struct census *census, size_t most);
void census_item(struct census *census, const struct kong_item *item); /* its status or problem has changed */
void census_said(struct census *census, const struct rules_said *said);
void census_problem(struct census *census, struct problem *problem, bool stands);
void census_answered(struct census *census, const struct kong_item *item, const struct census_answer *answer);
/* The kind cannot be read at present, for this reason; NULL: it can. */
void census_unread(struct census *census, const struct store_kind *kind, const char *reason);

/* Objects kind by kind (those of which rules make something first), each kind by namespace and name; and likewise entities, in the order
 * of the plan.  `ordinal` counts kinds from 0; false after the last. */
bool census_kind(const struct census *census, size_t ordinal, const struct store_kind **ret_kind,
                 struct census_object *const **ret_objects, size_t *ret_count);
/* Of those, the ones about which problems stand. */
void census_troubled(const struct census *census, const struct store_kind *kind,
                     struct census_object *const **ret_objects, size_t *ret_count);
bool census_entity_kind(const struct census *census, size_t ordinal, const struct kong_kind **ret_kind,
                        struct census_entity *const **ret_entities, size_t *ret_count);
struct census_object *census_find(const struct census *census, const char *kind, const char *namespace,
                                  const char *name); /* `kind` is an id of store/kind.h */
struct census_entity *census_find_entity(const struct census *census, enum kong_kind_id kind, const char *key);

size_t census_there(const struct census *census, const struct store_kind *kind); /* not deleted */
/* counts[CENSUS_STATES], of one kind, or of all (NULL). */
const size_t *census_counts(const struct census *census, const struct store_kind *kind);
const size_t *census_entity_counts(const struct census *census, const struct kong_kind *kind);
/* Entities that a rule file made; those that it adjusted; those of a rule ("Ingress"), whichever file made them. */
size_t census_of_file(const struct census *census, const char *file);
size_t census_adjusted_by(const struct census *census, const char *file);
size_t census_of_rule(const struct census *census, const char *rule);
const char *census_unread_reason(const struct census *census, const struct store_kind *kind); /* NULL: it can be read */
/* Problems that stand and are about no object of a kind that is known: the gateway, a file. */
const struct census_problems *census_loose(const struct census *census);
/* Namespaces with the number of their objects, by name; the caller frees the array, not the entries (value: size_t). */
struct map_entry **census_namespaces(const struct census *census, size_t *ret_count);

/* Those that changed since they were last taken, at most CENSUS_CHANGES_MAX; `ret_more`: there were more.  Some may be gone: then `object`
 * is NULL and it has no entities.  Takes them off the list. */
size_t census_take_changes(struct census *census, struct census_object **ret_objects, bool *ret_more);
