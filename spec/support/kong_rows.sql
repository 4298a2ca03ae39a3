-- One entity of every sort, tagged `mine`, with values that are easily misread; some of others in between.  kong_rows.json has the same
-- entities as the Admin API shows them.
INSERT INTO workspaces (id, name) VALUES ('00000000-0000-4000-8000-000000000002', 'other');
INSERT INTO certificates (id, created_at, cert, key, tags, ws_id, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000c1', '2026-11-23 14:34:10+00', E'-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
     E'-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----', '{mine,k8s-name:tls}', '00000000-0000-4000-8000-000000000001',
     '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-0000000000cf', '2026-11-23 14:34:10+00', 'foreign', 'foreign', '{theirs}', '00000000-0000-4000-8000-000000000001',
     '2026-11-23 14:34:10+00');
INSERT INTO ca_certificates (id, created_at, cert, tags, cert_digest, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000ca', '2026-11-23 14:34:10+00', E'-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n', '{mine}',
     'd1', '2026-11-23 14:34:10+00');
INSERT INTO services (id, created_at, updated_at, name, retries, protocol, host, port, path, connect_timeout, write_timeout, read_timeout, tags,
    client_certificate_id, tls_verify, tls_verify_depth, ca_certificates, ws_id, enabled) VALUES
    ('00000000-0000-4000-8000-0000000000a1', '2026-11-23 14:34:10+00', '2026-11-23 15:00:00+00', 'default.shop.80', 5, 'https', 'shop.default.80.svc',
     443, '/a "b"\c', 60000, 60000, 60000, '{k8s-name:shop,mine,"quoted \"tag\"",back\\slash}', '00000000-0000-4000-8000-0000000000c1', true, 2,
     '{00000000-0000-4000-8000-0000000000ca}', '00000000-0000-4000-8000-000000000001', true),
    ('00000000-0000-4000-8000-0000000000a2', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'default.plain.80', 5, 'http', 'plain', 80, NULL,
     60000, 60000, 60000, '{mine}', NULL, NULL, NULL, NULL, '00000000-0000-4000-8000-000000000001', false),
    ('00000000-0000-4000-8000-0000000000af', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'theirs', 5, 'http', 'plain', 80, NULL,
     60000, 60000, 60000, '{minez}', NULL, NULL, NULL, NULL, '00000000-0000-4000-8000-000000000001', true),
    ('00000000-0000-4000-8000-0000000000ae', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'untagged', 5, 'http', 'plain', 80, NULL,
     60000, 60000, 60000, NULL, NULL, NULL, NULL, NULL, '00000000-0000-4000-8000-000000000001', true),
    ('00000000-0000-4000-8000-0000000000ad', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'elsewhere', 5, 'http', 'plain', 80, NULL,
     60000, 60000, 60000, '{mine}', NULL, NULL, NULL, NULL, '00000000-0000-4000-8000-000000000002', true);
INSERT INTO routes (id, created_at, updated_at, name, service_id, protocols, methods, hosts, paths, snis, sources, destinations, regex_priority,
    strip_path, preserve_host, tags, https_redirect_status_code, headers, path_handling, ws_id, request_buffering, response_buffering, expression,
    priority) VALUES
    ('00000000-0000-4000-8000-0000000000b1', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'default.shop.route', '00000000-0000-4000-8000-0000000000a1',
     '{https,http}', '{GET,POST}', '{shop.example,*.shop.example}', '{"~/a{1,3}$","/ü,x"}', NULL, NULL, NULL, 0, true, false, '{mine}', 426,
     '{"x-team": ["blue", "~*^gr(a|e)y$"]}', 'v0', '00000000-0000-4000-8000-000000000001', true, true, 'a leftover of another flavour', 3),
    ('00000000-0000-4000-8000-0000000000b2', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'default.stream', '00000000-0000-4000-8000-0000000000a2',
     '{tcp,tls}', NULL, NULL, NULL, '{b.example,a.example}', '{"{\"ip\": \"10.0.0.0/8\", \"port\": 9000}","{\"ip\": \"192.168.1.1\"}"}',
     '{"{\"port\": 9443}"}', 0, true, false, '{mine}', 426, NULL, 'v0', '00000000-0000-4000-8000-000000000001', true, true, NULL, NULL),
    ('00000000-0000-4000-8000-0000000000b3', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', 'serviceless', NULL, '{http,https}', NULL, NULL, '{/}', NULL,
     NULL, NULL, 0, true, false, '{mine}', 426, NULL, 'v0', '00000000-0000-4000-8000-000000000001', true, true, NULL, NULL);
