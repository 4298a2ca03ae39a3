/* base/regex.h - regular expressions of others: whether a library would take them, and whether a text fits (PCRE2 behind the door).
 * Owns:    a compiled expression is owned by whoever made it.
 * Thread:  a compiled expression has one user at a time.
 * Errors:  say what is wrong and at which character.
 * Limits:  REGEX_BYTES_MAX a pattern; a match that takes too long counts as one that fits. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define REGEX_BYTES_MAX 32768

struct regex;

int regex_new(const char *pattern, size_t length, struct regex **ret_regex, struct err *err) MUST_USE;
void regex_free(struct regex *regex); /* NULL is fine */
/* Anywhere in the text, as Go's regexp does; never takes longer than the product of both lengths. */
bool regex_fits(struct regex *regex, const char *text, size_t length);

/* Whether PCRE2 takes it: what nginx and Lua libraries of it match by. */
int regex_check_pcre(const char *pattern, size_t length, struct err *err) MUST_USE;
/* Whether Rust's `regex` takes it: no look-around, no references back, no atomic groups; braces are repetitions only.  What this finds
 * is wrong there; what it does not find may be, too (unknown classes, sizes). */
int regex_check_rust(const char *pattern, size_t length, struct err *err) MUST_USE;
