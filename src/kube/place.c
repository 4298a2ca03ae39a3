/* Reading one field of a kubeconfig, or saying what is wrong with it. */
#include "place.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "kube/config.h"

int kube_place_fail(const struct place *place, const char *name, const char *reason, struct err *err)
{
    return err_set(err, ERR_INVALID, "%s: %s: %s: %s", place->file, place->what, name, reason);
}

static const struct json *field(const struct place *place, const char *name)
{
    const struct json *value = json_find(place->fields, name);
    return json_type(value) == JSON_NULL ? NULL : value;
}

int kube_place_text(const struct place *place, const char *name, char **ret_text, struct err *err)
{
    const struct json *value = field(place, name);
    if (value != NULL && json_text(value) == NULL)
        return kube_place_fail(place, name, "expected a text (quote the value)", err);
    const char *text = json_text(value);
    *ret_text = text != NULL && text[0] != '\0' ? xstrdup(text) : NULL;
    return 0;
}

int kube_place_flag(const struct place *place, const char *name, bool *ret_flag, struct err *err)
{
    const struct json *value = field(place, name);
    if (value != NULL && !json_is(value, JSON_BOOL))
        return kube_place_fail(place, name, "expected true or false", err);
    *ret_flag = json_truth(value, false);
    return 0;
}

int kube_place_data(const struct place *place, const char *name, char **ret_text, struct err *err)
{
    AUTO(text) char *encoded = NULL;
    int rc = kube_place_text(place, name, &encoded, err);
    if (rc != 0 || encoded == NULL) {
        *ret_text = NULL;
        return rc;
    }
    struct buf decoded = BUF_INIT(KUBE_CREDENTIAL_MAX);
    bool good = hash_base64_decode(encoded, strlen(encoded), &decoded) && decoded.length > 0;
    if (good && memchr(decoded.data, '\0', decoded.length) == NULL) {
        *ret_text = buf_take(&decoded);
        return 0;
    }
    buf_done(&decoded);
    return kube_place_fail(place, name, "expected base64 of a text of at most 1 MiB", err);
}

char *kube_place_resolve(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '/')
        return xstrdup(path);
    if (slash == NULL)
        return xasprintf("./%s", path); /* "-" is a file, too */
    return xasprintf("%.*s/%s", (int)(slash - file), file, path);
}

int kube_place_path(const struct place *place, const char *name, char **ret_path, struct err *err)
{
    AUTO(text) char *path = NULL;
    int rc = kube_place_text(place, name, &path, err);
    if (rc == 0)
        *ret_path = path != NULL ? kube_place_resolve(place->file, path) : NULL;
    return rc;
}

int kube_place_texts(const struct place *place, const char *name, size_t limit, char ***ret_texts, struct err *err)
{
    const struct json *list = field(place, name);
    *ret_texts = NULL;
    if (list == NULL)
        return 0;
    if (!json_is(list, JSON_ARRAY))
        return kube_place_fail(place, name, "expected a list of texts", err);
    if (json_count(list) > limit)
        return kube_place_fail(place, name, "too many entries", err);
    char **texts = xcalloc(json_count(list) + 1, sizeof(*texts));
    size_t count = 0;
    json_each (item, list) {
        if (json_text(item) == NULL) {
            kube_texts_free(texts);
            return kube_place_fail(place, name, "expected a list of texts (quote the values)", err);
        }
        texts[count++] = xstrdup(json_text(item));
    }
    *ret_texts = texts;
    return 0;
}

int kube_place_read_file(const char *path, char **ret_text, struct err *err)
{
    struct buf text = BUF_INIT(KUBE_CREDENTIAL_MAX);
    int rc = file_read(path, &text, err);
    if (rc == 0 && memchr(buf_text(&text), '\0', text.length) != NULL)
        rc = err_set(err, ERR_PARSE, "'%s' is no text file", path);
    if (rc != 0) {
        buf_done(&text);
        return rc;
    }
    *ret_text = buf_take(&text);
    return 0;
}

void kube_texts_free(char **texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}
