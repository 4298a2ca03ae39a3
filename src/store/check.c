/* One way through the text of an object, beside the rows of its kind's schema. */
#include "store/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/regex.h"
#include "base/text.h"
#include "base/vec.h"
#include "schema.h"
#include "schema_names.h"

#define NAMES_MAX  64  /* fields of an object among which the nearest is looked for */
#define QUOTED_MAX 60  /* bytes of a value that a text quotes */
#define ID_MAX     300 /* of group/version/Kind */

struct object_check {
    bool types_only;
    struct regex **patterns; /* as many as there are bounds; compiled when first needed */
};

struct step {
    struct json_span name; /* of a member; no text: an element */
    size_t index;
};

struct run {
    struct object_check *check;
    const char *start;
    struct json_cursor cursor;
    struct step steps[JSON_DEPTH_MAX];
    size_t depth;
    bool secret;               /* no value may be quoted */
    struct json_span metadata; /* of the object */
    bool good;
    size_t faults;
    object_fault_fn *fault;
    void *user;
};

struct object_check *object_check_new(bool types_only)
{
    struct object_check *check = xcalloc(1, sizeof(*check));
    check->types_only = types_only;
    check->patterns = xcalloc(schema_table.bounds_count, sizeof(struct regex *));
    return check;
}

void object_check_free(struct object_check *check)
{
    if (check == NULL)
        return;
    for (size_t i = 0; i < schema_table.bounds_count; i++)
        regex_free(check->patterns[i]);
    free(check->patterns);
    free(check);
}

static void print_path(const struct run *run, struct buf *out)
{
    for (size_t i = 0; i < run->depth; i++) {
        const struct step *step = &run->steps[i];
        if (step->name.text == NULL) {
            buf_printf(out, "[%zu]", step->index);
            continue;
        }
        if (i != 0)
            buf_append_char(out, '.');
        buf_append(out, step->name.text, step->name.length);
    }
    buf_append_text(out, out->length != 0 ? ": " : "");
}

static void tell(struct run *run, enum object_fault_type type, const char *where, const char *format, ...) FORMAT(4, 5);

static void tell(struct run *run, enum object_fault_type type, const char *where, const char *format, ...)
{
    run->good = run->good && type != OBJECT_FAULT;
    if (run->faults++ >= OBJECT_FAULTS_MAX)
        return;
    AUTO(buf) struct buf text = BUF_OWN;
    print_path(run, &text);
    va_list arguments;
    va_start(arguments, format);
    char sentence[1024];
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    buf_append_text(&text, sentence);
    struct object_fault fault = {type, (size_t)(where - run->start), buf_text(&text)};
    run->fault(run->user, &fault);
}

static const char *type_name(enum json_type type)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
    return names[type];
}

static const char *expected_name(const struct schema_node *node)
{
    static const char *const names[] = {"anything", "an object", "an object",
                                        "an array", "a string",  "a number",
                                        "a number", "a boolean", "a number or a string"};
    return names[node->type];
}

/* "Exact, Prefix or ImplementationSpecific" */
static void print_words(const struct schema_node *node, struct buf *out)
{
    for (size_t i = 0; i < node->count; i++) {
        const char *word = schema_table.words[node->first + i];
        buf_printf(out, "%s%s", i == 0 ? "" : i + 1 == node->count ? " or " : ", ", word[0] != '\0' ? word : "\"\"");
    }
}

/* Goes over the value ahead, whatever it is. */
static void skip(struct run *run)
{
    struct json_span ignored;
    if (!json_cursor_skip(&run->cursor, &ignored))
        run->cursor.broken = true;
}

/* The value as a text without escapes; `decoded` is the caller's to free. */
static struct json_span text_of(struct json_span value, struct json **decoded)
{
    struct json_span text = {value.text + 1, value.length - 2};
    struct err ignored = ERR_INIT;
    if (memchr(text.text, '\\', text.length) != NULL && json_parse(value.text, value.length, decoded, &ignored) == 0)
        text = (struct json_span){json_text(*decoded), strlen(json_text(*decoded))};
    return text;
}

static size_t count_characters(struct json_span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += (text.text[i] & 0xc0) != 0x80;
    return count;
}

/* Something to be told of the value, with its beginning where that is no secret. */
static void refuse_value(struct run *run, const char *where, struct json_span value, const char *what)
{
    if (run->secret)
        tell(run, OBJECT_FAULT, where, "%s", what);
    else
        tell(run, OBJECT_FAULT, where, "%s, got %.*s%s", what,
             (int)(value.length > QUOTED_MAX ? QUOTED_MAX : value.length), value.text,
             value.length > QUOTED_MAX ? "…" : "");
}

