/* schema_rules.h - the rules that a field of a Kong schema may name.
 * Owns:    static rows.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "schema.h"

/* An error text to free, or NULL. */
typedef char *schema_rule_fn(const struct json *argument, const struct json *value);

struct schema_rule {
    const char *name;
    schema_rule_fn *check;
    bool on_null; /* has an opinion about null too */
};

const struct schema_rule *schema_rule_find(const char *name);

/* All rules that an ad-hoc table such as `if_match` names; fields named in `but` are left to the caller. */
char *schema_rules_check(const struct json *rules, const struct json *value);

/* "'a', 'b'" for an array of names; the caller frees. */
char *schema_quote_names(const struct json *names);
