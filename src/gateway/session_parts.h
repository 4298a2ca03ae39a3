/* session_parts.h - the inside of a session.   Owns: see kong/session.h.   Thread: loop.   Errors: none. */
#pragma once

#include "gateway/session.h"
#include "mirror.h"
#include "request.h"

enum session_state {
    SESSION_STOPPED,
    SESSION_CONNECTING, /* asking the gateway who it is */
    SESSION_READING,    /* the mirror */
    SESSION_RUNNING,
};

struct running {
    struct running *next, *previous;
    struct kong_session *session;
    struct kong_op op;
    int attempt;         /* of looking for a holder */
    bool list;           /* the look-up is one in a list */
    struct json *holder; /* found so far */
    struct json *fields; /* of Kong's error */
    char id[37];         /* of the entity that is touched; "": it has none yet */
    struct buf message;  /* of what was refused, scrubbed */
};

struct kong_session {
    struct loop *loop;
    struct kong_gateways *gateways;
    struct kong_admin *admin;
    struct kong_schemas *schemas;
    struct kong_plan *plan;
    struct mirror *mirror;
    struct kong_session_callbacks callbacks;
    struct kong_session_options options; /* its pointers are not ours and are not used after kong_session_new */
    char **tags;
    size_t tag_count;
    char *version; /* of the gateway whose schemas we have */
    enum session_state state;
    bool complete;  /* everything wanted is known */
    bool committed; /* … and was put into the plan */
    bool idle;      /* as last told */
    bool converged;
    bool connecting;              /* the question is under way */
    bool due;                     /* a reading */
    bool deep;                    /* … that verifies everything */
    bool gentle;                  /* … that verifies some targets only */
    char verified[37];            /* id of the upstream whose targets were verified last */
    bool reading_types;           /* the reading that is under way is of custom entities only */
    bool unread[KONG_KIND_COUNT]; /* the gateway did not let us list them */
    bool partial;                 /* one of them is unread */
    struct loop_timer *pump;      /* to go on from the loop, not from a callback */
    struct loop_timer *retry;     /* end of a pause, or the plan's next wake-up */
    struct loop_timer *reread;
    bool paused;
    unsigned pauses;             /* in a row */
    void (*drained)(void *user); /* NULL unless draining */
    void *drained_user;
    struct running *running;
    int running_count;
    char held[65];               /* the hash as last told */
    size_t held_passed, held_of; /* by another leader */
    uint64_t readings;           /* begun, of any sort */
    struct map recent;           /* ids that we touched, to when that was, for those who look */
    uint64_t recent_lost_ms;     /* … but for what we touched up to here */
    struct map schema_questions; /* of gateway/look.h, under way; by the schema's name */
    uint64_t strays;             /* entities that others made under our tags */
    struct kong_session_counters counters;
};

/* session_run.c */
void session_run(struct kong_session *session, const struct kong_op *op);
void session_cut(struct kong_session *session); /* forgets what is under way; the requests are cancelled already */

/* session_recent.c */
void session_recent_note(struct kong_session *session, const char *id, bool under_way);
bool session_recent_has(const struct kong_session *session, const char *id, uint64_t since_ms);
void session_recent_forget(struct kong_session *session, uint64_t before_ms);

/* session_pace.c */
void session_pump(struct kong_session *session);                                    /* soon */
void session_pause(struct kong_session *session, const struct kong_answer *answer); /* no gateway answers */
void session_answered(struct kong_session *session);
