/* explain: which object, rule file and step every entity came from. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "command.h"
#include "offline.h"

#define GROUPS (OPTION_INPUT | OPTION_TRANSLATION | OPTION_OUTPUT | OPTION_FAIL | OPTION_EXPLAIN)

struct explanation {
    const struct offline *offline;
    struct map served;  /* routes that are not withheld, by key */
    const char *wanted; /* only titles that contain this */
};

static bool is_withheld(const struct explanation *explanation, const struct kong_entity *entity)
{
    return entity->kind->id == KONG_ROUTE && map_find(&explanation->served, entity->key) == NULL;
}

/* The key as it may be shown: shortened where it is a secret's hash. */
static char *shown_key(const struct kong_entity *entity)
{
    AUTO(text) char *title = kong_entity_title(entity);
    return xstrdup(title + strlen(entity->kind->name) + 1);
}

static void print_shown(const char *text)
{
    AUTO(text) char *shown = text_shown(text);
    fputs(shown, stdout);
}

static void print_line(const char *title, const char *what, const char *whom)
{
    printf("  %-11s ", title);
    print_shown(what);
    printf("%s", whom[0] != '\0' ? " " : "");
    print_shown(whom);
    printf("\n");
}

static void print_sources(const struct explanation *explanation, const struct kong_entity *entity)
{
    for (size_t i = 0; i < entity->origin.source_count; i++) {
        const struct kong_source *source = &entity->origin.sources[i];
        const struct object *object = offline_object(explanation->offline, source);
        AUTO(text) char *title = kong_source_title(source);
        printf("  %-11s ", i == 0 ? "from" : "");
        print_shown(title);
        if (object != NULL && object->file[0] != '\0') {
            AUTO(text) char *place = xasprintf(" (%s:%d)", object->file, object->line);
            print_shown(place);
        }
        printf("\n");
    }
}

/* The files that wrap steps of the entity's rule, separated by commas. */
static char *extended_by(const struct explanation *explanation, const struct kong_origin *origin)
{
    const struct rules_file *files;
    size_t count = rules_files(explanation->offline->rules, &files);
    struct buf names = BUF_OWN;
    for (size_t i = 0; i < count; i++) {
        const char *slash = strrchr(files[i].target, '/');
        const char *rule = slash != NULL ? slash + 1 : files[i].target;
        if (strcmp(files[i].verb, "extends") == 0 && strcmp(rule, origin->rule) == 0)
            buf_printf(&names, "%s%s", names.length != 0 ? "," : "", files[i].path);
    }
    return buf_take(&names);
}

static void print_entity(const struct explanation *explanation, const struct kong_entity *entity)
{
    AUTO(text) char *title = kong_entity_title(entity);
    const struct kong_origin *origin = &entity->origin;
    print_shown(title);
    printf("\n");
    print_sources(explanation, entity);
    printf("  %-11s %s:%d, rule %s", "made by", origin->file, origin->line, origin->rule);
    if (origin->step[0] != '\0')
        printf(", step %s", origin->step);
    printf("\n");
    if (origin->overrides[0] != '\0')
        printf("  %-11s %s\n", "adjusted by", origin->overrides);
    AUTO(text) char *extended = extended_by(explanation, origin);
    if (extended[0] != '\0')
        printf("  %-11s %s\n", "extended by", extended);
    for (int i = 0; i < KONG_FOREIGN_MAX && entity->kind->foreign[i].field != NULL; i++) {
        if (entity->foreign_keys[i] != NULL && !kong_kind_get(entity->kind->foreign[i].kind)->key_is_secret)
            print_line("refers to", entity->kind->foreign[i].field, entity->foreign_keys[i]);
    }
    for (size_t i = 0; i < entity->guard_count; i++)
        print_line("guarded by", entity->guards[i], "");
    if (is_withheld(explanation, entity))
        printf("  %-11s a plugin that guards it is not there\n", "withheld");
    printf("\n");
}

