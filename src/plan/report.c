/* Decides how a plan is told. */
#include "plan/report.h"

#include <string.h>

#include "base/text.h"

#define VALUE_MAX  100 /* characters of a value that a line shows */
#define HELD_SHOWN 10  /* held objects that a line names */

static const char *const verbs[] = {
    [KONG_CREATE] = "create", [KONG_PARK] = "create",   [KONG_WITHDRAW] = "update", [KONG_UPDATE] = "update",
    [KONG_YIELD] = "update",  [KONG_DELETE] = "delete", [KONG_READ] = "read"};
static const char *const colours[] = {[KONG_CREATE] = "\033[32m",
                                      [KONG_PARK] = "\033[32m",
                                      [KONG_WITHDRAW] = "\033[33m",
                                      [KONG_UPDATE] = "\033[33m",
                                      [KONG_YIELD] = "\033[33m",
                                      [KONG_DELETE] = "\033[31m",
                                      [KONG_READ] = ""};

static char *title_of(const struct kong_item *item)
{
    if (item->entity != NULL)
        return kong_entity_title(item->entity);
    if (item->kind->key_is_secret)
        return xasprintf("%s %.8s…", item->kind->name, item->key);
    return xasprintf("%s %s", item->kind->name, item->key);
}

static struct json *parsed(const char *text)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;
    if (text != NULL && json_parse(text, strlen(text), &value, &err) == 0)
        return value;
    return json_new_object();
}

static struct json *wanted_of(struct kong_plan *plan, const struct kong_item *item)
{
    const char *ids[KONG_FOREIGN_MAX];
    const struct kong_state *state = kong_plan_state(plan);
    kong_state_foreign_ids(item, ids);
    return kong_canonical_wanted(item->kind, item->entity, state->schemas, &state->ownership, ids);
}

/* Changed fields; references to other entities count as fields. */
static struct json *changes_of(struct kong_plan *plan, const struct kong_item *item)
{
    struct json *changes = json_new_array();
    AUTO(json) struct json *actual = parsed(item->actual->text);
    AUTO(json) struct json *wanted = wanted_of(plan, item);
    kong_canonical_changes(item->kind, kong_plan_state(plan)->schemas, actual, wanted, changes);

    const char *ids[KONG_FOREIGN_MAX];
    kong_state_foreign_ids(item, ids);
    bool apart = item->kind->id != KONG_CUSTOM; /* those have them in their fields */
    for (size_t i = 0; apart && i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++) {
        const char *before = item->actual->foreign_ids[i];
        const struct kong_item *target = item->links[i].target;
        bool same = target == NULL ? before == NULL : before != NULL && ids[i] != NULL && strcmp(before, ids[i]) == 0;
        if (same)
            continue;
        struct json *change = json_new_object();
        json_set_text(change, "field", item->kind->foreign[i].field);
        if (before != NULL)
            json_set_text(change, "from", before);
        if (target != NULL)
            json_set_text(change, "to", ids[i] != NULL ? ids[i] : target->kind->key_is_secret ? "…" : target->key);
        json_append(changes, change);
    }
    return changes;
}

static void print_value(const struct json *value, struct buf *out)
{
    if (value == NULL) {
        buf_append_text(out, "(unset)");
        return;
    }
    AUTO(text) char *text = json_print_text(value);
    size_t length = strlen(text);
    size_t shown = length;
    if (shown > VALUE_MAX)
        for (shown = VALUE_MAX; shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80; shown--)
            ; /* not in the middle of a character */
    text_append_shown_bytes(out, text, shown);
    if (shown < length)
        buf_append_text(out, "…");
}

static void print_op(struct kong_plan *plan, const struct kong_listed *op, bool colour, struct buf *out)
{
    static const char *const words[] = {
        [KONG_FATE_DONE] = NULL, [KONG_FATE_WITHHELD] = "withhold", [KONG_FATE_HELD] = "hold"};
    const char *word = words[op->fate] != NULL ? words[op->fate] : verbs[op->verb];
    AUTO(text) char *title = title_of(op->item);
    bool coloured = colour && op->fate == KONG_FATE_DONE;
    buf_printf(out, "%s%s%s ", coloured ? colours[op->verb] : "", word, coloured ? "\033[0m" : "");
    text_append_shown(out, title);
    if (op->fate == KONG_FATE_WITHHELD && op->item->code != NULL) {
        buf_printf(out, " (%s: ", op->item->code);
        text_append_shown(out, op->item->text);
        buf_append_char(out, ')');
    }
    buf_append_char(out, '\n');
    if (op->verb != KONG_UPDATE || op->fate != KONG_FATE_DONE)
        return;
    AUTO(json) struct json *changes = changes_of(plan, op->item);
    json_each (change, changes) {
        buf_append_text(out, "  ");
        text_append_shown(out, json_find_text(change, "field"));
        buf_append_text(out, ": ");
        print_value(json_find(change, "from"), out);
        buf_append_text(out, " -> ");
        print_value(json_find(change, "to"), out);
        buf_append_char(out, '\n');
    }
}

