/* base/shared_text.h - a text with a reference count, for what thousands of things have in common.
 * Owns:    whoever holds a reference.
 * Thread:  any (the count is atomic, the text never changes).
 * Errors:  none. */
#pragma once

#include <stddef.h>

const char *shared_text_new(const char *text); /* copies; one reference */
const char *shared_text_ref(const char *text); /* of shared_text_new; NULL gives NULL */
void shared_text_unref(const char *text);      /* NULL is fine */

/* The same text for equal ones, so that many holders cost one copy.  Holds SHARED_TEXTS_MAX at most; what comes after is not kept. */
#define SHARED_TEXTS_MAX 4096

struct shared_texts;
struct shared_texts *shared_texts_new(void);
void shared_texts_free(struct shared_texts *texts);                          /* what others hold stays */
const char *shared_texts_find(struct shared_texts *texts, const char *text); /* a new reference */