INSERT INTO snis (id, created_at, name, certificate_id, tags, ws_id, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000d1', '2026-11-23 14:34:10+00', 'shop.example', '00000000-0000-4000-8000-0000000000c1', '{mine}',
     '00000000-0000-4000-8000-000000000001', '2026-11-23 14:34:10+00');
INSERT INTO upstreams (id, created_at, name, hash_on, hash_fallback, hash_on_header, hash_on_cookie_path, slots, healthchecks, tags, algorithm, host_header,
    client_certificate_id, ws_id, use_srv_name, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000e1', '2026-11-23 14:34:10+00', 'shop.default.80.svc', 'header', 'ip', 'x-user', '/', 10000,
     '{"active": {"type": "https", "headers": {"X-Probe": ["1"]}, "healthy": {"interval": 5.5, "successes": 2, "http_statuses": [200, 302]}, "timeout": 1, "http_path": "/live", "https_sni": "shop.example", "unhealthy": {"interval": 5, "timeouts": 3, "tcp_failures": 2, "http_failures": 1, "http_statuses": [429, 500]}, "concurrency": 10, "https_verify_certificate": false}, "passive": {"type": "http", "healthy": {"successes": 0, "http_statuses": [200, 201]}, "unhealthy": {"timeouts": 0, "tcp_failures": 0, "http_failures": 0, "http_statuses": [429, 500, 503]}}, "threshold": 12.5}',
     '{mine}', 'consistent-hashing', 'shop.example', '00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-000000000001', false,
     '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-0000000000e2', '2026-11-23 14:34:10+00', 'plain', 'none', 'none', NULL, '/', 10000, '{"threshold": 0}', '{mine}',
     'round-robin', NULL, NULL, '00000000-0000-4000-8000-000000000001', false, '2026-11-23 14:34:10+00');
INSERT INTO targets (id, created_at, upstream_id, target, weight, tags, ws_id, cache_key, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000000f1', '2026-11-23 14:34:10.926+00', '00000000-0000-4000-8000-0000000000e1', '10.0.0.1:8080', 100, '{mine}',
     '00000000-0000-4000-8000-000000000001', 'targets:1', '2026-11-23 14:34:10.926+00'),
    ('00000000-0000-4000-8000-0000000000f2', '2026-11-23 14:34:10.926+00', '00000000-0000-4000-8000-0000000000e1', '[2001:db8::1]:8080', 0, '{mine}',
     '00000000-0000-4000-8000-000000000001', 'targets:2', '2026-11-23 14:34:10.926+00');
INSERT INTO consumers (id, created_at, username, custom_id, tags, ws_id, updated_at) VALUES
    ('00000000-0000-4000-8000-000000000101', '2026-11-23 14:34:10+00', 'bob', 'b-1', '{mine}', '00000000-0000-4000-8000-000000000001', '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-000000000102', '2026-11-23 14:34:10+00', NULL, 'nameless', '{mine}', '00000000-0000-4000-8000-000000000001', '2026-11-23 14:34:10+00');
INSERT INTO plugins (id, created_at, name, consumer_id, service_id, route_id, config, enabled, cache_key, protocols, tags, ws_id, instance_name,
    updated_at) VALUES
    ('00000000-0000-4000-8000-000000000111', '2026-11-23 14:34:10+00', 'rate-limiting', '00000000-0000-4000-8000-000000000101', NULL,
     '00000000-0000-4000-8000-0000000000b1',
     '{"day": null, "hour": null, "minute": 5, "policy": "redis", "limit_by": "consumer", "redis": {"host": "redis", "port": 6380, "database": 0, "timeout": 2000, "ssl": false, "ssl_verify": false}, "fault_tolerant": true, "hide_client_headers": false, "error_code": 429, "error_message": "API rate limit exceeded", "sync_rate": -1}',
     true, 'plugins:1', '{grpc,grpcs,http,https}', '{mine}', '00000000-0000-4000-8000-000000000001', 'limit', '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-000000000112', '2026-11-23 14:34:10+00', 'request-transformer', NULL, '00000000-0000-4000-8000-0000000000a1', NULL,
     '{"add": {"headers": ["x-a:\"1\"", "x-b:{}"], "querystring": [], "body": []}, "http_method": null}', false, 'plugins:2', '{http,https}', '{mine}',
     '00000000-0000-4000-8000-000000000001', NULL, '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-000000000113', '2026-11-23 14:34:10+00', 'rate-limiting', NULL, '00000000-0000-4000-8000-0000000000a2', NULL,
     '{"second": 7, "policy": "redis", "redis_host": "as-written-by-kong-3.5", "redis_port": 6379, "gone_since": "3.0"}',
     true, 'plugins:3', '{http,https}', '{mine}', '00000000-0000-4000-8000-000000000001', NULL, '2026-11-23 14:34:10+00');
