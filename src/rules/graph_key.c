/* Names of what can be read; NULs between their parts. */
#include "graph_key.h"

#include <string.h>

static void key_text(struct buf *key, const char *text)
{
    buf_append(key, text, strlen(text) + 1);
}

static void key_kind(struct buf *key, char sort, const struct store_kind *kind)
{
    buf_clear(key);
    buf_append_char(key, sort);
    buf_append_char(key, (char)(kind->index + 1));
}

void graph_key_object(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name)
{
    key_kind(key, 'o', kind);
    key_text(key, namespace);
    buf_append_text(key, name);
}

void graph_key_status(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name)
{
    key_kind(key, 's', kind);
    key_text(key, namespace);
    buf_append_text(key, name);
}

void graph_key_list(struct buf *key, const struct store_kind *kind, const char *namespace)
{
    key_kind(key, 'l', kind);
    buf_append_text(key, namespace);
}

void graph_key_label(struct buf *key, const struct store_kind *kind, const char *namespace, const char *label,
                     const char *value)
{
    key_kind(key, 'x', kind);
    key_text(key, namespace);
    key_text(key, label);
    if (value != NULL)
        buf_append_text(key, value);
    else
        buf_append_char(key, '\0');
}

void graph_key_topic(struct buf *key, char sort, const struct rule *rule, const char *topic_key)
{
    buf_clear(key);
    buf_append_char(key, sort);
    buf_append_char(key, (char)(rule->index + 1));
    buf_append_text(key, topic_key);
}
