-- put_row(table, entity) stores an entity, given as the Admin API shows it, as Kong would: PostgreSQL's own conversion from JSON, so that
-- it shares nothing with what is tested.
CREATE FUNCTION put_row(name text, entity jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    row jsonb := '{}';
    field record;
    assignments text;
BEGIN
    FOR field IN SELECT * FROM jsonb_each(entity) LOOP
        IF field.key IN ('created_at', 'updated_at') THEN
            row := row || jsonb_build_object(field.key, to_timestamp((field.value #>> '{}')::float8));
        ELSIF field.key = 'ttl' AND jsonb_typeof(field.value) = 'number' THEN
            row := row || jsonb_build_object('ttl', now() + make_interval(secs => (field.value #>> '{}')::float8));
        ELSIF EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = name AND column_name = field.key || '_id') THEN
            row := row || jsonb_build_object(field.key || '_id', field.value -> 'id');
        ELSE
            row := row || jsonb_build_object(field.key, field.value);
        END IF;
    END LOOP;
    row := row || '{"ws_id": "00000000-0000-4000-8000-000000000001"}';
    IF name = 'plugins' THEN -- deprecated fields are shown, and not stored
        row := jsonb_set(row, '{config}', COALESCE((SELECT jsonb_object_agg(key, value) FROM jsonb_each(row -> 'config')
            WHERE key NOT LIKE 'redis\_%'), '{}'));
    END IF;
    SELECT string_agg(format('%I = EXCLUDED.%I', column_name, column_name), ', ') INTO assignments
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name = name;
    EXECUTE format('INSERT INTO %I SELECT (jsonb_populate_record(NULL::%I, $1)).* ON CONFLICT (id) DO UPDATE SET %s', name, name, assignments)
        USING row;
END $$;
