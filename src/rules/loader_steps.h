/* loader_steps.h - the functions of rules: their names, and how overrides are wrapped around them.
 * Owns:    nothing; the functions live in the state.
 * Thread:  the owner of the state.
 * Errors:  for want of memory only. */
#pragma once

#include "declaration.h"
#include "lua/host.h"

int loader_steps_open(struct lua_host *host, struct err *err) MUST_USE;
/* Notes the functions of a rule's table by name. */
int loader_steps_note(struct lua_host *host, const struct declaration *declaration, struct err *err) MUST_USE;
/* Wraps each function of the declaration around the one of the same name in the table `rule_ref`. */
int loader_steps_wrap(struct lua_host *host, const struct declaration *declaration, int rule_ref,
                      struct err *err) MUST_USE;
/* A reference to the declaration's function `name`. */
int loader_steps_take(struct lua_host *host, const struct declaration *declaration, const char *name, int *ret_ref,
                      struct err *err) MUST_USE;

/* Pushes the name of a step for the function at `index`, or nil. */
void loader_steps_push_name(lua_State *L, int index);
