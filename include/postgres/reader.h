/* postgres/reader.h - reads what a Kong Gateway's database holds.  Never writes.
 * Owns:    one connection, and at most one transaction on it (REPEATABLE READ, READ ONLY).
 * Thread:  loop thread; callbacks come from the loop, must not free the reader, and may call every function but that.
 * Errors:  a broken connection string is the caller's; everything later is trouble, told once with its reason and a
 *          remedy.  After trouble nothing is read for a while that grows, and the caller does without.
 *
 * Use: postgres_reader_begin; from its callback on ask for rows and whatever else, in any number: they are answered in
 * turn, out of one snapshot; postgres_reader_end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "net/loop.h"

#define POSTGRES_CONNECT_MS    10000
#define POSTGRES_STATEMENT_MS  30000
#define POSTGRES_LAG_MS        1000   /* a replica that is further behind is not read */
#define POSTGRES_HELD_MS       60000  /* so long without a question, and a snapshot is let go */
#define POSTGRES_RETRY_MS      1000   /* after trouble; doubled every time */
#define POSTGRES_RETRY_MAX_MS  300000 /* up to this */
#define POSTGRES_ROW_BYTES_MAX ((size_t)16 << 20)
#define POSTGRES_ROWS_MAX      ((size_t)5000000) /* of one table */
#define POSTGRES_REMEDY_MAX    512

struct postgres_reader;

struct postgres_trouble {
    struct err err;
    char remedy[POSTGRES_REMEDY_MAX]; /* "" when there is nothing to advise */
};

struct postgres_reader_options {
    const char *dsn;           /* "" : the PG* variables say it all */
    const char *workspace;     /* "" : the default one */
    const char *const *tags;   /* ownership: only rows that carry all of them are read; ends with NULL */
    const char *const *tables; /* entities whose tables must be readable, where there are such; ends with NULL */
    uint64_t statement_ms;     /* 0: POSTGRES_STATEMENT_MS */
    uint64_t lag_ms;
};

struct postgres_reader_callbacks {
    void *user;
    void (*troubled)(void *user, const struct postgres_trouble *trouble); /* borrowed until return */
    void (*works)(void *user); /* for the first time, or again after trouble */
};

int postgres_reader_new(struct loop *loop, const struct postgres_reader_options *options,
                        const struct postgres_reader_callbacks *callbacks, struct postgres_reader **ret_reader,
                        struct err *err) MUST_USE;
void postgres_reader_free(struct postgres_reader *reader);         /* NULL is fine; no callback afterwards */
char *postgres_reader_title(const struct postgres_reader *reader); /* where it reads, for people; the caller frees */

/* A point in time of one server. */
struct postgres_snapshot {
    const char *text;   /* equal texts of one server: nothing has been committed in between */
    const char *server; /* when it was started */
};

/* NULL: trouble.  Borrowed until return. */
typedef void postgres_begun_fn(void *user, const struct postgres_snapshot *snapshot);

/* False: not now (trouble, or a snapshot is held already).  `since` may be NULL; if it is equal to the new snapshot, then
 * nothing is held, and rows cannot be asked for. */
bool postgres_reader_begin(struct postgres_reader *reader, const struct postgres_snapshot *since,
                           postgres_begun_fn *begun, void *user);
bool postgres_reader_holds(const struct postgres_reader *reader); /* a snapshot, so that rows can be asked for */
bool postgres_reader_rests(const struct postgres_reader *reader); /* after trouble */
void postgres_reader_end(struct postgres_reader *reader);         /* when all that was asked for is answered */
/* No callback of what was asked for, from now on; the connection is closed until the next snapshot. */
void postgres_reader_cancel(struct postgres_reader *reader);
/* What we were told cannot be true (the caller found out otherwise). */
void postgres_reader_distrust(struct postgres_reader *reader, const struct postgres_trouble *trouble);

/* Within a snapshot.  `complete` false: the rows that were given do not count, and there is trouble. */
typedef void postgres_done_fn(void *user, bool complete);
typedef void postgres_each_fn(void *user, const struct json *object); /* borrowed until return */

struct postgres_table {
    const char *entity;            /* "services"; Kong's name of the sort of entity */
    const char *const *references; /* fields that refer to others ("service"); ends with NULL; NULL: none */
};

/* Whether there is a table of these, whose rows carry tags. */
bool postgres_reader_has(const struct postgres_reader *reader, const char *entity);
/* Rows as the Admin API would show them, but for times, `ttl` and nulls.  `ids` NULL: all. */
void postgres_reader_rows(struct postgres_reader *reader, const struct postgres_table *table, const char *const *ids,
                          size_t id_count, postgres_each_fn *each, postgres_done_fn *done, void *user);
typedef void postgres_id_fn(void *user, const char *entity, const char *id);
void postgres_reader_ids(struct postgres_reader *reader, const char *entity, postgres_id_fn *each,
                         postgres_done_fn *done, void *user);

/* How many rows each of the tables has, and which of them were written since a snapshot of the same server. */
typedef void postgres_changes_fn(void *user, const char *entity, size_t rows, const char *const *changed,
                                 size_t changed_count);
void postgres_reader_changes(struct postgres_reader *reader, const char *const *entities, size_t count,
                             const struct postgres_snapshot *since, postgres_changes_fn *each, postgres_done_fn *done,
                             void *user);

/* To find out whether it is the database of a certain gateway: what was written last, in seconds since 1970 … */
struct postgres_newest {
    const char *entity, *id;
    double created_at, updated_at;
};
typedef void postgres_newest_fn(void *user, const struct postgres_newest *newest);
void postgres_reader_newest(struct postgres_reader *reader, size_t most, postgres_newest_fn *each,
                            postgres_done_fn *done, void *user);
/* … and which of these ids there are, of whatever sort. */
void postgres_reader_tagged(struct postgres_reader *reader, const char *const *ids, size_t count, postgres_id_fn *each,
                            postgres_done_fn *done, void *user);
/* Sorts of entities that have a table of ours and rows that carry our tags, other than `known` (ends with NULL). */
void postgres_reader_others(struct postgres_reader *reader, const char *const *known, postgres_id_fn *each,
                            postgres_done_fn *done, void *user);
