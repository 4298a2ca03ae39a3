/* Decides what entity kinds exist: one row each, in the order of `enum kong_kind_id`. */
#include "kong/kind.h"

#include "base/buf.h"
#include "base/hash.h"
#include "kind_key.h"

#define NAMESPACE_UUID "fd02801f-0957-4a15-a55a-c8d9606f30b5"

#define CONSUMER_OF                                                                                                    \
    {                                                                                                                  \
        {                                                                                                              \
            "consumer", KONG_CONSUMER, true, KONG_CASCADE                                                              \
        }                                                                                                              \
    }

static const struct kong_kind kinds[KONG_KIND_COUNT] = {
    [KONG_SERVICE] = {KONG_SERVICE, "service", "services", "services", "services", NULL, NULL, "services", true, false,
                      .key_fields = {"name"},
                      .foreign = {{"client_certificate", KONG_CERTIFICATE, false, KONG_RESTRICT}},
                      .set_fields = {"tags"}},
    [KONG_ROUTE] = {KONG_ROUTE, "route", "routes", "routes", "routes", "service", NULL, "routes", true, false,
                    .principal = true, .key_fields = {"name"},
                    .foreign = {{"service", KONG_SERVICE, false, KONG_RESTRICT}},
                    .set_fields = {"protocols", "methods", "snis", "sources", "destinations", "tags"}},
    [KONG_UPSTREAM] = {KONG_UPSTREAM, "upstream", "upstreams", "upstreams", "upstreams", NULL, NULL, NULL, true, false,
                       .key_fields = {"name"},
                       .foreign = {{"client_certificate", KONG_CERTIFICATE, false, KONG_RESTRICT}},
                       .set_fields = {"tags"}},
    [KONG_TARGET] = {KONG_TARGET, "target", "targets", "targets", "targets", "upstream", "upstreams/%s/targets", NULL,
                     true, false, .key_of = kind_key_target,
                     .foreign = {{"upstream", KONG_UPSTREAM, true, KONG_CASCADE}}, .set_fields = {"tags"}},
    [KONG_PLUGIN] = {KONG_PLUGIN, "plugin", "plugins", "plugins", "plugins", NULL, NULL, "plugins", true, false,
                     .principal = true, .key_of = kind_key_plugin,
                     .foreign = {{"service", KONG_SERVICE, false, KONG_CASCADE},
                                 {"route", KONG_ROUTE, false, KONG_CASCADE},
                                 {"consumer", KONG_CONSUMER, false, KONG_CASCADE},
                                 {"consumer_group", KONG_CONSUMER_GROUP, false, KONG_CASCADE}},
                     .set_fields = {"protocols", "tags"}},
    [KONG_CONSUMER] = {KONG_CONSUMER, "consumer", "consumers", "consumers", "consumers", NULL, NULL, "consumers", true,
                       false, .principal = true, .key_of = kind_key_consumer, .set_fields = {"tags"}},
    [KONG_CONSUMER_GROUP] = {KONG_CONSUMER_GROUP, "consumer_group", "consumer_groups", "consumer_groups",
                             "consumer_groups", NULL, NULL, "consumergroups", true, false, .principal = true,
                             .key_fields = {"name"}, .set_fields = {"tags"}},
    [KONG_MEMBERSHIP] = {KONG_MEMBERSHIP, "membership", "consumer_groups", "consumer_group_consumers", "groups",
                         "consumer", "consumer_groups/%s/consumers", NULL, false, false, .key_of = kind_key_membership,
                         .foreign = {{"consumer_group", KONG_CONSUMER_GROUP, true, KONG_CASCADE},
                                     {"consumer", KONG_CONSUMER, true, KONG_CASCADE}}},
    [KONG_CERTIFICATE] = {KONG_CERTIFICATE, "certificate", "certificates", "certificates", "certificates", NULL, NULL,
                          NULL, true, true, .principal = true, .key_of = kind_key_certificate, .set_fields = {"tags"},
                          .secret_fields = {"key", "key_alt"}},
    [KONG_SNI] = {KONG_SNI, "sni", "snis", "snis", "snis", "certificate", NULL, NULL, true, false,
                  .key_fields = {"name"}, .foreign = {{"certificate", KONG_CERTIFICATE, true, KONG_CASCADE}},
                  .set_fields = {"tags"}},
    [KONG_CA_CERTIFICATE] = {KONG_CA_CERTIFICATE, "ca_certificate", "ca_certificates", "ca_certificates",
                             "ca_certificates", NULL, NULL, NULL, true, false, .principal = true,
                             .key_of = kind_key_ca_certificate, .set_fields = {"tags"}},
    [KONG_KEY_AUTH] = {KONG_KEY_AUTH, "key_auth", "key-auths", "keyauth_credentials", "keyauth_credentials", "consumer",
                       NULL, NULL, true, true, .key_fields = {"key"}, .foreign = CONSUMER_OF, .set_fields = {"tags"},
                       .secret_fields = {"key"}},
    [KONG_BASIC_AUTH] = {KONG_BASIC_AUTH, "basic_auth", "basic-auths", "basicauth_credentials", "basicauth_credentials",
                         "consumer", NULL, NULL, true, false, .key_fields = {"username"}, .foreign = CONSUMER_OF,
                         .set_fields = {"tags"}, .secret_fields = {"password"}, .hashed_fields = {"password"}},
    [KONG_HMAC_AUTH] = {KONG_HMAC_AUTH, "hmac_auth", "hmac-auths", "hmacauth_credentials", "hmacauth_credentials",
                        "consumer", NULL, NULL, true, false, .key_fields = {"username"}, .foreign = CONSUMER_OF,
                        .set_fields = {"tags"}, .secret_fields = {"secret"}},
    [KONG_JWT] = {KONG_JWT, "jwt", "jwts", "jwt_secrets", "jwt_secrets", "consumer", NULL, NULL, true, false,
                  .key_fields = {"key"}, .foreign = CONSUMER_OF, .set_fields = {"tags"}, .secret_fields = {"secret"}},
    [KONG_OAUTH2] = {KONG_OAUTH2, "oauth2", "oauth2", "oauth2_credentials", "oauth2_credentials", "consumer", NULL,
                     NULL, true, false, .key_fields = {"client_id"}, .foreign = CONSUMER_OF, .set_fields = {"tags"},
                     .secret_fields = {"client_secret"}, .hashed_fields = {"client_secret"}},
    [KONG_ACL] = {KONG_ACL, "acl", "acls", "acls", "acls", "consumer", NULL, NULL, true, false, .key_of = kind_key_acl,
                  .foreign = CONSUMER_OF, .set_fields = {"tags"}},
    [KONG_MTLS_AUTH] = {KONG_MTLS_AUTH, "mtls_auth", "mtls-auths", "mtls_auth_credentials", "mtls_auth_credentials",
                        "consumer", NULL, NULL, true, false, .key_of = kind_key_mtls_auth,
                        .foreign = {{"consumer", KONG_CONSUMER, true, KONG_CASCADE},
                                    {"ca_certificate", KONG_CA_CERTIFICATE, false, KONG_RESTRICT}},
                        .set_fields = {"tags"}},
    [KONG_VAULT] = {KONG_VAULT, "vault", "vaults", "vaults", "vaults", NULL, NULL, "vaults", true, false,
                    .principal = true, .key_fields = {"prefix"}, .set_fields = {"tags"}},
    [KONG_LICENSE] = {KONG_LICENSE, "license", "licenses", "licenses", "licenses", NULL, NULL, NULL, false, true,
                      .principal = true, .key_fields = {"payload"}, .secret_fields = {"payload"}},
    [KONG_CUSTOM] = {KONG_CUSTOM, "custom", "", "", "", NULL, NULL, "custom", true, false, .principal = true,
                     .key_of = kind_key_none,
                     .foreign = {{"service", KONG_SERVICE, false, KONG_RESTRICT},
                                 {"route", KONG_ROUTE, false, KONG_RESTRICT},
                                 {"consumer", KONG_CONSUMER, false, KONG_RESTRICT},
                                 {"plugin", KONG_PLUGIN, false, KONG_RESTRICT}},
                     .set_fields = {"tags"}},
};

