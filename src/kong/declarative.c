/* Decides how wanted entities are laid out as a decK document. */
#include "kong/declarative.h"

#include "base/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/yaml.h"

#define MEMBERS_SECTION "consumer_group_consumers"

struct node {
    const struct kong_entity *entity;
    struct node *first_child; /* sorted by kind and key */
    struct node *next;
    bool nested;
};

struct document {
    struct node *nodes; /* sorted by kind and key */
    size_t count;
    struct map by_key[KONG_KIND_COUNT]; /* natural key to node */
    const struct kong_declarative_options *options;
};

static int by_kind_and_key(const void *left, const void *right)
{
    const struct kong_entity *a = ((const struct node *)left)->entity;
    const struct kong_entity *b = ((const struct node *)right)->entity;
    if (a->kind->id != b->kind->id)
        return a->kind->id < b->kind->id ? -1 : 1;
    return strcmp(a->key, b->key);
}

/* Position of the foreign field that decK nests by, or -1. */
static int parent_field(const struct kong_kind *kind)
{
    for (int i = 0; kind->deck_parent != NULL && i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++)
        if (strcmp(kind->foreign[i].field, kind->deck_parent) == 0)
            return i;
    return -1;
}

static struct node *find_node(const struct document *document, enum kong_kind_id kind, const char *key)
{
    return key != NULL ? map_find(&document->by_key[kind], key) : NULL;
}

static bool is_unnamed(const struct kong_entity *consumer)
{
    return strncmp(consumer->key, "custom_id:", strlen("custom_id:")) == 0;
}

/* Memberships of consumers without a name cannot be nested when they are to be listed without one. */
static bool may_nest(const struct document *document, const struct node *node, const struct node *parent)
{
    return !(node->entity->kind->id == KONG_MEMBERSHIP && document->options->unnamed_members &&
             is_unnamed(parent->entity));
}

/* Parents, and what is referred to by other than its natural key; most entities are neither. */
static bool is_looked_for(enum kong_kind_id kind)
{
    return kind != KONG_ROUTE && kind != KONG_TARGET && kind != KONG_PLUGIN && kind != KONG_SNI;
}

static void document_build(struct document *document, struct kong_entity *const *entities, size_t count)
{
    document->nodes = xcalloc(count + 1, sizeof(*document->nodes));
    document->count = count;
    for (size_t i = 0; i < count; i++)
        document->nodes[i].entity = entities[i];
    bool sorted = true;
    for (size_t i = 1; sorted && i < count; i++)
        sorted = by_kind_and_key(&document->nodes[i - 1], &document->nodes[i]) <= 0;
    if (!sorted)
        qsort(document->nodes, count, sizeof(*document->nodes), by_kind_and_key);

    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++)
        map_init(&document->by_key[kind], NULL);
    for (size_t i = 0; i < count; i++) {
        const struct kong_entity *entity = document->nodes[i].entity;
        if (!is_looked_for(entity->kind->id))
            continue;
        map_put(&document->by_key[entity->kind->id], entity->key, &document->nodes[i]);
    }

    for (size_t i = count; i-- > 0;) { /* backwards, so that pushing in front leaves the children sorted */
        struct node *node = &document->nodes[i];
        int field = parent_field(node->entity->kind);
        if (field < 0)
            continue;
        enum kong_kind_id kind = node->entity->kind->foreign[field].kind;
        struct node *parent = find_node(document, kind, node->entity->foreign_keys[field]);
        if (parent == NULL || !may_nest(document, node, parent))
            continue;
        node->nested = true;
        node->next = parent->first_child;
        parent->first_child = node;
    }
}

static void document_done(struct document *document)
{
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++)
        map_done(&document->by_key[kind]);
    free(document->nodes);
}

/* How decK writes a reference: {id: …} to certificates, which have no name, and in custom entities, else the name. */
static struct json *reference_value(const struct document *document, bool by_id, enum kong_kind_id kind,
                                    const char *key)
{
    const struct node *node = find_node(document, kind, key);
    const char *id = node != NULL ? node->entity->id : NULL;

    if ((by_id || kind == KONG_CERTIFICATE || kind == KONG_CA_CERTIFICATE) && id != NULL) {
        struct json *object = json_new_object();
        json_set_text(object, "id", id);
        return object;
    }
    if (kind == KONG_CONSUMER && node != NULL && is_unnamed(node->entity))
        return json_new_text(id != NULL ? id : key);
    return json_new_text(key);
}

static struct json *membership_value(const struct document *document, const struct node *node)
{
    const struct kong_entity *entity = node->entity;
    struct json *value = json_new_object();
    if (node->nested) {
        json_set_text(value, "name", entity->foreign_keys[0]);
        return value;
    }
    const struct node *consumer = find_node(document, KONG_CONSUMER, entity->foreign_keys[1]);
    bool unnamed = consumer != NULL && is_unnamed(consumer->entity);
    json_set_text(value, "consumer", unnamed ? "" : entity->foreign_keys[1]);
    json_set_text(value, "consumer_group", entity->foreign_keys[0]);
    return value;
}

static struct json *node_value(const struct document *document, const struct node *node)
{
    const struct kong_entity *entity = node->entity;
    const struct kong_kind *kind = entity->kind;
    if (kind->id == KONG_MEMBERSHIP)
        return membership_value(document, node);

