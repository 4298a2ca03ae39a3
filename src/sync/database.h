/* database.h - the gateway's database as another way to see what the gateway holds: whole readings for the mirror, and
 * looks at what has changed, for drift.
 * Owns:    the reader, and what it has found and not handed over yet; borrows the session.
 * Thread:  loop thread.
 * Errors:  none that anybody has to handle: when the database cannot be read, or is not the gateway's, that is told once
 *          and the Admin API is asked instead; it is tried again by itself. */
#pragma once

#include "base/log.h"
#include "gateway/session.h"
#include "postgres/reader.h"
#include "sync/controller.h"

#define DATABASE_SAMPLES      3     /* rows that the gateway is asked for, to see whether it is its database */
#define DATABASE_TAGGED       20    /* entities of the gateway that must be in the database */
#define DATABASE_AGAIN_MAX    1000  /* entities that are looked at again; beyond, all that was written since */
#define DATABASE_CANDIDATES   10000 /* differences that one look takes home */
#define DATABASE_DOUBTS_MAX   2     /* looks in a row that the gateway contradicts */
#define DATABASE_REST_PERCENT 1000  /* so much of a look's time is waited after it */

struct database;

struct database_options {
    const struct log *log;                          /* borrowed */
    const struct postgres_reader_options *postgres; /* copied */
    uint64_t look_ms;                               /* from one look to the next; 0: none */
    uint64_t slack_ms;                              /* by how much a snapshot may be older than its look */
    bool skip_ca_certificates;
    void (*works)(void *user, bool works); /* it is read, or not any more: something else has to find drift */
    void *user;
};

/* Tables of every sort of entity that has rows of ours. */
int database_new(struct loop *loop, const struct database_options *options, struct database **ret_database,
                 struct err *err) MUST_USE;
void database_free(struct database *database); /* NULL is fine, here and below; before the session */
void database_use(struct database *database, struct kong_session *session);

/* For the session's callbacks. */
bool database_read_kind(struct database *database, const struct kong_kind *kind, kong_each_fn *each,
                        kong_read_done_fn *done, void *reader);
void database_read_cancel(struct database *database);
void database_read_done(struct database *database); /* the mirror is complete */
void database_lost(struct database *database);      /* no gateway answers */
void database_wrote(struct database *database, const struct kong_op *op, const struct kong_answer *answer);

struct sync_database_facts database_facts(const struct database *database);
