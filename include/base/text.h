/* base/text.h - texts from outside: how they may be shown, and which word was meant.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include <stddef.h>

#include "base/buf.h"

/* Bytes of the well-formed UTF-8 character at `text`, or 0; `left` is at least 1. */
size_t text_utf8_length(const char *text, size_t left);

/* True when the character of `length` bytes begins a line, steers a terminal or turns the order of what is read: C0, DEL, C1, the
 * separators of lines and paragraphs, and the marks of direction. */
bool text_is_control(const char *text, size_t length);

/* Appends `text` so that it stays on its line and no character of it acts: \n, \t, \r, \u001b; bytes that are no UTF-8 become \xff. */
void text_append_shown(struct buf *out, const char *text);
void text_append_shown_bytes(struct buf *out, const char *text, size_t length);
char *text_shown(const char *text); /* the caller frees */

/* The word of `words` that takes the fewest letters to change, put in or take out, but no more than `most`; NULL when there is none. */
const char *text_nearest(const char *word, const char *const *words, size_t count, int most);
