/* Checks of whole certificates, keys and plugin configurations, and what a body's shorthands stand for. */
#include "kind_checks.h"

#include <stdlib.h>
#include <string.h>

#include "certificate.h"
#include "checks.h"
#include "entity_checks.h"

void prepare_target(struct json *entity, bool expressions)
{
    (void)expressions;
    AUTO(json) struct json *target = json_copy(json_find(entity, "target"));
    if (json_text(target) == NULL)
        return;
    AUTO(text) char *fault = check_target(target);
    if (fault != NULL)
        return;
    AUTO(text) char *normal = checks_target_normal(json_text(target));
    json_set_text(entity, "target", normal);
}

static void set_or_null(struct json *entity, const char *name, const char *text, size_t length)
{
    AUTO(text) char *copy = xstrndup(text, length);
    json_set(entity, name, length != 0 ? json_new_text(copy) : json_new_null());
}

/* `url` stands for protocol, host, port and path. */
void prepare_service(struct json *entity, bool expressions)
{
    (void)expressions;
    AUTO(json) struct json *url = json_take(entity, "url");
    const char *text = json_text(url);
    if (text == NULL)
        return;
    const char *host = strstr(text, "://");
    if (host == NULL) {
        json_set_text(entity, "path", text);
        return;
    }
    AUTO(text) char *protocol = xstrndup(text, (size_t)(host - text));
    host += 3;
    size_t authority = strcspn(host, "/?#");
    size_t host_length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
    host_length = host_length < authority ? host_length : authority;
    double port = strcmp(protocol, "https") == 0 ? 443 : 80;
    if (host[host_length] == ':')
        port = (double)strtol(host + host_length + 1, NULL, 10);
    json_set_text(entity, "protocol", protocol);
    set_or_null(entity, "host", host, host_length);
    json_set_number(entity, "port", port);
    set_or_null(entity, "path", host + authority, strcspn(host + authority, "?#"));
}

void prepare_ca_certificate(struct json *entity, bool expressions)
{
    (void)expressions;
    const char *pem = json_find_text(entity, "cert");
    char digest[CERTIFICATE_DIGEST_SIZE];
    if (pem == NULL)
        return;
    certificate_digest(pem, digest);
    json_set(entity, "cert_digest", digest[0] != '\0' ? json_new_text(digest) : json_new_null());
}

static bool is_reference(const char *text)
{
    return strncmp(text, "{vault://", 9) == 0;
}

static void check_pair(const struct json *entity, const char *cert, const char *key, struct json *errors)
{
    const char *cert_pem = json_find_text(entity, cert);
    const char *key_pem = json_find_text(entity, key);
    if (cert_pem == NULL || key_pem == NULL || json_find(errors, cert) != NULL || json_find(errors, key) != NULL)
        return;
    if (!is_reference(cert_pem) && !is_reference(key_pem) && !certificate_has_key(cert_pem, key_pem))
        entity_checks_add(errors, "certificate does not match key");
}

void check_certificate_pair(const struct json *entity, bool expressions, struct json *errors)
{
    (void)expressions;
    check_pair(entity, "cert", "key", errors);
    check_pair(entity, "cert_alt", "key_alt", errors);
    const char *cert = json_find_text(entity, "cert");
    const char *alternative = json_find_text(entity, "cert_alt");
    if (cert == NULL || alternative == NULL || json_first(errors) != NULL || is_reference(cert) ||
        is_reference(alternative))
        return;
    if (certificate_key_type(cert) == certificate_key_type(alternative))
        entity_checks_add(errors, "certificate and alternative certificate need to have different type (e.g. RSA and "
                                  "ECDSA), the provided certificates were both of the same type");
}

void check_authority(const struct json *entity, bool expressions, struct json *errors)
{
    (void)expressions;
    const char *pem = json_find_text(entity, "cert");
    if (pem == NULL || json_find(errors, "cert") != NULL)
        return;
    if (certificate_count(pem) > 1)
        entity_checks_add(errors, "please submit only one certificate at a time");
    else if (certificate_is_over(pem))
        entity_checks_add(errors, "certificate expired, \"Not After\" time is in the past");
    else if (!certificate_is_authority(pem))
        entity_checks_add(errors,
                          "certificate does not appear to be a CA because it is missing the \"CA\" basic constraint");
}

static bool jwk_loads(const struct json *jwk)
{
    static const char *const needed[][4] = {
        {"RSA", "n", "e", NULL}, {"EC", "crv", "x", "y"}, {"OKP", "crv", "x", NULL}};
    const char *type = json_find_text(jwk, "kty");
    for (size_t i = 0; type != NULL && i < COUNT_OF(needed); i++) {
        if (strcmp(needed[i][0], type) != 0)
            continue;
        for (size_t part = 1; part < COUNT_OF(needed[i]) && needed[i][part] != NULL; part++) {
            if (json_find_text(jwk, needed[i][part]) == NULL)
                return false;
        }
        return true;
    }
    return false;
}

void check_key_material(const struct json *entity, bool expressions, struct json *errors)
{
    (void)expressions;
    const char *text = json_find_text(entity, "jwk");
    if (text == NULL || is_reference(text) || json_find(errors, "@entity") != NULL)
        return;
    struct err err = ERR_INIT;
    struct json *parsed = NULL;
    if (json_parse(text, strlen(text), &parsed, &err) < 0) {
        entity_checks_add(errors, "could not json decode jwk string");
        return;
    }
    AUTO(json) struct json *jwk = parsed;
    const char *kid = json_find_text(jwk, "kid");
    const char *own = json_find_text(entity, "kid");
    if (kid == NULL || own == NULL || strcmp(kid, own) != 0)
        entity_checks_add(errors, "kid in jwk.kid must be equal to keys.kid");
    else if (!jwk_loads(jwk))
        entity_checks_add(errors, "could not load JWK, likely not a valid key");
}

/* A longer period never allows less than a shorter one. */
static void check_rate_limits(const struct json *config, struct json *errors)
{
    static const char *const periods[] = {"second", "minute", "hour", "day", "month", "year"};
    for (size_t i = 0; i < COUNT_OF(periods); i++) {
        double shorter = json_number(json_find(config, periods[i]), -1);
        for (size_t j = i + 1; shorter > 0 && j < COUNT_OF(periods); j++) {
            double longer = json_number(json_find(config, periods[j]), -1);
            if (longer < 0 || longer >= shorter)
                continue;
            AUTO(text)
            char *text = xasprintf("The limit for %s(%.1f) cannot be lower than the limit for %s(%.1f)", periods[j],
                                   longer, periods[i], shorter);
            json_set_text(errors, "config", text);
            return;
        }
    }
}

void check_plugin_config(const char *name, const struct json *config, struct json *errors)
{
    static const struct {
        const char *name;
        void (*check)(const struct json *config, struct json *errors);
    } rows[] = {{"rate-limiting", check_rate_limits}};
    if (!json_is(config, JSON_OBJECT) || json_find(errors, "config") != NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            rows[i].check(config, errors);
    }
}
