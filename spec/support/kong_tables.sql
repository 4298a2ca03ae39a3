-- The tables of a Kong Gateway 3.9 as far as kongruent reads them, with Kong's default workspace and the names of its migrations; no rows.
CREATE TABLE workspaces (id uuid PRIMARY KEY, name text, comment text, created_at timestamptz, meta jsonb, config jsonb, updated_at timestamptz);
CREATE TABLE schema_meta (key text NOT NULL, subsystem text NOT NULL, last_executed text, executed text[], pending text[]);
CREATE TABLE parameters (key text NOT NULL, value text NOT NULL, created_at timestamptz);
CREATE TABLE tags (entity_id uuid NOT NULL, entity_name text, tags text[]);
CREATE TABLE certificates (id uuid PRIMARY KEY, created_at timestamptz, cert text, key text, tags text[], ws_id uuid, cert_alt text, key_alt text,
    updated_at timestamptz);
CREATE TABLE ca_certificates (id uuid PRIMARY KEY, created_at timestamptz, cert text NOT NULL, tags text[], cert_digest text NOT NULL,
    updated_at timestamptz);
CREATE TABLE services (id uuid PRIMARY KEY, created_at timestamptz, updated_at timestamptz, name text, retries bigint, protocol text, host text,
    port bigint, path text, connect_timeout bigint, write_timeout bigint, read_timeout bigint, tags text[], client_certificate_id uuid,
    tls_verify boolean, tls_verify_depth smallint, ca_certificates uuid[], ws_id uuid, enabled boolean);
CREATE TABLE routes (id uuid PRIMARY KEY, created_at timestamptz, updated_at timestamptz, name text, service_id uuid, protocols text[],
    methods text[], hosts text[], paths text[], snis text[], sources jsonb[], destinations jsonb[], regex_priority bigint, strip_path boolean,
    preserve_host boolean, tags text[], https_redirect_status_code integer, headers jsonb, path_handling text, ws_id uuid, request_buffering boolean,
    response_buffering boolean, expression text, priority bigint);
CREATE TABLE snis (id uuid PRIMARY KEY, created_at timestamptz, name text NOT NULL, certificate_id uuid, tags text[], ws_id uuid,
    updated_at timestamptz);
CREATE TABLE upstreams (id uuid PRIMARY KEY, created_at timestamptz, name text, hash_on text, hash_fallback text, hash_on_header text,
    hash_fallback_header text, hash_on_cookie text, hash_on_cookie_path text, slots integer NOT NULL, healthchecks jsonb, tags text[],
    algorithm text, host_header text, client_certificate_id uuid, ws_id uuid, hash_on_query_arg text, hash_fallback_query_arg text,
    hash_on_uri_capture text, hash_fallback_uri_capture text, use_srv_name boolean, updated_at timestamptz);
CREATE TABLE targets (id uuid PRIMARY KEY, created_at timestamptz, upstream_id uuid, target text NOT NULL, weight integer NOT NULL, tags text[],
    ws_id uuid, cache_key text, updated_at timestamptz);
CREATE TABLE consumers (id uuid PRIMARY KEY, created_at timestamptz, username text, custom_id text, tags text[], ws_id uuid, updated_at timestamptz);
CREATE TABLE plugins (id uuid PRIMARY KEY, created_at timestamptz, name text NOT NULL, consumer_id uuid, service_id uuid, route_id uuid,
    config jsonb NOT NULL, enabled boolean NOT NULL, cache_key text, protocols text[], tags text[], ws_id uuid, instance_name text,
    updated_at timestamptz);
CREATE TABLE sm_vaults (id uuid PRIMARY KEY, ws_id uuid, prefix text, name text NOT NULL, description text, config jsonb NOT NULL,
    created_at timestamptz, updated_at timestamptz, tags text[]);
CREATE TABLE key_sets (id uuid PRIMARY KEY, name text, tags text[], ws_id uuid, created_at timestamptz, updated_at timestamptz);
CREATE TABLE keys (id uuid PRIMARY KEY, set_id uuid, name text, cache_key text, ws_id uuid, kid text, jwk text, pem jsonb, tags text[],
    created_at timestamptz, updated_at timestamptz);
CREATE TABLE filter_chains (id uuid PRIMARY KEY, name text, enabled boolean, route_id uuid, service_id uuid, ws_id uuid, cache_key text,
    filters jsonb[], tags text[], created_at timestamptz, updated_at timestamptz);
