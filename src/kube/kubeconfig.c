/* Which file's context, cluster and user count. */
#include "kubeconfig.h"

#include <string.h>

#include "base/file.h"
#include "base/yaml.h"
#include "kubeconfig_entry.h"

struct kubeconfig_file {
    char *path;
    struct json *tree;
};

struct kubeconfig {
    struct kubeconfig_file files[KUBE_CONFIG_FILES_MAX];
    size_t count;
};

struct kubeconfig *kubeconfig_new(void)
{
    return xcalloc(1, sizeof(struct kubeconfig));
}

void kubeconfig_free(struct kubeconfig *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->files[i].path);
        json_free(files->files[i].tree);
    }
    free(files);
}

size_t kubeconfig_count(const struct kubeconfig *files)
{
    return files->count;
}

int kubeconfig_add_text(struct kubeconfig *files, const char *path, const char *text, size_t length, struct err *err)
{
    AUTO(json) struct json *tree = NULL;
    if (files->count == KUBE_CONFIG_FILES_MAX)
        return err_set(err, ERR_TOO_BIG, "%s: more than %d kubeconfig files", path, KUBE_CONFIG_FILES_MAX);
    int rc = yaml_parse(text, length, &tree, err);
    if (rc != 0)
        return err_wrap(err, "%s", path);
    if (tree != NULL && !json_is(tree, JSON_OBJECT) && json_type(tree) != JSON_NULL)
        return err_set(err, ERR_INVALID, "%s: a kubeconfig is a mapping", path);
    const char *kind = json_find_text(tree, "kind");
    if (kind != NULL && strcmp(kind, "Config") != 0)
        return err_set(err, ERR_INVALID, "%s: kind: expected Config", path);
    files->files[files->count++] = (struct kubeconfig_file){xstrdup(path), TAKE(tree)};
    return 0;
}

int kubeconfig_add_file(struct kubeconfig *files, const char *path, struct err *err)
{
    struct buf text = BUF_INIT(KUBE_CONFIG_BYTES_MAX);
    int rc = file_read(path, &text, err);
    if (rc == 0)
        rc = kubeconfig_add_text(files, path, buf_text(&text), text.length, err);
    buf_done(&text);
    return rc;
}

/* The entry `name` of the list `section` ("contexts"), whose content is under `inner` ("context"). */
static int find_entry(const struct kubeconfig *files, const char *section, const char *inner, const char *name,
                      struct place *ret_place, struct err *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct kubeconfig_file *file = &files->files[i];
        const struct json *list = json_find(file->tree, section);
        if (list != NULL && !json_is(list, JSON_ARRAY) && json_type(list) != JSON_NULL)
            return err_set(err, ERR_INVALID, "%s: %s: expected a list", file->path, section);
        json_each (item, list) {
            const char *present = json_find_text(item, "name");
            if (present == NULL)
                return err_set(err, ERR_INVALID, "%s: %s: an entry without a name", file->path, section);
            if (strcmp(present, name) != 0)
                continue;
            const struct json *fields = json_find(item, inner);
            if (!json_is(fields, JSON_OBJECT) && json_type(fields) != JSON_NULL)
                return err_set(err, ERR_INVALID, "%s: %s '%s': %s: expected a mapping", file->path, section, name,
                               inner);
            *ret_place = (struct place){file->path, NULL, fields};
            return 0;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "%s%s: %s: there is no '%s'", files->files[0].path,
                   files->count > 1 ? " and the files after it" : "", section, name);
}

static int current_context(const struct kubeconfig *files, const char **ret_name, struct err *err)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct json *value = json_find(files->files[i].tree, "current-context");
        if (json_type(value) == JSON_NULL)
            continue;
        if (json_text(value) == NULL)
            return err_set(err, ERR_INVALID, "%s: current-context: expected a text (quote the value)",
                           files->files[i].path);
        if (json_text(value)[0] != '\0') {
            *ret_name = json_text(value);
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "%s: current-context: not set, and no context was asked for",
                   files->files[0].path);
}

static int find_of_context(const struct kubeconfig *files, const struct place *context, const char *field,
                           const char *section, struct place *ret_place, char **ret_what, struct err *err)
{
    AUTO(text) char *name = NULL;
    int rc = kube_place_text(context, field, &name, err);
    if (rc != 0)
        return rc;
    if (name == NULL)
        return kube_place_fail(context, field, "not set", err);
    rc = find_entry(files, section, field, name, ret_place, err);
    if (rc != 0)
        return err_wrap(err, "%s: %s: %s", context->file, context->what, field);
    *ret_what = xasprintf("%s '%s'", section, name);
    ret_place->what = *ret_what;
    return 0;
}

static int resolve(const struct kubeconfig *files, const struct place *context, struct kube_config *config,
                   struct err *err)
{
    AUTO(text) char *cluster_what = NULL;
    AUTO(text) char *user_what = NULL;
    AUTO(text) char *user_name = NULL;
    struct place cluster = {0};
    struct place user = {0};
    int rc = find_of_context(files, context, "cluster", "clusters", &cluster, &cluster_what, err);
    if (rc == 0)
        rc = kubeconfig_take_cluster(&cluster, config, err);
    if (rc == 0)
        rc = kube_place_text(context, "namespace", &config->namespace, err);
    if (rc == 0)
        rc = kube_place_text(context, "user", &user_name, err);
    if (rc != 0 || user_name == NULL) /* a context without a user: anonymous */
        return rc;
    rc = find_of_context(files, context, "user", "users", &user, &user_what, err);
    return rc != 0 ? rc : kubeconfig_take_user(&user, &cluster, config, err);
}

int kubeconfig_resolve(const struct kubeconfig *files, const char *context, struct kube_config *config, struct err *err)
{
    require_that(files->count > 0);
    const char *name = context;
    int rc = name != NULL ? 0 : current_context(files, &name, err);
    struct place place = {0};
    if (rc == 0)
        rc = find_entry(files, "contexts", "context", name, &place, err);
    if (rc != 0)
        return rc;
    AUTO(text) char *what = xasprintf("contexts '%s'", name);
    place.what = what;
    rc = resolve(files, &place, config, err);
    if (rc == 0)
        config->from = xasprintf("context '%s' of %s", name, place.file);
    return rc;
}
