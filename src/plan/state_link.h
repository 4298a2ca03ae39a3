/* state_link.h - references as members of a list at their target.   Owns: nothing.   Thread: one owner.   Errors: none.
 */
#pragma once

#include "plan/state.h"

/* Moves `link` to the list of `target` (`head` is in it); NULL: out of any list. */
void state_link_set(struct kong_link *link, void *owner, void *target, struct kong_link **head);
#define link_each(link, head) for (struct kong_link *link = (head); link != NULL; link = link->next)
