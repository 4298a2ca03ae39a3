/* Kong 3.9's own schemas, as far as types and bounds go; spec/unit/rules/entity_field_test.c compares them. */
#include "entity_field.h"

#include <stdlib.h>
#include <string.h>

#define TABLE(rows)                                                                                                    \
    {                                                                                                                  \
        rows, COUNT_OF(rows)                                                                                           \
    }
#define NOTHING                                                                                                        \
    {                                                                                                                  \
        NULL, 0                                                                                                        \
    }

#define TEXT(name)                                                                                                     \
    {                                                                                                                  \
        name, FIELD_TEXT, 0, 0, NOTHING                                                                                \
    }
#define TEXTS(name)                                                                                                    \
    {                                                                                                                  \
        name, FIELD_TEXTS, 0, 0, NOTHING                                                                               \
    }
#define TRUTH(name)                                                                                                    \
    {                                                                                                                  \
        name, FIELD_TRUTH, 0, 0, NOTHING                                                                               \
    }
#define INTEGER(name, least, most)                                                                                     \
    {                                                                                                                  \
        name, FIELD_INTEGER, least, most, NOTHING                                                                      \
    }
#define NUMBER(name, least, most)                                                                                      \
    {                                                                                                                  \
        name, FIELD_NUMBER, least, most, NOTHING                                                                       \
    }
#define STATUSES(name)                                                                                                 \
    {                                                                                                                  \
        name, FIELD_INTEGERS, 100, 999, NOTHING                                                                        \
    }
#define RECORD(name, rows)                                                                                             \
    {                                                                                                                  \
        name, FIELD_RECORD, 0, 0, TABLE(rows)                                                                          \
    }
#define RECORDS(name, rows)                                                                                            \
    {                                                                                                                  \
        name, FIELD_RECORDS, 0, 0, TABLE(rows)                                                                         \
    }
#define FREE_FORM(name)                                                                                                \
    {                                                                                                                  \
        name, FIELD_RECORD, 0, 0, NOTHING                                                                              \
    }

static const struct entity_field SERVICE[] = {
    TEXTS("ca_certificates"),
    INTEGER("connect_timeout", 1, 2147483646),
    TRUTH("enabled"),
    TEXT("host"),
    TEXT("name"),
    TEXT("path"),
    INTEGER("port", 0, 65535),
    TEXT("protocol"),
    INTEGER("read_timeout", 1, 2147483646),
    INTEGER("retries", 0, 32767),
    TEXTS("tags"),
    TRUTH("tls_verify"),
    INTEGER("tls_verify_depth", 0, 64),
    INTEGER("write_timeout", 1, 2147483646),
};

static const struct entity_field ADDRESS[] = {TEXT("ip"), INTEGER("port", 0, 65535)};

static const struct entity_field ROUTE[] = {
    RECORDS("destinations", ADDRESS),
    TEXT("expression"),
    {"headers", FIELD_LISTS, 0, 0, NOTHING},
    TEXTS("hosts"),
    INTEGER("https_redirect_status_code", 301, 426),
    TEXTS("methods"),
    TEXT("name"),
    TEXT("path_handling"),
    TEXTS("paths"),
    TRUTH("preserve_host"),
    INTEGER("priority", 0, 70368744177663),
    TEXTS("protocols"),
    INTEGER("regex_priority", 0, 0),
    TRUTH("request_buffering"),
    TRUTH("response_buffering"),
    TEXTS("snis"),
    RECORDS("sources", ADDRESS),
    TRUTH("strip_path"),
    TEXTS("tags"),
};

static const struct entity_field PASSIVE_HEALTHY[] = {STATUSES("http_statuses"), INTEGER("successes", 0, 255)};
static const struct entity_field PASSIVE_UNHEALTHY[] = {INTEGER("http_failures", 0, 255), STATUSES("http_statuses"),
                                                        INTEGER("tcp_failures", 0, 255), INTEGER("timeouts", 0, 255)};
static const struct entity_field PASSIVE[] = {RECORD("healthy", PASSIVE_HEALTHY), TEXT("type"),
                                              RECORD("unhealthy", PASSIVE_UNHEALTHY)};
static const struct entity_field ACTIVE_HEALTHY[] = {STATUSES("http_statuses"), NUMBER("interval", 0, 65535),
                                                     INTEGER("successes", 0, 255)};
static const struct entity_field ACTIVE_UNHEALTHY[] = {INTEGER("http_failures", 0, 255), STATUSES("http_statuses"),
                                                       NUMBER("interval", 0, 65535), INTEGER("tcp_failures", 0, 255),
                                                       INTEGER("timeouts", 0, 255)};
static const struct entity_field ACTIVE[] = {
    INTEGER("concurrency", 1, 2147483648),
    {"headers", FIELD_LISTS, 0, 0, NOTHING},
    RECORD("healthy", ACTIVE_HEALTHY),
    TEXT("http_path"),
    TEXT("https_sni"),
    TRUTH("https_verify_certificate"),
    NUMBER("timeout", 0, 65535),
    TEXT("type"),
    RECORD("unhealthy", ACTIVE_UNHEALTHY),
};
static const struct entity_field HEALTHCHECKS[] = {RECORD("active", ACTIVE), RECORD("passive", PASSIVE),
                                                   NUMBER("threshold", 0, 100)};

