/* loader_near.h - the nearest valid word, for error messages.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "base/text.h"

/* NULL when no word is near. */
static inline const char *loader_near(const char *word, const char *const *words, size_t count)
{
    return text_nearest(word, words, count, (int)strlen(word) / 2 + 1);
}