static void check_size(struct run *run, const struct schema_node *node, const char *where, size_t size,
                       const char *unit)
{
    const struct schema_bounds *bounds = &schema_table.bounds[node->bounds];
    if (node->bounds == 0 || run->check->types_only)
        return;
    if (size < bounds->shortest)
        tell(run, OBJECT_FAULT, where, bounds->shortest == 1 ? "must not be empty" : "expected at least %u %s, got %zu",
             bounds->shortest, unit, size);
    else if (size > bounds->longest)
        tell(run, OBJECT_FAULT, where, "expected at most %u %s, got %zu", bounds->longest, unit, size);
}

/* NULL: it has none, or none that can be read here. */
static struct regex *pattern_of(struct object_check *check, const struct schema_node *node)
{
    const char *pattern = schema_table.bounds[node->bounds].pattern;
    struct regex **regex = &check->patterns[node->bounds];
    struct err ignored = ERR_INIT;
    if (*regex == NULL && pattern[0] != '\0' && regex_new(pattern, strlen(pattern), regex, &ignored) != 0)
        *regex = NULL;
    return *regex;
}

static bool is_a_word(const struct schema_node *node, struct json_span text)
{
    for (size_t i = 0; i < node->count; i++) {
        if (json_span_is(text, schema_table.words[node->first + i]))
            return true;
    }
    return node->count == 0;
}

static void refuse_word(struct run *run, const struct schema_node *node, struct json_span value)
{
    AUTO(buf) struct buf words = BUF_OWN;
    buf_append_text(&words, "expected ");
    print_words(node, &words);
    refuse_value(run, value.text, value, buf_text(&words));
}

static void judge_text(struct run *run, const struct schema_node *node, struct json_span value, struct json_span text)
{
    size_t faults = run->faults;
    if (!is_a_word(node, text))
        refuse_word(run, node, value);
    if (!schema_names_fit(node->format, text.text, text.length)) {
        AUTO(text) char *what = xasprintf("expected %s", schema_names_expected(node->format));
        refuse_value(run, value.text, value, what);
    }
    if (node->bounds == 0 || run->faults != faults)
        return;
    check_size(run, node, value.text, count_characters(text), "characters");
    struct regex *regex = run->faults == faults ? pattern_of(run->check, node) : NULL;
    if (regex != NULL && !regex_fits(regex, text.text, text.length)) {
        AUTO(text)
        char *what = xasprintf("expected a text that fits %.200s", schema_table.bounds[node->bounds].pattern);
        refuse_value(run, value.text, value, what);
    }
}

static void check_text(struct run *run, const struct schema_node *node)
{
    struct json_span value;
    struct json *decoded = NULL;
    if (!json_cursor_skip(&run->cursor, &value))
        return;
    bool judged = node->count != 0 || node->format != SCHEMA_NO_FORMAT || node->bounds != 0;
    if (judged && !run->check->types_only)
        judge_text(run, node, value, text_of(value, &decoded));
    json_free(decoded);
}

static void check_number(struct run *run, const struct schema_node *node)
{
    struct json_span value;
    if (!json_cursor_skip(&run->cursor, &value))
        return;
    char digits[64];
    size_t length = value.length < sizeof(digits) - 1 ? value.length : sizeof(digits) - 1;
    memcpy(digits, value.text, length);
    digits[length] = '\0';
    double number = strtod(digits, NULL);
    const struct schema_bounds *bounds = &schema_table.bounds[node->bounds];
    snprintf(digits, sizeof(digits), "%.15g", number);
    if (!is_a_word(node, (struct json_span){digits, strlen(digits)}) && !run->check->types_only)
        refuse_word(run, node, value);
    else if (node->type != SCHEMA_NUMBER && number != floor(number))
        refuse_value(run, value.text, value, "expected a whole number");
    else if (node->bounds == 0 || run->check->types_only)
        return;
    else if (number < bounds->least)
        tell(run, OBJECT_FAULT, value.text, "expected at least %.15g, got %.15g", bounds->least, number);
    else if (number > bounds->most)
        tell(run, OBJECT_FAULT, value.text, "expected at most %.15g, got %.15g", bounds->most, number);
}

static void check_value(struct run *run, const struct schema_node *node, enum json_type type);

static void check_array(struct run *run, const struct schema_node *node)
{
    const char *where = run->cursor.at;
    size_t count = 0;
    if (!json_cursor_enter(&run->cursor) || run->depth == JSON_DEPTH_MAX) {
        run->cursor.broken = true;
        return;
    }
    struct step *step = &run->steps[run->depth++];
    for (*step = (struct step){0}; json_cursor_item(&run->cursor, count == 0); count++) {
        step->index = count;
        check_value(run, &schema_table.nodes[node->item], json_cursor_type(&run->cursor));
    }
    run->depth--;
    check_size(run, node, where, count, "elements");
}

