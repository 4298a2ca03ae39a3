/* graph_key.h - what a slot is called: the one thing that it stands for.
 * Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "graph.h"

#define GRAPH_OPTIONS "s"
/* Written into `key`: "o" object, "s" its status, "l" list of a namespace ("*": all), "x" label (`value` NULL: any), "t" topic,
 * "n" number of a topic's contributions, "e" whether there is any. */
void graph_key_object(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name);
void graph_key_status(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name);
void graph_key_list(struct buf *key, const struct store_kind *kind, const char *namespace);
void graph_key_label(struct buf *key, const struct store_kind *kind, const char *namespace, const char *label,
                     const char *value);
void graph_key_topic(struct buf *key, char sort, const struct rule *rule, const char *topic_key);
