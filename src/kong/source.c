/* Decides how an object is named: in four texts, in tags, as a key and for people. */
#include "kong/source.h"

#include <string.h>

#include "base/alloc.h"

#define UNKNOWN "UNKNOWN" /* stands in tags for an object that there was not */

void kong_source_make(struct kong_source *ret_source, const char *kind, const char *namespace, const char *name,
                      const char *uid)
{
    const char *const texts[] = {kind, namespace, name, uid};
    size_t sizes[COUNT_OF(texts)], total = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        total += sizes[i] = texts[i] != NULL ? strlen(texts[i]) + 1 : 1;
    char *block = xmalloc(total);
    char **const targets[] = {&ret_source->kind, &ret_source->namespace, &ret_source->name, &ret_source->uid};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        memcpy(block, texts[i] != NULL ? texts[i] : "", sizes[i]);
        *targets[i] = block;
        block += sizes[i];
    }
}

void kong_source_copy(struct kong_source *target, const struct kong_source *source)
{
    kong_source_make(target, source->kind, source->namespace, source->name, source->uid);
}

void kong_source_done(struct kong_source *source)
{
    free(source->kind); /* the others stand behind it */
    *source = (struct kong_source){0};
}

char *kong_source_title(const struct kong_source *source)
{
    const char *slash = strrchr(source->kind, '/');
    const char *kind = slash != NULL ? slash + 1 : source->kind;
    if (source->namespace[0] == '\0')
        return xasprintf("%s %s", kind, source->name);
    return xasprintf("%s %s/%s", kind, source->namespace, source->name);
}

static const char *tag_value(const struct json *tags, const char *prefix)
{
    size_t length = strlen(prefix);
    json_each (tag, tags) {
        const char *text = json_text(tag);
        if (text != NULL && strncmp(text, prefix, length) == 0)
            return text + length;
    }
    return NULL;
}

bool kong_source_of_tags(const struct json *tags, struct kong_source *ret_source)
{
    const char *name = tag_value(tags, "k8s-name:"), *kind = tag_value(tags, "k8s-kind:");
    if (name == NULL || kind == NULL || strcmp(name, UNKNOWN) == 0)
        return false;
    const char *group = tag_value(tags, "k8s-group:"), *version = tag_value(tags, "k8s-version:");
    bool core = group == NULL || group[0] == '\0' || strcmp(group, "core") == 0;
    AUTO(text)
    char *id = xasprintf("%s%s%s/%s", core ? "" : group, core ? "" : "/", version != NULL ? version : "v1", kind);
    kong_source_make(ret_source, id, tag_value(tags, "k8s-namespace:"), name, tag_value(tags, "k8s-uid:"));
    return true;
}

char *kong_source_key(const struct kong_source *source)
{
    const char *kind = strrchr(source->kind, '/'), *slash = strchr(source->kind, '/');
    kind = kind != NULL ? kind + 1 : source->kind;
    int group = slash != NULL && slash + 1 != kind ? (int)(slash - source->kind) : 0; /* "v1/Service" has none */
    return xasprintf("%.*s/%s|%s/%s", group, source->kind, kind, source->namespace, source->name);
}
