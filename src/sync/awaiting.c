/* Compares what an object misses with what it missed before. */
#include "awaiting.h"

#include <string.h>

#include "base/buf.h"
#include "kong/problem_codes.h"

void awaiting_init(struct awaiting *awaiting,
                   void (*changed)(void *user, const struct kong_source *object, bool missing), void *user)
{
    *awaiting = (struct awaiting){.changed = changed, .user = user};
    map_init(&awaiting->objects, free);
}

void awaiting_done(struct awaiting *awaiting)
{
    map_done(&awaiting->objects);
}

/* A line for each thing that may be on its way; NULL: nothing is missed.  `before` may be NULL. */
static char *missed(const struct rules_said *said, const char *before, bool *ret_more)
{
    struct buf lines = BUF_OWN;
    *ret_more = false;
    for (size_t i = 0; i < said->problem_count; i++) {
        const struct problem_code *row = problem_code_find(said->problems[i]->code);
        if (row == NULL || !row->awaits)
            continue;
        AUTO(text) char *line = xasprintf("%s %s\n", row->code, said->problems[i]->text);
        *ret_more |= before == NULL || strstr(before, line) == NULL;
        buf_append_text(&lines, line);
    }
    return lines.length != 0 ? buf_take(&lines) : NULL;
}

void awaiting_said(struct awaiting *awaiting, const struct rules_said *said)
{
    AUTO(text) char *key = kong_source_key(&said->about);
    const char *before = map_find(&awaiting->objects, key);
    bool more;
    char *now = missed(said, before, &more);
    if (more || (now == NULL && before != NULL))
        awaiting->changed(awaiting->user, &said->about, now != NULL);
    if (now != NULL)
        map_put(&awaiting->objects, key, now);
    else
        map_remove(&awaiting->objects, key);
}