/* "held: 12 objects, 45 entities: Ingress shop/a, Ingress shop/b, …; approve with HASH" */
static void print_held(struct kong_plan *plan, struct buf *out)
{
    struct kong_held held = kong_plan_held(plan);
    size_t count;
    struct kong_held_object *objects = kong_plan_held_objects(plan, &count);
    buf_printf(out, "%zu objects, %zu entities: ", held.objects, held.entities);
    for (size_t i = 0; i < count && i < HELD_SHOWN; i++) {
        AUTO(text) char *title = kong_source_title(&objects[i].source);
        buf_append_text(out, i > 0 ? ", " : "");
        text_append_shown(out, title);
    }
    buf_printf(out, "%s; approve with %s", count > HELD_SHOWN ? ", …" : "", held.hash);
    kong_held_objects_free(objects, count);
}

struct tally {
    size_t creates, updates, deletes, withheld, held;
};

static void count(struct tally *tally, const struct kong_listed *op)
{
    tally->withheld += op->fate == KONG_FATE_WITHHELD;
    tally->held += op->fate == KONG_FATE_HELD;
    if (op->fate != KONG_FATE_DONE)
        return;
    tally->creates += op->verb == KONG_CREATE;
    tally->updates += op->verb == KONG_UPDATE;
    tally->deletes += op->verb == KONG_DELETE;
}

size_t kong_report_count(struct kong_plan *plan)
{
    size_t listed;
    struct tally tally = {0};
    struct kong_listed *ops = kong_plan_list(plan, &listed);
    for (size_t i = 0; i < listed; i++)
        count(&tally, &ops[i]);
    free(ops);
    return tally.creates + tally.updates + tally.deletes;
}

void kong_report_text(struct kong_plan *plan, bool colour, struct buf *out)
{
    size_t listed;
    struct tally tally = {0};
    struct kong_listed *ops = kong_plan_list(plan, &listed);
    for (size_t i = 0; i < listed; i++) {
        print_op(plan, &ops[i], colour, out);
        count(&tally, &ops[i]);
    }
    free(ops);
    if (kong_plan_held(plan).objects > 0) {
        buf_append_text(out, "held: ");
        print_held(plan, out);
        buf_append_char(out, '\n');
    }
    buf_printf(out, "summary: %zu to create, %zu to update, %zu to delete, withheld %zu, held %zu\n", tally.creates,
               tally.updates, tally.deletes, tally.withheld, tally.held);
}

/* The fields with their secrets masked. */
static struct json *masked(struct kong_plan *plan, const struct kong_item *item, const struct json *fields)
{
    struct buf text = BUF_OWN;
    json_print(fields, &text);
    kong_secret_scrub(item->kind, fields, kong_plan_state(plan)->schemas, &text);
    struct json *shown = parsed(buf_text(&text));
    buf_done(&text);
    for (size_t i = 0; i < KONG_FIELDS_MAX && item->kind->secret_fields[i] != NULL; i++)
        if (json_find(shown, item->kind->secret_fields[i]) != NULL)
            json_set_text(shown, item->kind->secret_fields[i], "***");
    return shown;
}

static struct json *entry_of(struct kong_plan *plan, const struct kong_listed *op)
{
    const struct kong_item *item = op->item;
    struct json *entry = json_new_object();
    struct json *body = json_new_object();
    json_set_text(entry, "kind", item->kind->name);
    AUTO(text) char *name = item->kind->key_is_secret ? xasprintf("%.8s…", item->key) : xstrdup(item->key);
    json_set_text(entry, "name", name);
    if (item->actual != NULL)
        json_set_text(entry, "id", item->actual->id);
    else if (item->entity->id != NULL)
        json_set_text(entry, "id", item->entity->id);

