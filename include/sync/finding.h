/* sync/finding.h - what was found in files, as a problem.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "files/finding.h"
#include "kong/problem.h"

struct problem *sync_finding_problem(const struct files_finding *finding); /* a new reference */
