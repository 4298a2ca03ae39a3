/* sync/translator.h - the translator thread: changes of objects in, deltas of wanted entities out, through two
 * mailboxes that coalesce.
 * Owns:    the thread, the rules and what waits in the mailboxes.
 * Thread:  all functions are called on the loop thread; `on_delta` is called there too.
 * Errors:  starting the thread can fail.
 *
 * Both mailboxes are keyed (object; entity), so that they hold the newest state of each and never more than there are of them.  Nothing is
 * translated before sync_translator_complete: a partial view of the cluster must not become a plan. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "net/loop.h"
#include "rules/rules.h"

struct sync_translator;

/* The delta is borrowed until return; it may be empty: then what was put in changed nothing.  `first` is true for the first one, which
 * holds everything that is wanted. */
typedef void sync_delta_fn(void *user, const struct rules_delta *delta, bool first);

struct sync_translator_options {
    struct rules *rules;         /* taken */
    uint64_t coalesce_window_ms; /* least time between two waves */
    sync_delta_fn *on_delta;
    void *user;
};

int sync_translator_start(struct loop *loop, const struct sync_translator_options *options,
                          struct sync_translator **ret_translator, struct err *err) MUST_USE;
void sync_translator_stop(struct sync_translator *translator); /* waits for the present wave; NULL is fine */

void sync_translator_put(struct sync_translator *translator, struct object *object /* taken */);
void sync_translator_remove(struct sync_translator *translator, const struct store_kind *kind, const char *namespace,
                            const char *name);
/* Changes are numbered: the last one that was put in, and the last one whose consequences were delivered. */
uint64_t sync_translator_serial(const struct sync_translator *translator);
uint64_t sync_translator_done(const struct sync_translator *translator);
void sync_translator_complete(struct sync_translator *translator);
/* New settings (the gateway's flavour or version became known, or changed); copied. */
void sync_translator_settings(struct sync_translator *translator, const struct json *settings);

/* The kinds and the table of kinds never change, so the loop thread may read them. */
const struct store_kind *const *sync_translator_kinds(const struct sync_translator *translator);
struct store_kinds *sync_translator_kind_table(struct sync_translator *translator);
/* Rule files in load order, which never change either. */
size_t sync_translator_files(const struct sync_translator *translator, const struct rules_file **ret_files);

struct sync_translator_facts {
    struct rules_counters counters; /* as of the last wave */
    uint64_t wave_us;               /* how long it took */
    uint64_t last_wave_ms;          /* clock_monotonic_ms when it ended, 0: none yet */
    size_t waiting;                 /* changes in the mailbox */
    bool running;                   /* a wave is under way */
    uint64_t running_since_ms;
    struct histogram waves_ms;
};
struct sync_translator_facts sync_translator_facts(struct sync_translator *translator);