CREATE TABLE acls (id uuid PRIMARY KEY, created_at timestamptz, consumer_id uuid, "group" text, cache_key text, tags text[], ws_id uuid);
CREATE TABLE basicauth_credentials (id uuid PRIMARY KEY, created_at timestamptz, consumer_id uuid, username text, password text, tags text[],
    ws_id uuid);
CREATE TABLE hmacauth_credentials (id uuid PRIMARY KEY, created_at timestamptz, consumer_id uuid, username text, secret text, tags text[],
    ws_id uuid);
CREATE TABLE jwt_secrets (id uuid PRIMARY KEY, created_at timestamptz, consumer_id uuid, key text, secret text, algorithm text, rsa_public_key text,
    tags text[], ws_id uuid);
CREATE TABLE keyauth_credentials (id uuid PRIMARY KEY, created_at timestamptz, consumer_id uuid, key text, tags text[], ttl timestamptz, ws_id uuid);
CREATE TABLE oauth2_credentials (id uuid PRIMARY KEY, created_at timestamptz, name text, consumer_id uuid, client_id text, client_secret text,
    redirect_uris text[], tags text[], client_type text, hash_secret boolean, ws_id uuid);
CREATE TABLE acme_storage (id uuid PRIMARY KEY, key text, value text, created_at timestamptz, ttl timestamptz);
CREATE TABLE cluster_events (id uuid PRIMARY KEY, node_id uuid NOT NULL, at timestamptz NOT NULL, nbf timestamptz, expire_at timestamptz NOT NULL,
    channel text, data text);

ALTER TABLE services ADD FOREIGN KEY (client_certificate_id) REFERENCES certificates;
ALTER TABLE upstreams ADD FOREIGN KEY (client_certificate_id) REFERENCES certificates;
ALTER TABLE routes ADD FOREIGN KEY (service_id) REFERENCES services;
ALTER TABLE snis ADD FOREIGN KEY (certificate_id) REFERENCES certificates ON DELETE CASCADE; -- Kong does it itself
ALTER TABLE targets ADD FOREIGN KEY (upstream_id) REFERENCES upstreams ON DELETE CASCADE;
ALTER TABLE plugins ADD FOREIGN KEY (service_id) REFERENCES services ON DELETE CASCADE,
    ADD FOREIGN KEY (route_id) REFERENCES routes ON DELETE CASCADE, ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE keys ADD FOREIGN KEY (set_id) REFERENCES key_sets ON DELETE CASCADE;
ALTER TABLE acls ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE basicauth_credentials ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE hmacauth_credentials ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE jwt_secrets ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE keyauth_credentials ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;
ALTER TABLE oauth2_credentials ADD FOREIGN KEY (consumer_id) REFERENCES consumers ON DELETE CASCADE;

-- Kong keeps the tags of all tables in one, by a trigger on each.
CREATE FUNCTION sync_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM tags WHERE entity_id = OLD.id;
    ELSE
        INSERT INTO tags VALUES (NEW.id, TG_TABLE_NAME, NEW.tags) ON CONFLICT (entity_id) DO UPDATE SET tags = EXCLUDED.tags;
    END IF;
    RETURN NULL;
END $$;
ALTER TABLE tags ADD PRIMARY KEY (entity_id);
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'tags' AND table_name <> 'tags' LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OF tags OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION sync_tags()',
            name || '_sync_tags', name);
        EXECUTE format('CREATE INDEX %I ON %I USING gin (tags)', name || '_tags_idx', name);
    END LOOP;
END $$;
CREATE INDEX tags_tags_idx ON tags USING gin (tags);

INSERT INTO workspaces (id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'default');
INSERT INTO schema_meta VALUES
    ('schema_meta', 'core', '024_380_to_390', '{000_base,003_100_to_110,004_110_to_120,005_120_to_130,006_130_to_140,007_140_to_150,008_150_to_200,009_200_to_210,010_210_to_211,011_212_to_213,012_213_to_220,013_220_to_230,014_230_to_270,015_270_to_280,016_280_to_300,017_300_to_310,018_310_to_320,019_320_to_330,020_330_to_340,021_340_to_350,022_350_to_360,023_360_to_370,024_380_to_390}', '{}'),
    ('schema_meta', 'key-auth', '004_320_to_330', '{000_base_key_auth,002_130_to_140,003_200_to_210,004_320_to_330}', NULL);