    AUTO(json) struct json *actual = item->actual != NULL ? parsed(item->actual->text) : NULL;
    AUTO(json) struct json *wanted = item->entity != NULL ? wanted_of(plan, item) : NULL;
    json_set(body, "new", wanted != NULL ? masked(plan, item, wanted) : json_new_null());
    json_set(body, "old", actual != NULL ? masked(plan, item, actual) : json_new_null());
    json_set(entry, "body", body);
    if (op->verb == KONG_UPDATE)
        json_set(entry, "diff", changes_of(plan, item));
    return entry;
}

static struct json *withheld_of(const struct kong_item *item)
{
    struct json *entry = json_new_object();
    AUTO(text) char *name = item->kind->key_is_secret ? xasprintf("%.8s…", item->key) : xstrdup(item->key);
    json_set_text(entry, "kind", item->kind->name);
    json_set_text(entry, "name", name);
    json_set_text(entry, "code", item->code != NULL ? item->code : "");
    json_set_text(entry, "reason", item->code != NULL ? item->text : "");
    return entry;
}

static struct json *held_of(struct kong_plan *plan)
{
    struct kong_held held = kong_plan_held(plan);
    struct json *entry = json_new_object(), *list = json_new_array();
    size_t count;
    struct kong_held_object *objects = kong_plan_held_objects(plan, &count);
    for (size_t i = 0; i < count; i++) {
        struct json *object = json_new_object();
        json_set_text(object, "kind", objects[i].source.kind);
        json_set_text(object, "namespace", objects[i].source.namespace);
        json_set_text(object, "name", objects[i].source.name);
        json_set_bool(object, "deleted", objects[i].gone);
        json_append(list, object);
    }
    kong_held_objects_free(objects, count);
    json_set_text(entry, "hash", held.hash);
    json_set_number(entry, "entities", (double)held.entities);
    json_set(entry, "objects", list);
    return entry;
}

static struct json *summary_of(const struct tally *tally)
{
    struct json *summary = json_new_object();
    json_set_number(summary, "creating", (double)tally->creates);
    json_set_number(summary, "updating", (double)tally->updates);
    json_set_number(summary, "deleting", (double)tally->deletes);
    json_set_number(summary, "total", (double)(tally->creates + tally->updates + tally->deletes));
    json_set_number(summary, "withheld", (double)tally->withheld);
    json_set_number(summary, "held", (double)tally->held);
    return summary;
}

void kong_report_json(struct kong_plan *plan, struct buf *out)
{
    static const char *const groups[] = {"creating", "updating", "deleting"};
    size_t listed;
    struct tally tally = {0};
    struct kong_listed *ops = kong_plan_list(plan, &listed);
    AUTO(json) struct json *report = json_new_object();
    struct json *lists[3];
    struct json *changes = json_new_object(), *withheld = json_new_array();
    for (size_t i = 0; i < 3; i++) {
        lists[i] = json_new_array();
        json_set(changes, groups[i], lists[i]);
    }
    for (size_t i = 0; i < listed; i++) {
        size_t group = ops[i].verb == KONG_DELETE ? 2 : ops[i].verb == KONG_UPDATE ? 1 : 0;
        count(&tally, &ops[i]);
        if (ops[i].fate == KONG_FATE_DONE)
            json_append(lists[group], entry_of(plan, &ops[i]));
        else if (ops[i].fate == KONG_FATE_WITHHELD)
            json_append(withheld, withheld_of(ops[i].item));
    }
    free(ops);
    json_set(report, "changes", changes);
    json_set(report, "summary", summary_of(&tally));
    json_set(report, "withheld", withheld);

    struct json *warnings = json_new_array();
    if (kong_plan_held(plan).objects > 0) {
        AUTO(buf) struct buf text = BUF_OWN;
        buf_append_text(&text, "held: ");
        print_held(plan, &text);
        json_append(warnings, json_new_text(buf_text(&text)));
        json_set(report, "held", held_of(plan));
    }
    json_set(report, "warnings", warnings);

    struct json *errors = json_new_array();
    size_t problem_count;
    struct problem **problems = kong_plan_problems(plan, &problem_count);
    for (size_t i = 0; i < problem_count; i++) {
        AUTO(text) char *text = xasprintf("%s: %s", problems[i]->code, problems[i]->text);
        json_append(errors, json_new_text(text));
        problem_unref(problems[i]);
    }
    free(problems);
    json_set(report, "errors", errors);
    json_print_pretty(report, out);
    buf_append_char(out, '\n');
}
