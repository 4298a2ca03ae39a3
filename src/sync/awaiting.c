/* Compares what is missing with what was missing before. */
#include "awaiting.h"

#include <string.h>

#include "base/buf.h"
#include "kong/problem_codes.h"

struct awaited {
    struct kong_source object;
    struct buf texts; /* of its problems */
};

static void awaited_free(void *value)
{
    struct awaited *awaited = value;
    kong_source_done(&awaited->object);
    buf_done(&awaited->texts);
    free(awaited);
}

void awaiting_init(struct awaiting *awaiting,
                   void (*changed)(void *user, const struct kong_source *object, bool missing), void *user)
{
    *awaiting = (struct awaiting){.changed = changed, .user = user};
    map_init(&awaiting->objects, awaited_free);
}

void awaiting_done(struct awaiting *awaiting)
{
    map_done(&awaiting->objects);
}

/* Problems by object, as far as something may be on its way. */
static void gather(struct map *now, struct problem *const *problems, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct problem_code *row = problem_code_find(problems[i]->code);
        if (row == NULL || !row->awaits)
            continue;
        AUTO(text) char *key = kong_source_key(&problems[i]->about);
        struct awaited *awaited = map_find(now, key);
        if (awaited == NULL) {
            awaited = xcalloc(1, sizeof(*awaited));
            awaited->texts = (struct buf)BUF_OWN;
            kong_source_copy(&awaited->object, &problems[i]->about);
            map_put(now, key, awaited);
        }
        buf_printf(&awaited->texts, "%s %s\n", problems[i]->code, problems[i]->text);
    }
}

/* Whether one of the problems is new. */
static bool misses_more(const struct awaited *before, const struct awaited *now)
{
    if (before == NULL)
        return true;
    const char *line = buf_text(&now->texts), *end;
    for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        AUTO(text) char *one = xstrndup(line, (size_t)(end - line) + 1);
        if (strstr(buf_text(&before->texts), one) == NULL)
            return true;
    }
    return false;
}

void awaiting_problems(struct awaiting *awaiting, struct problem *const *problems, size_t count)
{
    struct map now;
    map_init(&now, awaited_free);
    gather(&now, problems, count);
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&now, &at)) != NULL;) {
        const struct awaited *awaited = entry->value;
        if (misses_more(map_find(&awaiting->objects, entry->key), awaited))
            awaiting->changed(awaiting->user, &awaited->object, true);
    }
    for (size_t at = 0; (entry = map_next(&awaiting->objects, &at)) != NULL;) {
        const struct awaited *awaited = entry->value;
        if (map_find(&now, entry->key) == NULL)
            awaiting->changed(awaiting->user, &awaited->object, false);
    }
    map_done(&awaiting->objects);
    awaiting->objects = now;
}
