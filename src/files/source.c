/* Files to objects: every document on its own, so that a bad one costs only itself. */
#include "files/source.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/shared_text.h"
#include "base/yaml.h"
#include "manifest.h"

#define FILE_BYTES_MAX (512u << 20)

struct reading {
    const struct files_reader *reader;
    const char *file; /* shared by its objects */
    int rc;           /* of the first file that failed */
    struct err first;
};

static char *title_of(const struct json *tree)
{
    const char *kind = json_find_text(tree, "kind");
    const struct json *metadata = json_find(tree, "metadata");
    const char *namespace = json_find_text(metadata, "namespace");
    const char *name = json_find_text(metadata, "name");
    if (kind == NULL)
        return xstrdup("");
    return xasprintf("%s %s%s%s", kind, namespace != NULL ? namespace : "", namespace != NULL ? "/" : "",
                     name != NULL ? name : "?");
}

static void refuse(const struct reading *reading, const char *text, size_t length, int line, const struct err *why)
{
    struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    int rc = json_parse(text, length, &tree, &ignored);
    AUTO(text) char *title = rc == 0 ? title_of(tree) : xstrdup("");
    reading->reader->bad(reading->reader->user, reading->file, line, title, why);
    json_free(tree);
}

/* What an API server does with a Secret's stringData: it goes over data.  NULL: there is none; else the caller frees. */
static char *fold_string_data(const char *text, size_t length)
{
    struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    if (memmem(text, length, "\"stringData\":", 13) == NULL || json_parse(text, length, &tree, &ignored) != 0)
        return NULL;
    AUTO(json) struct json *strings = json_take(tree, "stringData");
    const char *kind = json_find_text(tree, "kind"), *api_version = json_find_text(tree, "apiVersion");
    char *folded = NULL;
    if (json_is(strings, JSON_OBJECT) && kind != NULL && strcmp(kind, "Secret") == 0 && api_version != NULL &&
        strcmp(api_version, "v1") == 0) {
        if (!json_is(json_find(tree, "data"), JSON_OBJECT))
            json_set(tree, "data", json_new_object());
        json_each (string, strings) {
            AUTO(buf) struct buf encoded = BUF_OWN;
            if (json_text(string) == NULL)
                continue;
            hash_base64_encode(json_text(string), strlen(json_text(string)), &encoded);
            json_set_text(json_find(tree, "data"), json_name(string), buf_text(&encoded));
        }
        folded = json_print_text(tree);
    }
    json_free(tree);
    return folded;
}

static void take_object(const struct reading *reading, const char *text, size_t length, int line)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    AUTO(text) char *folded = fold_string_data(text, length);
    if (folded != NULL) {
        text = folded;
        length = strlen(folded);
    }
    if (object_parse(reading->reader->kinds, text, length, reading->reader->default_namespace, &object, &err) != 0) {
        refuse(reading, text, length, line, &err);
        return;
    }
    object_set_place(object, reading->file, line);
    reading->reader->object(reading->reader->user, object);
}

/* kubectl's "kind: List", and the typed lists of the API. */
static bool is_list(const char *text, size_t length)
{
    return memmem(text, length, "List\"", 5) != NULL && memmem(text, length, "\"items\":", 8) != NULL;
}

static bool unpack_list(const struct reading *reading, const char *text, size_t length, int line)
{
    struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (!is_list(text, length) || json_parse(text, length, &tree, &err) != 0)
        return false;
    const char *kind = json_find_text(tree, "kind");
    size_t size = kind != NULL ? strlen(kind) : 0;
    bool list = size >= 4 && strcmp(kind + size - 4, "List") == 0 && json_is(json_find(tree, "items"), JSON_ARRAY);
    if (list) {
        json_each (item, json_find(tree, "items")) {
            AUTO(text) char *item_text = json_print_text(item);
            take_object(reading, item_text, strlen(item_text), line);
        }
    }
    json_free(tree);
    return list;
}

static int take_document(void *user, const char *text, size_t length, int line, struct err *err)
{
    const struct reading *reading = user;
    if (text[0] != '{') {
        struct err why = ERR_INIT;
        err_set(&why, ERR_INVALID, "no Kubernetes object: a mapping is expected");
        refuse(reading, text, length, line, &why);
        return 0;
    }
    if (!unpack_list(reading, text, length, line))
        take_object(reading, text, length, line);
    return 0;
}

/* JSON is YAML, but for the escapes of characters beyond the basic plane: what looks like JSON is read as JSON first. */
static bool read_json(struct reading *reading, const struct buf *text)
{
    size_t start = strspn(buf_text(text), " \t\r\n");
    struct json *tree = NULL;
    struct err ignored = ERR_INIT;
    if (buf_text(text)[start] != '{' || json_parse(buf_text(text), text->length, &tree, &ignored) != 0)
        return false;
    json_free(tree);
    take_document(reading, text->data + start, text->length - start, 1, &ignored);
    return true;
}

static int read_text(struct reading *reading, const char *path, struct err *err)
{
    AUTO(buf) struct buf text = BUF_INIT(FILE_BYTES_MAX);
    int rc = file_read(path, &text, err);
    if (rc != 0 || read_json(reading, &text))
        return rc;
    rc = yaml_each_document(buf_text(&text), text.length, YAML_DOCUMENT_BYTES_MAX, take_document, reading, err);
    return rc != 0 ? err_wrap(err, "%s", strcmp(path, "-") == 0 ? "standard input" : path) : 0;
}

static int read_file(struct reading *reading, const char *path, struct err *err)
{
    reading->file = shared_text_new(path);
    int rc = read_text(reading, path, err);
    shared_text_unref(reading->file);
    reading->file = NULL;
    return rc;
}

/* One broken file does not hide the others. */
static int visit(void *user, const char *path, struct err *err)
{
    struct reading *reading = user;
    if (!manifest_has_ending(path))
        return 0;
    int rc = read_file(reading, path, err);
    if (rc != 0 && reading->rc == 0) {
        reading->rc = rc;
        reading->first = *err;
    }
    return 0;
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

int files_read(const struct files_reader *reader, const char *path, struct err *err)
{
    struct reading reading = {.reader = reader};
    if (strcmp(path, "-") == 0 || !is_folder(path))
        return read_file(&reading, path, err);
    int rc = file_walk(path, visit, &reading, err);
    if (rc == 0 && reading.rc != 0) {
        *err = reading.first;
        rc = reading.rc;
    }
    return rc;
}
