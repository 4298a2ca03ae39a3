/* rules/bundle.h - where the bundled rules are.
 * Owns: nothing.   Thread: any.   Errors: says all the places that were looked in. */
#pragma once

#include "base/err.h"

/* $KONGRUENT_LUA, else ../share/kongruent/lua beside the program's folder (installed), else lua/ above the program's folder (a build in the
 * source tree).  The caller frees. */
int rules_bundle_find(char **ret_path, struct err *err) MUST_USE;
