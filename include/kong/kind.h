/* kong/kind.h - the table of entity kinds: one row is all that a Kong entity kind needs.
 * Owns:    static rows; rows for types of custom entities are owned by whoever learnt them (kong/types.h).
 * Thread:  static rows are immutable and may be read from any thread.
 * Source:  the Admin API of Kong 3.9 and its schemas; id formulas are KIC's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum kong_kind_id {
    KONG_SERVICE,
    KONG_ROUTE,
    KONG_UPSTREAM,
    KONG_TARGET,
    KONG_PLUGIN,
    KONG_CONSUMER,
    KONG_CONSUMER_GROUP,
    KONG_MEMBERSHIP, /* a consumer in a consumer group */
    KONG_CERTIFICATE,
    KONG_SNI,
    KONG_CA_CERTIFICATE,
    KONG_KEY_AUTH,
    KONG_BASIC_AUTH,
    KONG_HMAC_AUTH,
    KONG_JWT,
    KONG_OAUTH2,
    KONG_ACL,
    KONG_MTLS_AUTH,
    KONG_VAULT,
    KONG_LICENSE,
    KONG_CUSTOM, /* every other kind; its type is the first part of the natural key. Rows for types: kong/types.h */
    KONG_KIND_COUNT
};

/* What happens to the owner of the field when the referenced entity is deleted in Kong. */
enum kong_on_delete { KONG_RESTRICT, KONG_CASCADE };

struct kong_foreign {
    const char *field;      /* "service" */
    enum kong_kind_id kind; /* what it refers to */
    bool required;
    enum kong_on_delete on_delete;
};

#define KONG_FOREIGN_MAX 4
#define KONG_FIELDS_MAX  8

struct kong_kind {
    enum kong_kind_id id;
    const char *name;        /* as rules say it: "route", "key_auth" */
    const char *collection;  /* Admin API list: "routes", "key-auths" */
    const char *table;       /* schema and database name: "routes", "keyauth_credentials" */
    const char *deck;        /* decK section: "routes", "keyauth_credentials" */
    const char *deck_parent; /* foreign field below whose entity decK nests it, or NULL */
    const char *nested_path; /* writes go below the parent: "upstreams/%s/targets"; NULL: below `collection` */
    const char *id_type;     /* plural in KIC's id formula; NULL: no formula of KIC's, ours uses `collection` */
    bool tagged;             /* can carry tags, so it can be owned */
    bool key_is_secret;      /* natural key is hashed wherever it is shown or kept */
    bool principal; /* stands for what its object means; others are there for its sake (see kong_entity_is_principal) */
    const char *key_fields[KONG_FIELDS_MAX]; /* natural key: the first of them that is set, unless `key_of` is given */
    char *(*key_of)(const struct json *fields, const char *const foreign_keys[KONG_FOREIGN_MAX]);
    struct kong_foreign foreign[KONG_FOREIGN_MAX]; /* ends with field NULL */
    const char *set_fields[KONG_FIELDS_MAX];       /* order does not matter in these */
    const char *secret_fields[KONG_FIELDS_MAX];    /* never shown */
    const char *hashed_fields[KONG_FIELDS_MAX];    /* Kong stores a hash: cannot be compared with what it returns */
};

const struct kong_kind *kong_kind_get(enum kong_kind_id id);
const struct kong_kind *kong_kind_find(const char *name); /* by `name`; NULL when there is none */

/* The natural key of an entity: its own fields, and for each foreign field the natural key of what it refers to (NULL:
 * not set). Formulas: names as they are; consumer username, or "custom_id:" and the custom id; plugin
 * "<name>[:service/S][:route/R][:consumer/C][:consumer_group/G]"; target "<upstream>/<target>"; acl
 * "<consumer>/<group>" and mtls_auth "<consumer>/<subject>[:ca_certificate/A]", in the first parts of which '/' is "%2F"
 * and '%' "%25"; membership "<group>/<consumer>"; certificate SHA-256 of cert, newline, key (both trimmed); secret keys
 * SHA-256.  The caller frees; NULL when a field that the key needs is missing. */
char *kong_kind_key(const struct kong_kind *kind, const struct json *fields,
                    const char *const foreign_keys[KONG_FOREIGN_MAX]);

/* A target as Kong writes it: IPv6 in full, a port always, lower case.  Two spellings of one endpoint are one entity.
 * The caller frees. */
char *kong_kind_target(const char *target);

/* Natural keys of custom entities do not follow from their fields: "<type>/<name>[:service/S][:route/R][:consumer/C]
 * [:plugin/P]", escaped like those of acl.  The name KONG_CUSTOM_QUESTION stands for no entity: it asks a gateway to
 * tell the schema of the type.  The caller frees. */
#define KONG_CUSTOM_QUESTION "?"
char *kong_custom_key(const char *type, const char *name, const char *const foreign_keys[KONG_FOREIGN_MAX]);
char *kong_custom_type(const char *key);
bool kong_custom_is_question(const char *key);

/* UUIDv5(UUIDv5(fd02801f-0957-4a15-a55a-c8d9606f30b5, id_type), [workspace "/"] key); 37 bytes. */
void kong_kind_make_id(const struct kong_kind *kind, const char *workspace, const char *key, char ret_uuid[37]);
/* The same in two steps, for whoever makes many: the kind's inner UUID, and the id in it. */
void kong_kind_make_space(const struct kong_kind *kind, char ret_uuid[37]);
void kong_kind_make_id_in(const char *space, const char *workspace, const char *key, char ret_uuid[37]);