const struct kong_kind *kong_kind_get(enum kong_kind_id id)
{
    require_that(id >= 0 && id < KONG_KIND_COUNT);
    return &kinds[id];
}

const struct kong_kind *kong_kind_find(const char *name)
{
    for (size_t i = 0; i < KONG_KIND_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

char *kong_kind_key(const struct kong_kind *kind, const struct json *fields,
                    const char *const foreign_keys[KONG_FOREIGN_MAX])
{
    if (kind->key_of != NULL)
        return kind->key_of(fields, foreign_keys);

    for (size_t i = 0; i < KONG_FIELDS_MAX && kind->key_fields[i] != NULL; i++) {
        const char *value = json_find_text(fields, kind->key_fields[i]);
        if (value != NULL && (kind->key_is_secret || value[0] != '\0'))
            return kind->key_is_secret ? kind_key_digest(value) : xstrdup(value);
    }
    return NULL;
}

void kong_kind_make_space(const struct kong_kind *kind, char ret_uuid[HASH_UUID_SIZE])
{
    const char *type = kind->id_type != NULL ? kind->id_type : kind->collection;
    /* Memberships share the collection of their groups; their ids must not meet. */
    if (kind->id == KONG_MEMBERSHIP)
        type = kind->table;
    require_that(hash_uuid5(NAMESPACE_UUID, type, strlen(type), ret_uuid));
}

void kong_kind_make_id_in(const char *space, const char *workspace, const char *key, char ret_uuid[HASH_UUID_SIZE])
{
    bool prefixed = workspace != NULL && workspace[0] != '\0';
    char *prefixed_key = prefixed ? xasprintf("%s/%s", workspace, key) : NULL;
    const char *name = prefixed ? prefixed_key : key;
    require_that(hash_uuid5(space, name, strlen(name), ret_uuid));
    free(prefixed_key);
}

void kong_kind_make_id(const struct kong_kind *kind, const char *workspace, const char *key, char ret_uuid[37])
{
    char space[HASH_UUID_SIZE];
    kong_kind_make_space(kind, space);
    kong_kind_make_id_in(space, workspace, key, ret_uuid);
}
