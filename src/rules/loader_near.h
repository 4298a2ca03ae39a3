/* loader_near.h - the nearest valid word, for error messages.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "base/text.h"

#define LOADER_NEAR_MAX 60 /* bytes; longer words are near to none */

/* NULL when no word is near. */
static inline const char *loader_near(const char *word, const char *const *words, size_t count)
{
    size_t length = strlen(word);
    return length <= LOADER_NEAR_MAX ? text_nearest(word, words, count, (int)length / 2 + 1) : NULL;
}
