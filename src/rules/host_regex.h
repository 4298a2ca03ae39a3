/* host_regex.h - whether a router would take a regular expression.
 * Owns: nothing.   Thread: any.   Errors: say what is wrong and at which character. */
#pragma once

#include <stddef.h>

#include "base/err.h"

int host_regex_check(const char *pattern, size_t length, const char *flavor, struct err *err) MUST_USE;
