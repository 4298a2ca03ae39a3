/* What changes from outside marks nodes: everything that read it runs again. */
#include <string.h>

#include "graph_key.h"
#include "rules_parts.h"

void rules_announce(struct rules *rules)
{
    graph_announce(&rules->graph, rules->ctx.key.data, rules->ctx.key.length);
}

static void announce_labels(struct rules *rules, const struct object *object)
{
    struct buf *key = &rules->ctx.key;
    for (size_t i = 0; object != NULL && i < object->label_count; i++) {
        const char *name = object->labels[i].name, *value = object->labels[i].value;
        const char *const namespaces[] = {object->namespace, "*"};
        for (size_t n = 0; n < COUNT_OF(namespaces); n++) {
            graph_key_label(key, object->kind, namespaces[n], name, value);
            rules_announce(rules);
            graph_key_label(key, object->kind, namespaces[n], name, NULL);
            rules_announce(rules);
        }
    }
}

static void announce_status(struct rules *rules, const struct object *object)
{
    graph_key_status(&rules->ctx.key, object->kind, object->namespace, object->name);
    rules_announce(rules);
}

/* Everything that reads the object, its lists or its labels is dirty now. */
static void announce_object(struct rules *rules, const struct object *object, const struct object *old)
{
    struct buf *key = &rules->ctx.key;
    graph_key_object(key, object->kind, object->namespace, object->name);
    rules_announce(rules);
    graph_key_list(key, object->kind, object->namespace);
    rules_announce(rules);
    graph_key_list(key, object->kind, "*");
    rules_announce(rules);
    announce_labels(rules, object);
    announce_labels(rules, old);
}

static struct rule *rule_of_kind(const struct rules *rules, const struct store_kind *kind)
{
    for (int i = 0; i < rules->graph.rule_count; i++) {
        if (rules->graph.rules[i]->kind == kind)
            return rules->graph.rules[i];
    }
    return NULL;
}

static void append_escaped(struct buf *key, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '/' || *text == '%')
            buf_printf(key, "%%%02X", (unsigned int)*text);
        else
            buf_append_char(key, *text);
    }
}

/* "namespace/name", or the name alone; names that only files can give (with '/') are told apart. */
static char *node_key(const char *namespace, const char *name)
{
    struct buf key = BUF_OWN;
    append_escaped(&key, namespace);
    if (key.length != 0)
        buf_append_char(&key, '/');
    append_escaped(&key, name);
    return buf_take(&key);
}

/* The node of the object, if its kind has a rule; it holds the store's newest version. */
static struct node *put_node(struct rules *rules, const struct object *object)
{
    struct rule *rule = rule_of_kind(rules, object->kind);
    if (rule == NULL)
        return NULL;
    AUTO(text) char *key = node_key(object->namespace, object->name);
    struct node *node = graph_node(&rules->graph, rule, key);
    node->object = object;
    return node;
}

void rules_put(struct rules *rules, struct object *object)
{
    struct object *old = store_put(rules->store, object_ref(object));
    enum object_change change = old == NULL ? OBJECT_CHANGED : object_compare(old, object);
    rules->graph.counters.arrivals += old == NULL;
    struct node *node = put_node(rules, object);
    if (change != OBJECT_SAME)
        announce_status(rules, object);
    if (change == OBJECT_CHANGED) {
        announce_object(rules, object, old);
        if (node != NULL)
            graph_mark(&rules->graph, node);
    }
    object_unref(old);
    object_unref(object);
}

void rules_remove_node(struct rules *rules, struct node *node)
{
    struct entity_list none = {0};
    wanted_set_emissions(&rules->wanted, node, &none);
    graph_remove(&rules->graph, node);
}

void rules_remove(struct rules *rules, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct object *old = store_take(rules->store, kind, namespace, name);
    if (old == NULL)
        return;
    announce_status(rules, old);
    announce_object(rules, old, NULL);
    struct rule *rule = rule_of_kind(rules, kind);
    AUTO(text) char *key = node_key(namespace, name);
    struct node *node = rule != NULL ? graph_find(rule, key) : NULL;
    if (node != NULL)
        rules_remove_node(rules, node);
    object_unref(old);
}

static void mark_all(struct rules *rules)
{
    for (int i = 0; i < rules->graph.rule_count; i++) {
        struct rule *rule = rules->graph.rules[i];
        struct map_entry *entry;
        for (size_t at = 0; !rule->topic && (entry = map_next(&rule->nodes, &at)) != NULL;)
            graph_mark(&rules->graph, entry->value);
    }
}

void rules_set_settings(struct rules *rules, const struct json *settings)
{
    struct err err = ERR_INIT;
    AUTO(text) char *workspace = xstrdup(rules->ctx.workspace);
    if (rules_take_settings(rules, settings, &err) != 0)
        return;
    graph_announce(&rules->graph, GRAPH_OPTIONS, strlen(GRAPH_OPTIONS));
    if (strcmp(workspace, rules->ctx.workspace) != 0)
        mark_all(rules); /* every id is made with the workspace, whatever the rule reads */
}