static struct json *sources_json(const struct explanation *explanation, const struct kong_entity *entity)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < entity->origin.source_count; i++) {
        const struct kong_source *source = &entity->origin.sources[i];
        const struct object *object = offline_object(explanation->offline, source);
        struct json *item = json_new_object();
        json_set_text(item, "kind", source->kind);
        if (source->namespace[0] != '\0')
            json_set_text(item, "namespace", source->namespace);
        json_set_text(item, "name", source->name);
        if (object != NULL && object->file[0] != '\0') {
            json_set_text(item, "file", object->file);
            json_set_number(item, "line", object->line);
        }
        json_append(list, item);
    }
    return list;
}

static struct json *guards_json(const struct kong_entity *entity)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < entity->guard_count; i++)
        json_append(list, json_new_text(entity->guards[i]));
    return list;
}

static struct json *entity_json(const struct explanation *explanation, const struct kong_entity *entity)
{
    AUTO(text) char *key = shown_key(entity);
    const struct kong_origin *origin = &entity->origin;
    struct json *item = json_new_object();
    json_set_text(item, "kind", entity->kind->name);
    json_set_text(item, "key", key);
    json_set_text(item, "id", entity->id);
    json_set(item, "from", sources_json(explanation, entity));
    json_set_text(item, "rule", origin->rule);
    json_set_text(item, "step", origin->step);
    json_set_text(item, "file", origin->file);
    json_set_number(item, "line", origin->line);
    json_set_text(item, "adjusted_by", origin->overrides);
    AUTO(text) char *extended = extended_by(explanation, origin);
    json_set_text(item, "extended_by", extended);
    if (entity->guard_count != 0)
        json_set(item, "guarded_by", guards_json(entity));
    if (is_withheld(explanation, entity))
        json_set_bool(item, "withheld", true);
    return item;
}

static bool is_asked_for(const struct explanation *explanation, const struct kong_entity *entity)
{
    AUTO(text) char *title = kong_entity_title(entity);
    return strstr(title, explanation->wanted) != NULL;
}

static void note_served(struct explanation *explanation)
{
    size_t count;
    struct kong_entity **entities = offline_entities(explanation->offline, &count);
    for (size_t i = 0; i < count; i++) {
        if (entities[i]->kind->id == KONG_ROUTE)
            map_put(&explanation->served, entities[i]->key, entities[i]);
    }
    free(entities);
}

static void print_all(struct explanation *explanation, bool json)
{
    size_t count;
    struct kong_entity **entities = explanation->offline->kic ? rules_emitted(explanation->offline->rules, &count)
                                                              : rules_entities(explanation->offline->rules, &count);
    AUTO(json) struct json *list = json_new_array();
    for (size_t i = 0; i < count; i++) {
        if (!is_asked_for(explanation, entities[i]))
            continue;
        if (json)
            json_append(list, entity_json(explanation, entities[i]));
        else
            print_entity(explanation, entities[i]);
    }
    free(entities);
    if (!json)
        return;
    AUTO(buf) struct buf out = BUF_OWN;
    json_print_pretty(list, &out);
    printf("%s\n", buf_text(&out));
}

static int explain(struct offline *offline, const struct options *options, struct err *err)
{
    const char *format = options_text(options, OPT_OUTPUT);
    bool json = strcmp(format, "json") == 0;
    if (!json && format[0] != '\0' && strcmp(format, "text") != 0)
        return err_set(err, ERR_INVALID, "--output: '%s' is none of text|json", format);
    int rc = offline_translate(offline, options, err);
    if (rc != 0)
        return rc;
    struct explanation explanation = {.offline = offline, .wanted = options_text(options, OPT_ENTITY)};
    map_init(&explanation.served, NULL);
    note_served(&explanation);
    print_all(&explanation, json);
    map_done(&explanation.served);
    return 0;
}

int cli_explain(int argc, char **argv)
{
    return offline_command(argc, argv, GROUPS, explain);
}