static const struct schema_field *field_of(const struct schema_node *node, struct json_span name)
{
    const struct schema_field *fields = schema_table.fields + node->first;
    for (size_t i = 0; name.length != 0 && i < node->count; i++) {
        if (fields[i].length == name.length && fields[i].name[0] == name.text[0] &&
            memcmp(fields[i].name, name.text, name.length) == 0)
            return &fields[i];
    }
    return NULL;
}

static void tell_unknown(struct run *run, const struct schema_node *node, struct json_span name)
{
    const char *names[NAMES_MAX];
    size_t count = node->count < NAMES_MAX ? node->count : NAMES_MAX;
    for (size_t i = 0; i < count; i++)
        names[i] = schema_table.fields[node->first + i].name;
    AUTO(text) char *word = xstrndup(name.text, name.length);
    const char *near = text_nearest(word, names, count, (int)name.length / 3 + 1);
    tell(run, OBJECT_UNKNOWN_FIELD, name.text - 1, "there is no such field%s%s%s", near != NULL ? " (is " : "",
         near != NULL ? near : "", near != NULL ? " meant?)" : "");
}

/* A null member is as good as absent. */
static void check_present(struct run *run, const struct schema_node *node, enum json_type type)
{
    if (type == JSON_NULL && (node->flags & SCHEMA_NULLABLE) == 0)
        skip(run);
    else
        check_value(run, node, type);
}

/* The value ahead is that of `field`, NULL for one that is not known. */
static void check_member(struct run *run, const struct schema_node *node, const struct schema_field *field,
                         struct json_span name, enum json_type type)
{
    if (field == NULL) {
        if ((node->flags & SCHEMA_OPEN) == 0)
            tell_unknown(run, node, name);
        skip(run);
        return;
    }
    check_present(run, &schema_table.nodes[field->node], type);
}

/* Fields that were met are set in `seen`, a bit for each of the first 64; required ones come first. */
static void tell_missing(struct run *run, const struct schema_node *node, const char *where, uint64_t seen)
{
    for (size_t i = 0; i < node->count && i < 64 && !run->check->types_only; i++) {
        const struct schema_field *field = &schema_table.fields[node->first + i];
        if (!field->required || (seen >> i & 1) != 0 || run->depth == JSON_DEPTH_MAX)
            continue;
        AUTO(buf) struct buf words = BUF_OWN;
        const struct schema_node *value = &schema_table.nodes[field->node];
        if (value->count != 0 && value->type != SCHEMA_OBJECT) {
            buf_append_text(&words, ": ");
            print_words(value, &words);
        }
        run->steps[run->depth++] = (struct step){{field->name, field->length}, 0};
        tell(run, OBJECT_FAULT, where, "a value is required%s", buf_text(&words));
        run->depth--;
    }
}

static void check_object(struct run *run, const struct schema_node *node)
{
    const char *where = run->cursor.at;
    uint64_t seen = 0;
    struct json_span name;
    if (!json_cursor_enter(&run->cursor) || run->depth == JSON_DEPTH_MAX) {
        run->cursor.broken = true;
        return;
    }
    run->depth++;
    for (bool first = true; json_cursor_member(&run->cursor, first, &name); first = false) {
        run->steps[run->depth - 1] = (struct step){name, 0};
        const struct schema_field *field = field_of(node, name);
        size_t index = field != NULL ? (size_t)(field - schema_table.fields) - node->first : 64;
        enum json_type type = json_cursor_type(&run->cursor);
        if (index < 64 && type != JSON_NULL)
            seen |= (uint64_t)1 << index;
        const char *value = run->cursor.at;
        check_member(run, node, field, name, type);
        if (run->depth == 1 && run->metadata.text == NULL && json_span_is(name, "metadata"))
            run->metadata = (struct json_span){value, (size_t)(run->cursor.at - value)};
    }
    run->depth--;
    tell_missing(run, node, where, seen);
}

static void check_map(struct run *run, const struct schema_node *node)
{
    const char *where = run->cursor.at;
    size_t count = 0;
    struct json_span name;
    if (!json_cursor_enter(&run->cursor) || run->depth == JSON_DEPTH_MAX) {
        run->cursor.broken = true;
        return;
    }
    run->depth++;
    for (; json_cursor_member(&run->cursor, count == 0, &name); count++) {
        run->steps[run->depth - 1] = (struct step){name, 0};
        if (!run->check->types_only && !schema_names_fit(node->format, name.text, name.length))
            tell(run, OBJECT_FAULT, name.text - 1, "expected %s", schema_names_expected(node->format));
        check_present(run, &schema_table.nodes[node->item], json_cursor_type(&run->cursor));
    }
    run->depth--;
    check_size(run, node, where, count, "members");
}