INSERT INTO sm_vaults (id, ws_id, prefix, name, description, config, created_at, updated_at, tags) VALUES
    ('00000000-0000-4000-8000-000000000121', '00000000-0000-4000-8000-000000000001', 'my-env', 'env', 'secrets of the environment', '{"prefix": "SECRET_"}',
     '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00', '{mine}');
INSERT INTO keyauth_credentials (id, created_at, consumer_id, key, tags, ttl, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000131', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'opensesame', '{mine}', NULL,
     '00000000-0000-4000-8000-000000000001'),
    ('00000000-0000-4000-8000-000000000132', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'for-now', '{mine}',
     now() + interval '1 day', '00000000-0000-4000-8000-000000000001'),
    ('00000000-0000-4000-8000-000000000133', '2020-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'over', '{mine}',
     '2020-11-23 14:35:10+00', '00000000-0000-4000-8000-000000000001');
INSERT INTO basicauth_credentials (id, created_at, consumer_id, username, password, tags, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000141', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'bob', '838dbe0757b34d84e750f54bac82f7500dc90351',
     '{mine}', '00000000-0000-4000-8000-000000000001');
INSERT INTO hmacauth_credentials (id, created_at, consumer_id, username, secret, tags, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000151', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'bob', 's3cret', '{mine}',
     '00000000-0000-4000-8000-000000000001');
INSERT INTO jwt_secrets (id, created_at, consumer_id, key, secret, algorithm, rsa_public_key, tags, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000161', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'issuer', 's3cret', 'HS256', NULL, '{mine}',
     '00000000-0000-4000-8000-000000000001');
INSERT INTO oauth2_credentials (id, created_at, name, consumer_id, client_id, client_secret, redirect_uris, tags, client_type, hash_secret, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000171', '2026-11-23 14:34:10+00', 'app', '00000000-0000-4000-8000-000000000101', 'client', 's3cret',
     '{https://app.example/a,"https://app.example/b?c={d}"}', '{mine}', 'confidential', false, '00000000-0000-4000-8000-000000000001');
INSERT INTO acls (id, created_at, consumer_id, "group", cache_key, tags, ws_id) VALUES
    ('00000000-0000-4000-8000-000000000181', '2026-11-23 14:34:10+00', '00000000-0000-4000-8000-000000000101', 'admins', 'acls:1', '{mine}',
     '00000000-0000-4000-8000-000000000001');
INSERT INTO key_sets (id, name, tags, ws_id, created_at, updated_at) VALUES
    ('00000000-0000-4000-8000-000000000191', 'set', '{mine}', '00000000-0000-4000-8000-000000000001', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00');
INSERT INTO keys (id, set_id, name, cache_key, ws_id, kid, jwk, pem, tags, created_at, updated_at) VALUES
    ('00000000-0000-4000-8000-0000000001a1', '00000000-0000-4000-8000-000000000191', 'key', 'keys:1', '00000000-0000-4000-8000-000000000001', 'k1',
     '{"kty": "oct", "kid": "k1", "k": "AAAA"}', NULL, '{mine}', '2026-11-23 14:34:10+00', '2026-11-23 14:34:10+00'),
    ('00000000-0000-4000-8000-0000000001a2', NULL, 'pem', 'keys:2', '00000000-0000-4000-8000-000000000001', 'k2', NULL,
     '{"public_key": "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----", "private_key": null}', '{mine}', '2026-11-23 14:34:10+00',
     '2026-11-23 14:34:10+00');
