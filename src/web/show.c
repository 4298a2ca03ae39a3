/* Decides what is shown of an entity and of a problem. */
#include "show.h"

#include <string.h>

#include "base/clock.h"
#include "kong/problem_codes.h"

#define SECRET_KEY_SHOWN 8

static const char *const VERBS[] = {
    [KONG_CREATE] = "create", [KONG_PARK] = "park",     [KONG_WITHDRAW] = "withdraw", [KONG_UPDATE] = "update",
    [KONG_YIELD] = "yield",   [KONG_DELETE] = "delete", [KONG_READ] = "read"};

struct show show_of(struct sync_controller *controller)
{
    return (struct show){
        .controller = controller,
        .census = sync_controller_census(controller),
        .plan = kong_session_plan(sync_controller_session(controller)),
    };
}

static char *title_of(const struct kong_kind *kind, const char *key)
{
    if (kind->key_is_secret)
        return xasprintf("%s %.*s…", kind->name, SECRET_KEY_SHOWN, key);
    return xasprintf("%s %s", kind->name, key);
}

char *show_item_title(const struct kong_item *item)
{
    return title_of(item->kind, item->key);
}

static void show_source(const struct census_object *object, struct writer *writer)
{
    writer_open(writer, NULL, '{');
    writer_text(writer, "id", object->kind->id);
    writer_text(writer, "kind", object->kind->kind);
    writer_text(writer, "namespace", object->namespace);
    writer_text(writer, "name", object->name);
    writer_close(writer, '}');
}

static void show_answer(const struct census_answer *answer, struct writer *writer)
{
    if (answer->at == 0)
        return;
    writer_open(writer, "answer", '{');
    writer_number(writer, "status", answer->status);
    writer_text(writer, "verb", VERBS[answer->verb]);
    writer_number(writer, "ms", answer->took_ms);
    writer_number(writer, "at", (double)(int64_t)answer->at);
    writer_close(writer, '}');
}

static void show_references(const struct kong_entity *entity, struct writer *writer)
{
    writer_open(writer, "refers", '[');
    for (int i = 0; i < KONG_FOREIGN_MAX && entity->kind->foreign[i].field != NULL; i++) {
        if (entity->foreign_keys[i] == NULL)
            continue;
        AUTO(text) char *title = title_of(kong_kind_get(entity->kind->foreign[i].kind), entity->foreign_keys[i]);
        writer_text(writer, NULL, title);
    }
    writer_close(writer, ']');
    writer_open(writer, "guards", '[');
    for (size_t i = 0; i < entity->guard_count; i++)
        writer_text(writer, NULL, entity->guards[i]);
    writer_close(writer, ']');
}

const char *show_rule_name(const char *target)
{
    const char *slash = strrchr(target, '/');
    return slash != NULL ? slash + 1 : target;
}

static bool wraps(const struct rules_file *file, const char *rule)
{
    return strcmp(file->verb, "extends") == 0 && strcmp(show_rule_name(file->target), rule) == 0;
}

size_t show_made_by(const struct census *census, const struct rules_file *file)
{
    return census_of_file(census, file->path);
}

size_t show_changed_by(const struct census *census, const struct rules_file *file)
{
    bool extends = strcmp(file->verb, "extends") == 0;
    return extends ? census_of_rule(census, show_rule_name(file->target)) : census_adjusted_by(census, file->path);
}

/* Files that wrap steps of its rule, and those that adjusted it. */
static void print_overrides(const struct show *show, const struct kong_origin *origin, struct buf *out)
{
    const struct rules_file *files;
    size_t count = sync_controller_files(show->controller, &files);
    for (size_t i = 0; i < count && origin->rule != NULL; i++)
        if (wraps(&files[i], origin->rule))
            buf_printf(out, "%s%s", out->length != 0 ? "," : "", files[i].path);
    if (origin->overrides != NULL && origin->overrides[0] != '\0')
        buf_printf(out, "%s%s", out->length != 0 ? "," : "", origin->overrides);
}

static void show_origin(const struct show *show, const struct kong_entity *entity, struct writer *writer)
{
    const struct kong_origin *origin = &entity->origin;
    AUTO(buf) struct buf overrides = BUF_OWN;
    print_overrides(show, origin, &overrides);
    writer_text(writer, "rule", origin->rule != NULL ? origin->rule : "");
    writer_text(writer, "step", origin->step != NULL ? origin->step : "");
    writer_text(writer, "file", origin->file != NULL ? origin->file : "");
    writer_number(writer, "line", origin->line);
    writer_text(writer, "overrides", buf_text(&overrides));
    show_references(entity, writer);
}