    struct err err = ERR_INIT;
    struct json *value = NULL;
    require_that(json_parse(entity->text, strlen(entity->text), &value, &err) == 0);
    if (entity->id != NULL)
        json_set_text(value, "id", entity->id);

    int parent = node->nested ? parent_field(kind) : -1;
    for (int i = 0; i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++)
        if (i != parent && entity->foreign_keys[i] != NULL)
            json_set(
                value, kind->foreign[i].field,
                reference_value(document, kind->id == KONG_CUSTOM, kind->foreign[i].kind, entity->foreign_keys[i]));

    for (const struct node *child = node->first_child; child != NULL; child = child->next) {
        const char *section = child->entity->kind->deck;
        struct json *list = json_find(value, section);
        if (list == NULL) {
            list = json_new_array();
            json_set(value, section, list);
        }
        json_append(list, node_value(document, child));
    }
    return value;
}

#define PART_BYTES (64u << 10)

static void offer_part(const struct document *document, struct buf *out)
{
    if (document->options->part != NULL && out->length >= PART_BYTES)
        document->options->part(document->options->user, out);
}

struct section {
    char *name;
    size_t first, count; /* nodes */
};

static void print_section_yaml(const struct document *document, const struct section *section, struct buf *out)
{
    bool begun = false;
    for (size_t i = section->first; i < section->first + section->count; i++) {
        const struct node *node = &document->nodes[i];
        if (node->nested)
            continue;
        if (!begun)
            buf_printf(out, "%s:\n", section->name);
        begun = true;
        AUTO(json) struct json *list = json_new_array();
        json_append(list, node_value(document, node));
        yaml_print(list, out);
        offer_part(document, out);
    }
}

static void print_section_json(const struct document *document, const struct section *section, struct buf *out)
{
    bool begun = false;
    for (size_t i = section->first; i < section->first + section->count; i++) {
        const struct node *node = &document->nodes[i];
        if (node->nested)
            continue;
        if (!begun)
            buf_printf(out, ",\n\"%s\":[\n", section->name);
        else
            buf_append_text(out, ",\n");
        begun = true;
        AUTO(json) struct json *value = node_value(document, node);
        json_print(value, out);
        offer_part(document, out);
    }
    if (begun)
        buf_append_text(out, "\n]");
}

static int by_section_name(const void *left, const void *right)
{
    return strcmp(((const struct section *)left)->name, ((const struct section *)right)->name);
}

/* A section of its own for each kind, and for each type of custom entities. */
static char *section_name(const struct kong_entity *entity)
{
    if (entity->kind->id == KONG_CUSTOM)
        return kong_custom_type(entity->key);
    return xstrdup(entity->kind->id == KONG_MEMBERSHIP ? MEMBERS_SECTION : entity->kind->deck);
}

struct section_list {
    VEC(struct section);
};

static struct section_list sections_of(const struct document *document)
{
    struct section_list sections = {0};
    const struct kong_entity *before = NULL;
    for (size_t i = 0; i < document->count; i++) {
        const struct kong_entity *entity = document->nodes[i].entity;
        if (entity->kind->id == KONG_CUSTOM && kong_custom_is_question(entity->key))
            continue;
        bool same = before != NULL && before->kind == entity->kind && entity->kind->id != KONG_CUSTOM;
        AUTO(text) char *name = same ? NULL : section_name(entity);
        before = entity;
        struct section *last = sections.count > 0 ? &sections.items[sections.count - 1] : NULL;
        if (same || (last != NULL && strcmp(last->name, name) == 0)) {
            last->count = i + 1 - last->first;
            continue;
        }
        struct section section = {TAKE(name), i, 1};
        vec_push(&sections, section);
    }
    if (sections.count > 1)
        qsort(sections.items, sections.count, sizeof(sections.items[0]), by_section_name);
    return sections;
}

static void print_head(const struct kong_declarative_options *options, struct buf *out)
{
    AUTO(json) struct json *info = json_new_object();
    struct json *tags = json_new_array();
    for (size_t i = 0; i < options->select_tag_count; i++)
        json_append(tags, json_new_text(options->select_tags[i]));
    json_set(info, "select_tags", tags);

    if (options->json) {
        buf_append_text(out, "{\"_format_version\":\"3.0\"");
        if (options->select_tag_count > 0) {
            buf_append_text(out, ",\n\"_info\":");
            json_print(info, out);
        }
        return;
    }
    buf_append_text(out, "_format_version: \"3.0\"\n");
    if (options->select_tag_count > 0) {
        AUTO(json) struct json *head = json_new_object();
        json_set(head, "_info", TAKE(info));
        yaml_print(head, out);
    }
}

void kong_declarative_print(struct kong_entity *const *entities, size_t count,
                            const struct kong_declarative_options *options, struct buf *out)
{
    struct document document = {.options = options};
    document_build(&document, entities, count);

    print_head(options, out);
    struct section_list sections = sections_of(&document);
    for (size_t i = 0; i < sections.count; i++) {
        if (options->json)
            print_section_json(&document, &sections.items[i], out);
        else
            print_section_yaml(&document, &sections.items[i], out);
        free(sections.items[i].name);
    }
    vec_done(&sections);
    if (options->json)
        buf_append_text(out, "}\n");
    document_done(&document);
}
