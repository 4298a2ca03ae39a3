/* overview.h - how things stand on the whole, as JSON, and in one sentence.
 * Owns:    nothing.
 * Thread:  loop thread.
 * Errors:  none.  Lists are cut: OVERVIEW_*. */
#pragma once

#include "show.h"

#define OVERVIEW_NAMES_MAX      100 /* of what is held */
#define OVERVIEW_NAMESPACES_MAX 500
#define OVERVIEW_PROBLEMS_MAX   500 /* in /status.json */

enum overview_level { OVERVIEW_GOOD, OVERVIEW_BUSY, OVERVIEW_WARN, OVERVIEW_BAD };
const char *overview_level_name(enum overview_level level);

/* One of a few fixed texts: "converged". */
const char *overview_state(const struct sync_controller_facts *facts);
/* The same for people, with numbers. */
enum overview_level overview_sentence(struct sync_controller *controller, const struct sync_controller_facts *facts,
                                      struct buf *out);
/* An address without the name and password that it may hold; the caller frees. */
char *overview_plain_url(const char *url);

void overview_print(struct sync_controller *controller, struct buf *out);
void overview_print_rules(struct sync_controller *controller, struct buf *out);
void overview_print_status(struct sync_controller *controller, struct buf *out); /* /status.json */
