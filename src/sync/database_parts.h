/* database_parts.h - the inside of the way through the database.   Owns: see database.h.   Thread: loop.   Errors: none. */
#pragma once

#include "base/vec.h"
#include "database.h"
#include "gateway/look.h"

/* A kind that the mirror waits for. */
struct database_reading {
    struct database *database;
    const struct kong_kind *kind;
    kong_each_fn *each;
    kong_read_done_fn *done;
    void *reader;
};

/* An entity that is not as we know it; object NULL: it is gone. */
struct database_candidate {
    const struct kong_kind *kind;
    char *id;
    struct json *object;
};

/* What a look has found out of one table. */
struct database_table {
    struct database *database;
    const struct kong_kind *kind;
    struct map ids; /* DATABASE_SEEN, or NULL: asked for and not seen yet */
    bool all;       /* those that are not seen are gone */
};

#define DATABASE_SEEN ((void *)1)

/* A row that the gateway is asked for. */
struct database_sample {
    const struct kong_kind *kind;
    char id[40];
    double created_at, updated_at;
};

/* A question to the gateway; one at a time for each place. */
struct database_question {
    struct database *database;
    size_t place;
};

enum database_state {
    DATABASE_IDLE,
    DATABASE_OPENING, /* a snapshot for the mirror */
    DATABASE_CHECKING,
    DATABASE_READING,
    DATABASE_LOOKING,
    DATABASE_CONFIRMING,
};

struct database {
    struct loop *loop;
    struct database_options options;
    struct kong_session *session;
    struct postgres_reader *reader;
    char *tag; /* the first one of ours */
    enum database_state state;
    char *trouble; /* as last told; NULL: none */
    struct sync_database_facts facts;

    struct {
        VEC(struct database_reading *);
    } waiting; /* for the snapshot */
    struct {
        VEC(struct database_reading *);
    } readings;  /* of this snapshot, whatever became of them */
    bool whole;  /* all kinds so far were read out of this snapshot */
    bool covers; /* … and they are those of a whole mirror */

    char *snapshot, *server;           /* that is read */
    char *seen_snapshot, *seen_server; /* up to which we know what there is; NULL: nothing is known */

    struct database_sample samples[DATABASE_SAMPLES];
    size_t sample_count;
    char *tagged[DATABASE_TAGGED]; /* ids that the gateway has told */
    size_t tagged_count, tagged_found;
    struct database_question questions[DATABASE_SAMPLES + 1];
    size_t asked; /* questions without an answer */
    void (*all_answered)(struct database *database, bool good);
    void (*decided)(struct database *database, bool good);
    bool contradicted, unanswered;
    struct buf contradiction; /* "service 24b3…", the first one */

    struct loop_timer *timer; /* of the next look */
    struct kong_look look;
    uint64_t look_started_us;
    struct map again; /* ids to kinds: to be looked at in the next look, too */
    bool incomplete;  /* the look has left something out, so the next one begins where this one did */
    struct {
        VEC(struct database_table *);
    } tables;
    size_t table_waits;
    bool broken; /* by trouble in the middle */
    struct {
        VEC(struct database_candidate);
    } candidates;
    unsigned doubts;
};

/* database_core.c */
const struct kong_kind *database_kind_of(struct database *database, const char *table); /* NULL: of none that we know */
void database_keep(char **text, const char *value);
void database_rows(struct database *database, const struct kong_kind *kind, const char *const *ids, size_t count,
                   postgres_each_fn *each, postgres_done_fn *done, void *user);
void database_distrust(struct database *database); /* the gateway has contradicted it */
/* Questions to the gateway: begin, ask, end; when all are answered, `all_answered` is called. */
void database_ask_begin(struct database *database, void (*all_answered)(struct database *database, bool good));
void database_ask_end(struct database *database);
void database_ask(struct database *database, size_t place, const char *path, kong_answer_fn *answered);
char *database_path(struct database *database, const struct kong_kind *kind, const char *id, const struct json *object);
/* For `answered`: false, when nothing follows from this answer; and, as the last thing, that it is through. */
bool database_usable(struct database *database, const struct kong_answer *answer);
void database_answered(struct database *database);
void database_decide(struct database *database, bool good);
void database_contradict(struct database *database, const struct kong_kind *kind, const char *id);

/* database_check.c: whether it is the gateway's; `decided` is called once, unless cancelled. */
void database_check(struct database *database, void (*decided)(struct database *database, bool good));

/* database_confirm.c: whether the gateway sees the differences that a look has found. */
void database_confirm(struct database *database, void (*decided)(struct database *database, bool good));

/* database_look.c */
void database_schedule(struct database *database);
void database_forget_look(struct database *database);