static bool is_type(const struct schema_node *node, enum json_type type)
{
    switch (node->type) {
    case SCHEMA_OBJECT:
    case SCHEMA_MAP:
        return type == JSON_OBJECT;
    case SCHEMA_ARRAY:
        return type == JSON_ARRAY;
    case SCHEMA_STRING:
        return type == JSON_STRING;
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER:
        return type == JSON_NUMBER;
    case SCHEMA_BOOLEAN:
        return type == JSON_BOOL;
    case SCHEMA_INT_OR_STRING:
        return type == JSON_NUMBER || type == JSON_STRING;
    default:
        return true;
    }
}

static void refuse_type(struct run *run, const struct schema_node *node, enum json_type type)
{
    const char *hint = "";
    if (node->type == SCHEMA_STRING && (type == JSON_NUMBER || type == JSON_BOOL))
        hint = " (quote the value)";
    else if (type == JSON_STRING &&
             (node->type == SCHEMA_INTEGER || node->type == SCHEMA_NUMBER || node->type == SCHEMA_BOOLEAN))
        hint = " (write it without quotes)";
    tell(run, OBJECT_FAULT, run->cursor.at, "expected %s, got %s%s", expected_name(node), type_name(type), hint);
    skip(run);
}

/* `type` is that of the value ahead. */
static void check_value(struct run *run, const struct schema_node *node, enum json_type type)
{
    if (type == JSON_NULL && (node->flags & SCHEMA_NULLABLE) != 0) {
        skip(run);
        return;
    }
    if (!is_type(node, type)) {
        refuse_type(run, node, type);
        return;
    }
    switch (node->type) {
    case SCHEMA_OBJECT:
        check_object(run, node);
        break;
    case SCHEMA_MAP:
        check_map(run, node);
        break;
    case SCHEMA_ARRAY:
        check_array(run, node);
        break;
    case SCHEMA_STRING:
        check_text(run, node);
        break;
    case SCHEMA_INTEGER:
    case SCHEMA_NUMBER:
        check_number(run, node);
        break;
    default:
        skip(run);
    }
}

/* The version decides which schema counts, for kinds that have several. */
static const struct schema_node *schema_of(const struct store_kind *kind, const char *text, size_t length)
{
    char id[ID_MAX];
    if (kind->also[0] == '\0')
        return schema_table_find(kind->id);
    struct json_cursor cursor = JSON_CURSOR(text, length);
    struct json_span name, value;
    bool more = json_cursor_enter(&cursor);
    for (bool first = true; more && json_cursor_member(&cursor, first, &name); first = false) {
        more = json_cursor_skip(&cursor, &value);
        if (more && json_span_is(name, "apiVersion") && value.length > 2) {
            snprintf(id, sizeof(id), "%.*s/%s", (int)value.length - 2, value.text + 1, kind->kind);
            return schema_table_find(id);
        }
    }
    return schema_table_find(kind->id);
}

bool object_check_run(struct object_check *check, const struct store_kind *kind, struct json_span text,
                      object_fault_fn *fault, void *user, struct json_span *ret_metadata)
{
    const struct schema_node *node = schema_of(kind, text.text, text.length);
    if (ret_metadata != NULL)
        *ret_metadata = (struct json_span){NULL, 0};
    if (node == NULL)
        return true;
    struct run run; /* its steps are not worth clearing */
    run.check = check;
    run.start = text.text;
    run.cursor = (struct json_cursor)JSON_CURSOR(text.text, text.length);
    run.metadata = (struct json_span){NULL, 0};
    run.depth = run.faults = 0;
    run.secret = strcmp(kind->kind, "Secret") == 0;
    run.good = true;
    run.fault = fault;
    run.user = user;
    check_value(&run, node, json_cursor_type(&run.cursor));
    if (run.cursor.broken || !json_cursor_at_end(&run.cursor))
        tell(&run, OBJECT_FAULT, text.text, "cannot be read as JSON, or is nested deeper than %d levels",
             JSON_DEPTH_MAX);
    if (ret_metadata != NULL && run.good)
        *ret_metadata = run.metadata;
    return run.good;
}

bool object_check_namespace(const char *name)
{
    return schema_names_fit(SCHEMA_DNS_LABEL, name, strlen(name));
}
