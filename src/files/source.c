/* Files to objects: every document on its own, so that a bad one costs only itself. */
#include "files/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/document.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/shared_text.h"
#include "base/yaml.h"
#include "manifest.h"
#include "parts.h"

#define FILE_BYTES_MAX (512u << 20)
#define WORD_MAX       300 /* of an apiVersion or a kind that is read without a tree */

/* Something about a document, before its line is known. */
struct note {
    enum files_finding_type type;
    size_t offset; /* in the document */
    size_t number; /* among the notes */
    const struct store_kind *row;
    char *kind, *namespace, *name, *text;
};

struct reading {
    const struct files_reader *reader;
    const char *file; /* shared by its objects */
    const struct document *document;
    struct {
        VEC(struct note);
    } notes; /* of the document */
};

/* One object on its way. */
struct candidate {
    struct reading *reading;
    const struct part *part;
    const char *text;
    size_t length, added;        /* in front of what stands in the document */
    const struct object *object; /* NULL as long as it cannot be read */
};

static char *text_or(const struct json *object, const char *name, const char *otherwise)
{
    const char *text = json_find_text(object, name);
    return xstrdup(text != NULL && text[0] != '\0' ? text : otherwise);
}

static size_t place_of(const struct candidate *candidate, size_t offset)
{
    size_t start = (size_t)(candidate->part->text.text - candidate->reading->document->text);
    return offset > candidate->added ? start + offset - candidate->added : start;
}

/* An object that could be read says what it is; of another only the tree tells, as far as it does. */
static void add_note(const struct candidate *candidate, enum files_finding_type type, size_t offset, const char *text)
{
    struct note note = {.type = type, .offset = place_of(candidate, offset), .text = xstrdup(text)};
    note.number = candidate->reading->notes.count;
    const struct files_reader *reader = candidate->reading->reader;
    const struct object *object = candidate->object;
    struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    if (object != NULL) {
        note.row = object->kind;
        note.kind = xstrdup(object->kind->id);
        note.namespace = xstrdup(object->namespace);
        note.name = xstrdup(object->name);
    } else if (json_parse(candidate->text, candidate->length, &tree, &ignored) == 0 &&
               json_find_text(tree, "kind") != NULL) {
        const struct json *metadata = json_find(tree, "metadata");
        const char *kind = json_find_text(tree, "kind"), *api_version = json_find_text(tree, "apiVersion");
        note.row = store_kinds_find_object(reader->kinds, api_version != NULL ? api_version : "", kind);
        bool defaults = note.row != NULL && note.row->namespaced && reader->default_namespace != NULL;
        if (note.row != NULL)
            note.kind = xstrdup(note.row->id);
        else
            note.kind = api_version != NULL ? xasprintf("%s/%s", api_version, kind) : xstrdup(kind);
        note.namespace = text_or(metadata, "namespace", defaults ? reader->default_namespace : "");
        note.name = text_or(metadata, "name", "?");
    } else {
        note.kind = xstrdup("File");
        note.namespace = xstrdup("");
        note.name = xstrdup(candidate->reading->file);
    }
    json_free(tree);
    vec_push(&candidate->reading->notes, note);
}

