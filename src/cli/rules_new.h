/* rules_new.h - beginnings of rule files, for `rules new`.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdio.h>

#include "rules/rules.h"

void rules_new_extends(const struct rules_file *rule, FILE *out);
void rules_new_adjusts(const char *entity_kind, FILE *out);
void rules_new_kind(const char *kind, FILE *out); /* "example.com/v1/Thing" */
