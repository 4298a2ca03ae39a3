/* Which field has which check of its own: growth is a row here and a function beside the others of its sort. */
#include "checks.h"

#include <string.h>

static const struct {
    const char *path; /* a leading '*' stands for any table */
    schema_check_fn *check;
} rows[] = {
    {"*.tags.elements", check_tag},
    {"services.name", check_name},
    {"services.host", check_host},
    {"services.path", check_path},
    {"routes.name", check_name},
    {"routes.hosts.elements", check_host},
    {"routes.snis.elements", check_sni},
    {"routes.paths.elements", check_route_path},
    {"routes.sources.elements.ip", check_address},
    {"routes.destinations.elements.ip", check_address},
    {"plugins.instance_name", check_name},
    {"upstreams.name", check_upstream_name},
    {"upstreams.host_header", check_host},
    {"upstreams.hash_on_cookie_path", check_path},
    {"upstreams.healthchecks.active.http_path", check_path},
    {"upstreams.healthchecks.active.https_sni", check_sni},
    {"targets.target", check_target},
    {"snis.name", check_sni},
    {"certificates.cert", check_certificate},
    {"certificates.key", check_key},
    {"certificates.cert_alt", check_certificate},
    {"certificates.key_alt", check_key},
    {"ca_certificates.cert", check_certificate},
    {"jwt_secrets.rsa_public_key", check_rsa_public_key},
    {"oauth2_credentials.redirect_uris.elements", check_redirect_uri},
    {"keys.pem.public_key", check_public_key},
    {"keys.pem.private_key", check_private_key},
    {"plugins/cors.config.origins.elements", check_origin},
    {"plugins/http-log.config.http_endpoint", check_url},
    {"plugins/ip-restriction.config.allow.elements", check_address},
    {"plugins/ip-restriction.config.deny.elements", check_address},
    {"plugins/loggly.config.host", check_host},
    {"plugins/opentelemetry.config.traces_endpoint", check_url},
    {"plugins/opentelemetry.config.logs_endpoint", check_url},
    {"plugins/rate-limiting.config.path", check_path},
    {"plugins/rate-limiting.config.redis.host", check_host},
    {"plugins/response-ratelimiting.config.redis.host", check_host},
    {"plugins/tcp-log.config.host", check_host},
    {"plugins/udp-log.config.host", check_host},
    {"plugins/zipkin.config.http_endpoint", check_url},
};

schema_check_fn *checks_find(const char *path)
{
    const char *rest = strchr(path, '.');
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *row = rows[i].path;
        if (row[0] == '*' ? rest != NULL && strcmp(row + 1, rest) == 0 : strcmp(row, path) == 0)
            return rows[i].check;
    }
    return NULL;
}
