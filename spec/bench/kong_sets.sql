-- Fills a Kong Gateway's empty database as `sets` Ingress sets would: psql -v sets=10000 -f kong_sets.sql.  A set is two services, routes and
-- upstreams, four targets, and for every tenth a certificate, a consumer with a key and four plugins.  Nothing tells Kong's nodes.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(kind || n)::uuid $$;
CREATE FUNCTION pg_temp.tags(kind text, n bigint) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['k8s-name:app-' || n, 'k8s-namespace:team-' || n % 100, 'k8s-kind:' || kind, 'k8s-uid:' || md5('uid' || n)::uuid, 'k8s-version:v1',
        'managed-by:kongruent.default.kongruent'] $$;
CREATE FUNCTION pg_temp.workspace() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM workspaces WHERE name = 'default' $$;
BEGIN;
INSERT INTO services (id, created_at, updated_at, name, retries, protocol, host, port, path, connect_timeout, write_timeout, read_timeout, tags, ws_id,
        enabled)
    SELECT pg_temp.id('s', n), date_trunc('second', now()), date_trunc('second', now()), 'team.app-' || n || '.80', 5, 'http', 'app-' || n || '.team.80.svc', 80, '/', 60000, 60000, 60000,
        pg_temp.tags('Service', n), pg_temp.workspace(), true FROM generate_series(1, 2 * :sets) n;
INSERT INTO routes (id, created_at, updated_at, name, service_id, protocols, hosts, paths, regex_priority, strip_path, preserve_host, tags,
        https_redirect_status_code, path_handling, ws_id, request_buffering, response_buffering)
    SELECT pg_temp.id('r', n), date_trunc('second', now()), date_trunc('second', now()), 'team.app-' || n || '.route', pg_temp.id('s', n), '{http,https}', ARRAY['app-' || n || '.example.com'],
        '{/api/,~/api$}', 0, true, true, pg_temp.tags('Ingress', n), 426, 'v0', pg_temp.workspace(), true, true FROM generate_series(1, 2 * :sets) n;
INSERT INTO upstreams (id, created_at, updated_at, name, hash_on, hash_fallback, hash_on_cookie_path, slots, healthchecks, tags, algorithm, ws_id,
        use_srv_name)
    SELECT pg_temp.id('u', n), date_trunc('second', now()), date_trunc('second', now()), 'app-' || n || '.team.80.svc', 'none', 'none', '/', 10000,
        '{"active": {"type": "http", "headers": null, "healthy": {"interval": 0, "successes": 0, "http_statuses": [200, 302]}, "timeout": 1, "http_path": "/", "https_sni": null, "unhealthy": {"interval": 0, "timeouts": 0, "tcp_failures": 0, "http_failures": 0, "http_statuses": [429, 404, 500, 501, 502, 503, 504, 505]}, "concurrency": 10, "https_verify_certificate": true}, "passive": {"type": "http", "healthy": {"successes": 0, "http_statuses": [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308]}, "unhealthy": {"timeouts": 0, "tcp_failures": 0, "http_failures": 0, "http_statuses": [429, 500, 503]}}, "threshold": 0}',
        pg_temp.tags('Service', n), 'round-robin', pg_temp.workspace(), false FROM generate_series(1, 2 * :sets) n;
INSERT INTO targets (id, created_at, updated_at, upstream_id, target, weight, tags, ws_id, cache_key)
    SELECT pg_temp.id('t', n), now(), now(), pg_temp.id('u', n / 2 + 1), '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256 || ':8080', 100,
        '{managed-by:kongruent.default.kongruent}', pg_temp.workspace(), 'targets:' || n FROM generate_series(0, 4 * :sets - 1) n;
INSERT INTO certificates (id, created_at, updated_at, cert, key, tags, ws_id)
    SELECT pg_temp.id('c', n), date_trunc('second', now()), date_trunc('second', now()), repeat('c', 1200) || n, repeat('k', 1700) || n, pg_temp.tags('Secret', n), pg_temp.workspace()
        FROM generate_series(1, :sets / 10) n;
INSERT INTO consumers (id, created_at, updated_at, username, tags, ws_id)
    SELECT pg_temp.id('o', n), date_trunc('second', now()), date_trunc('second', now()), 'user-' || n, pg_temp.tags('KongConsumer', n), pg_temp.workspace() FROM generate_series(1, :sets / 10) n;
INSERT INTO keyauth_credentials (id, created_at, consumer_id, key, tags, ws_id)
    SELECT pg_temp.id('k', n), date_trunc('second', now()), pg_temp.id('o', n), 'key-' || n, pg_temp.tags('Secret', n), pg_temp.workspace()
        FROM generate_series(1, :sets / 10) n;
INSERT INTO plugins (id, created_at, updated_at, name, route_id, config, enabled, cache_key, protocols, tags, ws_id)
    SELECT pg_temp.id('p', n), date_trunc('second', now()), date_trunc('second', now()), CASE WHEN n % 2 = 0 THEN 'rate-limiting' ELSE 'key-auth' END, pg_temp.id('r', n / 2 + 1),
        CASE WHEN n % 2 = 0 THEN
            '{"day": null, "hour": null, "path": null, "year": null, "month": null, "redis": {"ssl": false, "host": null, "port": 6379, "timeout": 2000, "database": 0, "password": null, "username": null, "ssl_verify": false, "server_name": null}, "minute": 100, "policy": "local", "second": null, "limit_by": "consumer", "sync_rate": -1, "error_code": 429, "header_name": null, "error_message": "API rate limit exceeded", "fault_tolerant": true, "hide_client_headers": false}'::jsonb
        ELSE
            '{"realm": null, "anonymous": null, "key_names": ["apikey"], "key_in_body": false, "key_in_query": true, "key_in_header": true, "hide_credentials": false, "run_on_preflight": true}'::jsonb
        END, true, 'plugins:' || n, '{grpc,grpcs,http,https}', pg_temp.tags('KongPlugin', n), pg_temp.workspace()
        FROM generate_series(0, 4 * :sets / 10 - 1) n;
COMMIT;
ANALYZE;