static int by_offset(const void *left, const void *right)
{
    const struct note *a = left, *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* What was noted of a document is told in its order, with the lines that one more reading finds. */
static void tell_notes(struct reading *reading)
{
    size_t count = reading->notes.count;
    if (count == 0)
        return;
    struct note *notes = reading->notes.items;
    size_t *offsets = xcalloc(count, sizeof(*offsets));
    int *lines = xcalloc(count, sizeof(*lines));
    qsort(notes, count, sizeof(*notes), by_offset);
    for (size_t i = 0; i < count; i++)
        offsets[i] = notes[i].offset;
    document_find_lines(reading->document, offsets, lines, count);
    for (size_t i = 0; i < count; i++) {
        struct files_finding finding = {notes[i].type, reading->file,      lines[i],      notes[i].row,
                                        notes[i].kind, notes[i].namespace, notes[i].name, notes[i].text};
        reading->reader->finding(reading->reader->user, &finding);
        free(notes[i].kind);
        free(notes[i].namespace);
        free(notes[i].name);
        free(notes[i].text);
    }
    free(offsets);
    free(lines);
    vec_done(&reading->notes);
}

static void take_fault(void *user, const struct object_fault *fault)
{
    add_note(user, fault->type == OBJECT_FAULT ? FILES_INVALID : FILES_FIELD, fault->offset, fault->text);
}

/* False when an API server would refuse the object; then that is noted. */
static bool is_sound(const struct candidate *candidate, const struct store_kind *kind, struct json_span *ret_metadata)
{
    struct object_check *check = candidate->reading->reader->check;
    struct json_span text = {candidate->text, candidate->length};
    return check == NULL || object_check_run(check, kind, text, take_fault, (void *)(uintptr_t)candidate, ret_metadata);
}

static void note_foreign(const struct candidate *candidate, const char *api_version, const char *kind, const char *why)
{
    const char *instead = "";
    enum store_kind_likeness likeness =
        store_kinds_find_like(candidate->reading->reader->kinds, api_version, kind, &instead);
    AUTO(text) char *text = NULL;
    if (likeness == STORE_KIND_OLD)
        text = xasprintf("%s/%s is not read, %s is", api_version, kind, instead);
    else if (likeness == STORE_KIND_MISSPELT)
        text = xasprintf("%s/%s is not read: is %s meant?", api_version, kind, instead);
    else if (likeness == STORE_KIND_REPLACED)
        text = xasprintf("%s; %s takes its place", why, instead);
    bool holds = likeness == STORE_KIND_OLD || likeness == STORE_KIND_MISSPELT;
    add_note(candidate, holds ? FILES_OLD_KIND : FILES_FOREIGN, 0, text != NULL ? text : why);
}

/* One of both says that it is ours; the core group's version is that of charts, too. */
static bool names_a_kind(const struct store_kinds *kinds, const char *api_version, const char *kind)
{
    const struct store_kind *row;
    for (int i = 0; (row = store_kinds_at(kinds, i)) != NULL; i++) {
        size_t length = strlen(row->group);
        if (kind != NULL && strcmp(row->kind, kind) == 0)
            return true;
        if (api_version != NULL && length != 0 && strncmp(api_version, row->group, length) == 0 &&
            api_version[length] == '/')
            return true;
    }
    return false;
}

/* Folders hold values and charts as well, which say neither what they are nor what they are called. */
static bool looks_like_object(const struct files_reader *reader, const struct json *tree)
{
    return !json_is(tree, JSON_OBJECT) || json_is(json_find(tree, "metadata"), JSON_OBJECT) ||
           json_is(json_find(tree, "spec"), JSON_OBJECT) ||
           names_a_kind(reader->kinds, json_find_text(tree, "apiVersion"), json_find_text(tree, "kind"));
}

/* What could not be read as an object: every fault that its kind's schema finds, or else the reason.  `sound`: there are no faults. */
static void refuse(const struct candidate *candidate, const struct err *why, bool sound)
{
    const struct files_reader *reader = candidate->reading->reader;
    AUTO(json) struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    if (json_parse(candidate->text, candidate->length, &tree, &ignored) != 0) {
        add_note(candidate, FILES_INVALID, 0, why->text);
        return;
    }
    const char *api_version = json_find_text(tree, "apiVersion"), *kind = json_find_text(tree, "kind");
    if (err_is(why->code, ERR_UNSUPPORTED)) {
        note_foreign(candidate, api_version, kind, why->text);
        return;
    }
    const struct store_kind *row =
        api_version != NULL && kind != NULL ? store_kinds_find_object(reader->kinds, api_version, kind) : NULL;
    if (row != NULL && !sound && !is_sound(candidate, row, NULL))
        return;
    if (api_version != NULL && kind != NULL)
        add_note(candidate, FILES_INVALID, 0, why->text);
    else
        add_note(candidate, looks_like_object(reader, tree) ? FILES_INVALID : FILES_NO_OBJECT, 0, why->text);
}

/* stringData goes over data. */
static bool fold_string_data(struct json *tree)
{
    AUTO(json) struct json *strings = json_take(tree, "stringData");
    if (!json_is(strings, JSON_OBJECT))
        return false;
    if (!json_is(json_find(tree, "data"), JSON_OBJECT))
        json_set(tree, "data", json_new_object());
    json_each (string, strings) {
        AUTO(buf) struct buf encoded = BUF_OWN;
        if (json_text(string) == NULL)
            continue;
        hash_base64_encode(json_text(string), strlen(json_text(string)), &encoded);
        json_set_text(json_find(tree, "data"), json_name(string), buf_text(&encoded));
    }
    return true;
}

/* In a map of texts a null is an empty one; says how many there were. */
static size_t fill_nulls(struct json *map)
{
    struct {
        VEC(char *);
    } names = {0};
    if (!json_is(map, JSON_OBJECT))
        return 0;
    json_each (member, map) {
        if (json_is(member, JSON_NULL))
            vec_push(&names, xstrdup(json_name(member)));
    }
    for (size_t i = 0; i < names.count; i++) {
        json_set_text(map, names.items[i], "");
        free(names.items[i]);
    }
    size_t count = names.count;
    vec_done(&names);
    return count;
}

/* What an API server makes of an object when it reads it, where that is not what stands there.  NULL: nothing; else the caller frees. */
static char *as_decoded(const char *text, size_t length)
{
    struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    if ((memmem(text, length, "null", 4) == NULL && memmem(text, length, "stringData", 10) == NULL) ||
        json_parse(text, length, &tree, &ignored) != 0)
        return NULL;
    const char *kind = json_find_text(tree, "kind"), *api_version = json_find_text(tree, "apiVersion");
    struct json *metadata = json_find(tree, "metadata");
    bool core = kind != NULL && api_version != NULL && strcmp(api_version, "v1") == 0;
    size_t changes = fill_nulls(json_find(metadata, "labels")) + fill_nulls(json_find(metadata, "annotations"));
    if (core && (strcmp(kind, "Secret") == 0 || strcmp(kind, "ConfigMap") == 0))
        changes += fill_nulls(json_find(tree, "data")) + fill_nulls(json_find(tree, "stringData"));
    if (core && strcmp(kind, "Secret") == 0)
        changes += fold_string_data(tree);
    char *decoded = changes != 0 ? json_print_text(tree) : NULL;
    json_free(tree);
    return decoded;
}

static bool holds_texts(const struct store_kind *kind)
{
    return kind->group[0] == '\0' && (strcmp(kind->kind, "Secret") == 0 || strcmp(kind->kind, "ConfigMap") == 0);
}

/* What is decoded in another way than it is written either cannot be read as it stands, or is of two kinds. */
static int parse(const struct candidate *candidate, struct object **ret_object, struct err *err)
{
    const struct files_reader *reader = candidate->reading->reader;
    int rc =
        object_parse(reader->kinds, candidate->text, candidate->length, reader->default_namespace, ret_object, err);
    if (rc == 0 && !holds_texts((*ret_object)->kind))
        return 0;
    AUTO(text) char *decoded = as_decoded(candidate->text, candidate->length);
    if (decoded == NULL)
        return rc;
    if (rc == 0)
        object_unref(*ret_object);
    return object_parse(reader->kinds, decoded, strlen(decoded), reader->default_namespace, ret_object, err);
}

/* The row that the object's own words name; NULL when they name none, or are not to be seen that easily. */
static const struct store_kind *kind_of(const struct candidate *candidate)
{
    struct json_cursor cursor = JSON_CURSOR(candidate->text, candidate->length);
    struct json_span name, value, api_version = {0}, kind = {0};
    bool more = json_cursor_enter(&cursor);
    for (bool first = true; more && json_cursor_member(&cursor, first, &name); first = false) {
        more = json_cursor_skip(&cursor, &value);
        struct json_span *target = json_span_is(name, "apiVersion") ? &api_version
                                   : json_span_is(name, "kind")     ? &kind
                                                                    : NULL;
        if (target != NULL && (target->text != NULL || !json_scan_text(value, target)))
            return NULL;
        more = more && (api_version.text == NULL || kind.text == NULL);
    }
    char words[2][WORD_MAX];
    if (api_version.text == NULL || kind.text == NULL || api_version.length >= WORD_MAX || kind.length >= WORD_MAX)
        return NULL;
    memcpy(words[0], api_version.text, api_version.length);
    memcpy(words[1], kind.text, kind.length);
    words[0][api_version.length] = words[1][kind.length] = '\0';
    return store_kinds_find_object(candidate->reading->reader->kinds, words[0], words[1]);
}

static void deliver(const struct candidate *candidate, struct object *object)
{
    object_set_place(object, candidate->reading->file, candidate->part->line);
    candidate->reading->reader->object(candidate->reading->reader->user, object);
}

/* Most objects are read by the check, and then only their metadata once more.  True: nothing is left to be done; else *ret_sound says
 * whether they have been checked and found sound. */
static bool take_checked(const struct candidate *candidate, bool *ret_sound)
{
    const struct files_reader *reader = candidate->reading->reader;
    const struct store_kind *kind = reader->check != NULL ? kind_of(candidate) : NULL;
    struct json_span text = {candidate->text, candidate->length}, metadata = {0};
    if (kind == NULL || holds_texts(kind))
        return false;
    if (!is_sound(candidate, kind, &metadata))
        return true;
    *ret_sound = true;
    struct object *object =
        metadata.text != NULL ? object_of_checked(kind, text, metadata, reader->default_namespace) : NULL;
    if (object != NULL)
        deliver(candidate, object);
    return object != NULL;
}

static void take_candidate(struct candidate *candidate)
{
    struct object *object = NULL;
    bool sound = false;
    if (candidate->length != 0 && candidate->text[0] == '{' && take_checked(candidate, &sound))
        return;
    struct err err = ERR_INIT;
    if (candidate->length == 0 || candidate->text[0] != '{') {
        err_set(&err, ERR_INVALID, "no Kubernetes object: a mapping is expected");
        refuse(candidate, &err, false);
        return;
    }
    if (parse(candidate, &object, &err) != 0) {
        refuse(candidate, &err, sound);
        return;
    }
    candidate->object = object;
    if (sound || is_sound(candidate, object->kind, NULL))
        deliver(candidate, object);
    else
        object_unref(object);
}

static void take_part(struct reading *reading, const struct part *part)
{
    struct candidate candidate = {reading, part, part->text.text, part->text.length, 0, NULL};
    if (part->fault != NULL) {
        add_note(&candidate, FILES_INVALID, 0, part->fault);
        return;
    }
    if (part->kind.length == 0 && part->api_version.length == 0) {
        take_candidate(&candidate);
        return;
    }
    AUTO(text) char *text = parts_text(part, &candidate.added);
    candidate.text = text;
    candidate.length = strlen(text);
    take_candidate(&candidate);
}

static void take_document(void *user, const struct document *document)
{
    struct reading *reading = user;
    struct parts parts = {0};
    reading->document = document;
    parts_find(document, &parts);
    for (size_t i = 0; i < parts.count; i++)
        take_part(reading, &parts.items[i]);
    tell_notes(reading);
    vec_done(&parts);
}

static void tell_unreadable(const struct reading *reading, int line, const char *text)
{
    struct files_finding finding = {.type = FILES_UNREADABLE,
                                    .file = reading->file,
                                    .line = line,
                                    .kind = "File",
                                    .namespace = "",
                                    .name = reading->file,
                                    .text = text};
    reading->reader->finding(reading->reader->user, &finding);
}

static void take_broken(void *user, int line, bool rest_unread, const struct err *err)
{
    AUTO(text) char *text = xasprintf("%s%s", err->text, rest_unread ? "; the rest of the file is not read" : "");
    tell_unreadable(user, line, text);
}

static void read_file(const struct files_reader *reader, const char *path)
{
    struct reading reading = {.reader = reader,
                              .file = shared_text_new(strcmp(path, "-") == 0 ? "standard input" : path)};
    AUTO(buf) struct buf text = BUF_INIT(FILE_BYTES_MAX);
    struct err err = ERR_INIT;
    struct document_events events = {YAML_DOCUMENT_BYTES_MAX, take_document, take_broken, &reading};
    if (file_read(path, &text, &err) == 0)
        document_each(buf_text(&text), text.length, &events);
    else
        tell_unreadable(&reading, 0, err.text);
    shared_text_unref(reading.file);
}

/* One broken file does not hide the others. */
static int visit(void *user, const char *path, struct err *err)
{
    if (manifest_has_ending(path))
        read_file(user, path);
    return 0;
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

int files_read(const struct files_reader *reader, const char *path, struct err *err)
{
    if (strcmp(path, "-") != 0 && !file_exists(path))
        return err_set(err, ERR_NOT_FOUND, "there is no file or folder %s", path);
    if (is_folder(path))
        return file_walk(path, visit, (void *)(uintptr_t)reader, err);
    read_file(reader, path);
    return 0;
}