static const struct entity_field UPSTREAM[] = {
    TEXT("algorithm"),
    TEXT("hash_fallback"),
    TEXT("hash_fallback_header"),
    TEXT("hash_fallback_query_arg"),
    TEXT("hash_fallback_uri_capture"),
    TEXT("hash_on"),
    TEXT("hash_on_cookie"),
    TEXT("hash_on_cookie_path"),
    TEXT("hash_on_header"),
    TEXT("hash_on_query_arg"),
    TEXT("hash_on_uri_capture"),
    RECORD("healthchecks", HEALTHCHECKS),
    TEXT("host_header"),
    TEXT("name"),
    INTEGER("slots", 10, 65536),
    TEXTS("tags"),
    TRUTH("use_srv_name"),
};

static const struct entity_field TARGET[] = {TEXTS("tags"), TEXT("target"), INTEGER("weight", 0, 65535)};

static const struct entity_field PLUGIN[] = {
    FREE_FORM("config"), TRUTH("enabled"), TEXT("instance_name"), {"name", FIELD_PLUGIN, 0, 0, NOTHING},
    TEXTS("protocols"),  TEXTS("tags"),
};

static const struct entity_field CONSUMER[] = {TEXT("custom_id"), TEXTS("tags"), TEXT("username")};
static const struct entity_field CONSUMER_GROUP[] = {TEXT("name"), TEXTS("tags")};
static const struct entity_field CERTIFICATE[] = {TEXT("cert"),    TEXT("cert_alt"), TEXT("key"),
                                                  TEXT("key_alt"), TEXTS("snis"),    TEXTS("tags")};
static const struct entity_field SNI[] = {TEXT("name"), TEXTS("tags")};
static const struct entity_field CA_CERTIFICATE[] = {TEXT("cert"), TEXT("cert_digest"), TEXTS("tags")};
static const struct entity_field KEY_AUTH[] = {TEXT("key"), TEXTS("tags")};
static const struct entity_field BASIC_AUTH[] = {TEXT("password"), TEXTS("tags"), TEXT("username")};
static const struct entity_field HMAC_AUTH[] = {TEXT("secret"), TEXTS("tags"), TEXT("username")};
static const struct entity_field JWT[] = {TEXT("algorithm"), TEXT("key"), TEXT("rsa_public_key"), TEXT("secret"),
                                          TEXTS("tags")};
static const struct entity_field OAUTH2[] = {TEXT("client_id"),    TEXT("client_secret"), TEXT("client_type"),
                                             TRUTH("hash_secret"), TEXT("name"),          TEXTS("redirect_uris"),
                                             TEXTS("tags")};
static const struct entity_field ACL[] = {TEXT("group"), TEXTS("tags")};
static const struct entity_field VAULT[] = {FREE_FORM("config"), TEXT("description"), TEXT("name"), TEXT("prefix"),
                                            TEXTS("tags")};
static const struct entity_field LICENSE[] = {TEXT("payload")};

static const struct entity_fields TABLES[KONG_KIND_COUNT] = {
    [KONG_SERVICE] = TABLE(SERVICE),
    [KONG_ROUTE] = TABLE(ROUTE),
    [KONG_UPSTREAM] = TABLE(UPSTREAM),
    [KONG_TARGET] = TABLE(TARGET),
    [KONG_PLUGIN] = TABLE(PLUGIN),
    [KONG_CONSUMER] = TABLE(CONSUMER),
    [KONG_CONSUMER_GROUP] = TABLE(CONSUMER_GROUP),
    [KONG_CERTIFICATE] = TABLE(CERTIFICATE),
    [KONG_SNI] = TABLE(SNI),
    [KONG_CA_CERTIFICATE] = TABLE(CA_CERTIFICATE),
    [KONG_KEY_AUTH] = TABLE(KEY_AUTH),
    [KONG_BASIC_AUTH] = TABLE(BASIC_AUTH),
    [KONG_HMAC_AUTH] = TABLE(HMAC_AUTH),
    [KONG_JWT] = TABLE(JWT),
    [KONG_OAUTH2] = TABLE(OAUTH2),
    [KONG_ACL] = TABLE(ACL),
    [KONG_VAULT] = TABLE(VAULT),
    [KONG_LICENSE] = TABLE(LICENSE),
};

struct entity_fields entity_field_table(enum kong_kind_id kind)
{
    return TABLES[kind];
}

static int by_name(const void *name, const void *field)
{
    return strcmp(name, ((const struct entity_field *)field)->name);
}

const struct entity_field *entity_field_find(struct entity_fields fields, const char *name)
{
    return fields.count != 0 ? bsearch(name, fields.rows, fields.count, sizeof(*fields.rows), by_name) : NULL;
}