/* What it waits for, or why it is as it is. */
static void show_reason(const struct census_entity *entity, const struct kong_item *item, struct writer *writer)
{
    const struct kong_item *target = item != NULL ? item->wait.target : NULL;
    if (item != NULL && item->code != NULL) {
        writer_text(writer, "code", item->code);
        writer_text(writer, "reason", item->text);
    } else if (target != NULL) {
        AUTO(text) char *title = show_item_title(target);
        AUTO(text) char *text = xasprintf("waits for %s", title);
        writer_text(writer, "reason", text);
    } else {
        writer_text(writer, "reason",
                    item != NULL && item->in_flight      ? "its request is under way"
                    : entity->state == CENSUS_PROGRAMMED ? ""
                                                         : census_state_words(entity->state));
    }
}

void show_entity_row(const struct show *show, const struct census_entity *entity, struct writer *writer)
{
    const struct kong_item *item = kong_state_find(kong_plan_state(show->plan), entity->kind->id, entity->key);
    const char *id = entity->kind->key_is_secret            ? NULL /* it is made from the key */
                     : item != NULL && item->actual != NULL ? item->actual->id
                     : entity->entity != NULL               ? entity->entity->id
                                                            : NULL;
    AUTO(text) char *title = title_of(entity->kind, entity->key);
    writer_open(writer, NULL, '{');
    writer_text(writer, "kind", entity->kind->name);
    writer_text(writer, "title", title + strlen(entity->kind->name) + 1);
    writer_text(writer, "id", id != NULL ? id : "");
    writer_text(writer, "state", census_state_name(entity->state));
    writer_bool(writer, "wanted", entity->wanted);
    show_reason(entity, item, writer);
    if (entity->entity != NULL)
        show_origin(show, entity->entity, writer);
    writer_open(writer, "objects", '[');
    for (size_t i = 0; i < entity->link_count; i++)
        show_source(entity->links[i].object, writer);
    writer_close(writer, ']');
    show_answer(&entity->answer, writer);
    writer_close(writer, '}');
}

void show_problem_row(const struct show *show, const struct problem *problem, struct writer *writer)
{
    struct problem_place place = problem_place(problem, sync_controller_place(show->controller, &problem->about));
    AUTO(text) char *title = kong_source_title(&problem->about);
    const struct problem_code *row = problem_code_find(problem->code);
    writer_open(writer, NULL, '{');
    writer_text(writer, "severity", problem_severity_name(problem->severity));
    writer_text(writer, "code", problem->code);
    writer_text(writer, "object", title);
    writer_text(writer, "id", problem->about.kind);
    writer_text(writer, "namespace", problem->about.namespace);
    writer_text(writer, "name", problem->about.name);
    writer_text(writer, "text", problem->text);
    writer_text(writer, "remedy", row != NULL ? row->remedy : "");
    writer_text(writer, "file", place.file);
    writer_number(writer, "line", place.line);
    writer_close(writer, '}');
}

static struct json *parsed(const char *text)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;
    return json_parse(text, strlen(text), &value, &err) == 0 ? value : json_new_object();
}

static void show_fields(const struct kong_state *state, const struct kong_item *item, struct writer *writer)
{
    const char *ids[KONG_FOREIGN_MAX];
    kong_state_foreign_ids(item, ids);
    AUTO(json) struct json *changes = json_new_array();
    AUTO(json) struct json *actual = parsed(item->actual->text);
    AUTO(json)
    struct json *wanted = kong_canonical_wanted(item->kind, item->entity, state->schemas, &state->ownership, ids);
    kong_canonical_changes(item->kind, state->schemas, actual, wanted, changes);
    writer_open(writer, "fields", '[');
    json_each (change, changes) {
        writer_text(writer, NULL, json_find_text(change, "field"));
    }
    writer_close(writer, ']');
}

void show_difference(const struct show *show, const struct census_entity *entity, struct writer *writer)
{
    static const char *const brakes[] = {
        [KONG_BRAKE_NONE] = "", [KONG_GATHERED] = "gathered", [KONG_HELD] = "held", [KONG_CLEARED] = "cleared"};
    struct kong_state *state = kong_plan_state(show->plan);
    struct kong_item *item = kong_state_find(state, entity->kind->id, entity->key);
    writer_open(writer, NULL, '{');
    writer_open(writer, "entity", '[');
    show_entity_row(show, entity, writer);
    writer_close(writer, ']');
    if (item != NULL) {
        uint64_t now = clock_monotonic_ms();
        writer_text(writer, "operation", item->entity == NULL ? "delete" : item->actual == NULL ? "create" : "update");
        writer_bool(writer, "under_way", item->in_flight);
        writer_bool(writer, "queued", item->queued);
        writer_text(writer, "brake", brakes[item->brake]);
        writer_number(writer, "failures", item->failures);
        writer_number(writer, "retry_in_ms", item->retry_at_ms > now ? (double)(item->retry_at_ms - now) : 0);
        if (item->entity != NULL && item->actual != NULL && kong_state_differs(state, item))
            show_fields(state, item, writer);
    }
    writer_close(writer, '}');
}
