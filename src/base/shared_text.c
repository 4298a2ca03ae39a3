/* The count stands in front of the text that others see. */
#include "base/shared_text.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"

struct shared_text {
    atomic_int references;
    char text[];
};

struct shared_texts {
    struct map known; /* text to struct shared_text */
};

static struct shared_text *inside(const char *text)
{
    return (struct shared_text *)(uintptr_t)(text - offsetof(struct shared_text, text));
}

const char *shared_text_new(const char *text)
{
    size_t size = strlen(text) + 1;
    struct shared_text *shared = xmalloc(sizeof(*shared) + size);
    atomic_init(&shared->references, 1);
    memcpy(shared->text, text, size);
    return shared->text;
}

const char *shared_text_ref(const char *text)
{
    if (text != NULL)
        atomic_fetch_add_explicit(&inside(text)->references, 1, memory_order_relaxed);
    return text;
}

void shared_text_unref(const char *text)
{
    if (text != NULL && atomic_fetch_sub_explicit(&inside(text)->references, 1, memory_order_acq_rel) == 1)
        free(inside(text));
}

static void release(void *value)
{
    shared_text_unref(((struct shared_text *)value)->text);
}

struct shared_texts *shared_texts_new(void)
{
    struct shared_texts *texts = xcalloc(1, sizeof(*texts));
    map_init(&texts->known, release);
    return texts;
}

void shared_texts_free(struct shared_texts *texts)
{
    if (texts == NULL)
        return;
    map_done(&texts->known);
    free(texts);
}

const char *shared_texts_find(struct shared_texts *texts, const char *text)
{
    struct shared_text *shared = map_find(&texts->known, text);
    if (shared != NULL)
        return shared_text_ref(shared->text);
    const char *made = shared_text_new(text);
    if (texts->known.count < SHARED_TEXTS_MAX)
        map_put(&texts->known, text, inside(shared_text_ref(made)));
    return made;
}
