/* Decides what is shown of an object, and how its state is explained. */
#include <string.h>

#include "show.h"

static size_t count_of(const struct census_object *object, enum census_state state)
{
    return object->counts[state];
}

static const struct problem *worst_problem(const struct census_object *object)
{
    const struct problem *worst = NULL;
    for (size_t i = 0; i < object->problems.count; i++)
        if (worst == NULL || object->problems.items[i]->severity > worst->severity)
            worst = object->problems.items[i];
    return worst;
}

/* Cut between characters. */
static void append_cut(struct buf *out, const char *text)
{
    size_t length = strlen(text);
    if (length <= SHOW_REASON_MAX) {
        buf_append_text(out, text);
        return;
    }
    for (length = SHOW_REASON_MAX; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80; length--)
        ;
    buf_append(out, text, length);
    buf_append_text(out, "…");
}

/* The class that it names: "" for none. */
static void explain_unused(const struct show *show, const struct census_object *object, struct buf *out)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *tree = NULL;
    const char *ours = sync_controller_ingress_class(show->controller);
    if (object->object != NULL)
        if (json_parse(object->object->text, object->object->length, &tree, &err) != 0)
            tree = NULL;
    const struct json *spec = json_find(tree, "spec");
    const char *annotated = json_find_text(json_find_path(tree, "metadata.annotations"), "kubernetes.io/ingress.class");
    const char *field = json_find_text(spec, "ingressClassName"), *gateway = json_find_text(spec, "gatewayClassName");
    const char *class = annotated != NULL && annotated[0] != '\0' ? annotated : field;
    if (class != NULL && strcmp(class, ours) != 0)
        buf_printf(out, "not ours: its class is '%.100s', and ours '%s'", class, ours);
    else if (gateway != NULL)
        buf_printf(out, "not ours: no rule takes its GatewayClass '%.100s'", gateway);
    else if (strcmp(object->kind->kind, "Ingress") == 0 && class == NULL)
        buf_printf(out, "not ours: it names no class, and '%s' is not the default", ours);
    else
        buf_append_text(out, "not used: nothing that is ours refers to it");
}

void show_object_reason(const struct show *show, const struct census_object *object, struct buf *out)
{
    const struct problem *problem = worst_problem(object);
    if (object->state == CENSUS_UNREAD) {
        AUTO(text)
        char *text = xasprintf("%s cannot be read (%s); it stays as it was", object->kind->kind,
                               census_unread_reason(show->census, object->kind));
        append_cut(out, text);
    } else if (problem != NULL) {
        append_cut(out, problem->text);
    } else if (object->state == CENSUS_HELD) {
        buf_append_text(out, object->object == NULL ? "it is deleted, and served until that is approved"
                                                    : "it is not ours any more, and served until that is approved");
    } else if (object->state == CENSUS_PENDING || object->state == CENSUS_SETTLING) {
        buf_printf(out, "%zu of %zu entities are in place", count_of(object, CENSUS_PROGRAMMED),
                   object->entities.count);
    } else if (object->state == CENSUS_UNUSED) {
        explain_unused(show, object, out);
    } else if (object->state != CENSUS_PROGRAMMED) {
        buf_append_text(out, census_state_words(object->state));
    }
}

static void show_members(const struct show *show, const struct census_object *object, struct writer *writer)
{
    size_t errors = 0, warnings = 0;
    for (size_t i = 0; i < object->problems.count; i++) {
        errors += object->problems.items[i]->severity == PROBLEM_ERROR;
        warnings += object->problems.items[i]->severity == PROBLEM_WARN;
    }
    const struct problem *problem = worst_problem(object);
    AUTO(buf) struct buf reason = BUF_OWN;
    show_object_reason(show, object, &reason);
    writer_text(writer, "id", object->kind->id);
    writer_text(writer, "kind", object->kind->kind);
    writer_text(writer, "namespace", object->namespace);
    writer_text(writer, "name", object->name);
    writer_text(writer, "state", census_state_name(object->state));
    writer_text(writer, "code", problem != NULL ? problem->code : "");
    writer_text(writer, "reason", buf_text(&reason));
    writer_bool(writer, "there", object->object != NULL);
    writer_number(writer, "entities", (double)object->entities.count);
    writer_number(writer, "in_place", (double)count_of(object, CENSUS_PROGRAMMED));
    writer_number(writer, "errors", (double)errors);
    writer_number(writer, "warnings", (double)warnings);
}

void show_object_row(const struct show *show, const struct census_object *object, struct writer *writer)
{
    writer_open(writer, NULL, '{');
    show_members(show, object, writer);
    writer_close(writer, '}');
}

void show_object(const struct show *show, const struct census_object *object, size_t offset, size_t limit,
                 struct writer *writer)
{
    const struct object *there = object->object;
    writer_open(writer, NULL, '{');
    show_members(show, object, writer);
    writer_text(writer, "uid", there != NULL ? there->uid : "");
    writer_text(writer, "created", there != NULL ? there->creation : "");
    writer_number(writer, "generation", there != NULL ? (double)there->generation : 0);
    writer_text(writer, "file", there != NULL && there->file != NULL ? there->file : "");
    writer_number(writer, "line", there != NULL ? there->line : 0);
    writer_open(writer, "problems", '[');
    for (size_t i = 0; i < object->problems.count && i < SHOW_ENTITIES_MAX; i++)
        show_problem_row(show, object->problems.items[i], writer);
    writer_close(writer, ']');
    writer_number(writer, "offset", (double)offset);
    writer_open(writer, "rows", '[');
    for (size_t i = offset; i < object->entities.count && i - offset < limit; i++)
        show_entity_row(show, object->entities.items[i]->entity, writer);
    writer_close(writer, ']');
    writer_close(writer, '}');
}
