/* loader_near.h - the nearest valid word to a misspelt one.   Owns: nothing.   Thread: any.   Errors: NULL when none is near. */
#pragma once

#include <stddef.h>

const char *loader_near(const char *word, const char *const *words, size_t count);
