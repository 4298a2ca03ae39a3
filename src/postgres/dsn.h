/* dsn.h - where the database is, and as whom we go there.
 * Owns:    its texts, the password among them.
 * Thread:  loop thread.
 * Errors:  libpq's messages may quote what was given; no error quotes a value. */
#pragma once

#include "base/buf.h"

#define DSN_HOSTS_MAX     16
#define DSN_ADDRESSES_MAX 64 /* of all hosts together */

struct dsn;

/* A connection string or URI as libpq knows them; what it leaves out comes from the PG* variables.  "" is allowed. */
int dsn_parse(const char *text, struct dsn **ret_dsn, struct err *err) MUST_USE;
void dsn_free(struct dsn *dsn); /* NULL is fine */

/* Host names whose addresses have to be found before libpq is asked, since it would block. */
size_t dsn_names(const struct dsn *dsn);
const char *dsn_name(const struct dsn *dsn, size_t index);
void dsn_set_addresses(struct dsn *dsn, size_t index, const char *const *addresses, size_t count);

/* For PQconnectStartParams; both end with NULL, the caller frees the arrays only. */
void dsn_parameters(struct dsn *dsn, const char ***ret_keywords, const char ***ret_values);
char *dsn_title(const struct dsn *dsn); /* "database kong at db.example as kongruent"; the caller frees */
void dsn_scrub(const struct dsn *dsn, struct err *err); /* takes the password out of a text */
