-- A role that may read what kongruent needs of a Kong Gateway's database, and nothing else.  Run it in that database as the owner of its
-- tables (Kong's pg_user) or as a superuser, again after every upgrade of Kong; it may be run any number of times.
-- Give the role its password apart from this: \password kongruent
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'kongruent') THEN
        CREATE ROLE kongruent LOGIN NOINHERIT CONNECTION LIMIT 8;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO kongruent', current_database());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO kongruent', current_schema());
    FOREACH name IN ARRAY ARRAY[
        'schema_meta', 'workspaces', 'tags',
        'services', 'routes', 'upstreams', 'targets', 'plugins', 'consumers', 'certificates', 'snis', 'ca_certificates', 'sm_vaults',
        'keyauth_credentials', 'basicauth_credentials', 'hmacauth_credentials', 'jwt_secrets', 'oauth2_credentials', 'acls',
        'key_sets', 'keys', 'filter_chains' -- for KongCustomEntity; add the tables of plugins of your own
    ] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %I TO kongruent', name);
        END IF;
    END LOOP;
END $$;
ALTER ROLE kongruent SET default_transaction_read_only = on;
