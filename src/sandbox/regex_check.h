/* regex_check.h - whether a text could be a regular expression: brackets, escapes and quantifiers, no more.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  say what and where. A gateway compiles with PCRE or with Rust's library; neither is here, and what both
 *          refuse is found without them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum regex_fault_kind {
    REGEX_OPEN_GROUP,
    REGEX_STRAY_CLOSE,
    REGEX_OPEN_CLASS,
    REGEX_NOTHING_TO_REPEAT,
    REGEX_TRAILING_ESCAPE
};

struct regex_fault {
    enum regex_fault_kind kind;
    size_t offset; /* of the character at fault */
};

bool regex_check(const char *text, struct regex_fault *ret_fault);
const char *regex_fault_pcre(const struct regex_fault *fault); /* in PCRE2's words */
const char *regex_fault_rust(const struct regex_fault *fault); /* in the words of Rust's regex */
