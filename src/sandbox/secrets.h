/* secrets.h - what Kong makes up or hashes: keys, passwords, client secrets.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include <stdbool.h>

#include "base/json.h"

#define SECRETS_TOKEN_SIZE 33

void secrets_token(char ret_token[SECRETS_TOKEN_SIZE]);
/* Whether a body brings a secret that has to be hashed. */
bool secrets_were_sent(const char *table, const struct json *body);
void secrets_hash(const char *table, struct json *entity, bool sent);
