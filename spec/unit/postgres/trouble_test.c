/* Against real servers: whatever is wrong is told with its reason and a remedy, nothing of it is believed, and it is
 * tried again. */
#include <string.h>

#include "base/clock.h"
#include "certificates.h"
#include "reader_fixture.h"

static struct postgres_server *shared;

static int start(void **state)
{
    if (!postgres_missing())
        shared = postgres_start("", "");
    return 0;
}

static int stop(void **state)
{
    postgres_stop(shared);
    return 0;
}

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (shared == NULL)                                                                                            \
            skip();                                                                                                    \
    } while (0)

/* A snapshot is refused for this reason. */
static void refused(struct heard *heard, const char *reason, const char *remedy)
{
    begin(heard, NULL);
    assert_false(heard->good);
    assert_int_equal(heard->troubles, 1);
    if (strstr(heard->trouble.err.text, reason) == NULL || strstr(heard->trouble.remedy, remedy) == NULL)
        fail_msg("%s / %s", heard->trouble.err.text, heard->trouble.remedy);
    assert_true(postgres_reader_rests(heard->reader));
    assert_false(postgres_reader_begin(heard->reader, NULL, on_begun, heard));
    close_reader(heard);
}

static void a_broken_connection_string_is_refused_and_not_quoted(void **state)
{
    static const char *const broken[] = {"host=db password=pass word", "postgresql://u:s3cret@db:5432/kong?nope=s3cret",
                                         "s3cret", "postgresql://u:s3@cret@db/kong"};
    static const char *const none[] = {NULL};
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(loop_new(&loop, &err), 0);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct postgres_reader_options options = {.dsn = broken[i], .workspace = "", .tags = none, .tables = none};
        struct postgres_reader_callbacks callbacks = {0};
        struct postgres_reader *reader = NULL;
        assert_int_not_equal(postgres_reader_new(loop, &options, &callbacks, &reader, &err), 0);
        assert_null(strstr(err.text, "s3cret"));
        assert_null(strstr(err.text, "cret@"));
        assert_null(strstr(err.text, "word\""));
    }
    loop_free(loop);
}

static void a_server_that_is_not_there_is_told(void **state)
{
    refused(open_reader("host=/there/is/none dbname=kong", 1000), "/there/is/none", "check that the server runs");
    refused(open_reader("host=there-is.no-such-host.invalid dbname=kong", 1000), "no-such-host.invalid", "check");
    refused(open_reader("host=localhost port=1 dbname=kong connect_timeout=2", 1000), "port 1 failed", "check");
}

static void a_wrong_password_is_told_without_it(void **state)
{
    NEEDS_SERVER();
    postgres_write(shared, "data/pg_hba.conf",
                   "local all guest scram-sha-256\nlocal all all trust\nlocal replication all trust\n");
    postgres_sql(shared, "SELECT pg_reload_conf(); CREATE ROLE guest LOGIN PASSWORD 'right'");
    AUTO(text)
    char *dsn = xasprintf("host=%s port=%d dbname=kong user=guest password=s3cret", shared->scratch.path, shared->port);
    struct heard *heard = open_reader(dsn, 1000);

    begin(heard, NULL);

    assert_false(heard->good);
    assert_non_null(strstr(heard->trouble.err.text, "password authentication failed"));
    assert_null(strstr(heard->trouble.err.text, "s3cret"));
    close_reader(heard);
    AUTO(text) char *absent = xasprintf("%s dbname=nope", shared->dsn);
    refused(open_reader(absent, 1000), "database \"nope\" does not exist", "");
}

static void the_read_only_role_is_enough_and_less_is_told(void **state)
{
    NEEDS_SERVER();
    postgres_sql_file(shared, "deploy/postgres/read-only.sql");
    postgres_sql_file(shared, "deploy/postgres/read-only.sql");
    struct heard *heard = open_server(shared, "user=kongruent");
    begin_well(heard);
    read_rows(heard, "services", NULL);
    assert_true(heard->complete);
    close_reader(heard);

    postgres_sql(shared, "REVOKE SELECT ON plugins FROM kongruent");
    refused(open_server(shared, "user=kongruent"), "the role kongruent may not read the table plugins",
            "GRANT SELECT ON \"plugins\" TO \"kongruent\"");
    postgres_sql(shared, "GRANT SELECT ON plugins TO kongruent; REVOKE SELECT ON keyauth_credentials FROM kongruent");
    refused(open_server(shared, "user=kongruent"), "may not read the table keyauth_credentials", "GRANT SELECT");
    postgres_sql(shared,
                 "GRANT SELECT ON keyauth_credentials TO kongruent; REVOKE SELECT ON schema_meta FROM kongruent");
    refused(open_server(shared, "user=kongruent"), "may not read the table schema_meta", "GRANT SELECT");
    postgres_sql(shared, "GRANT SELECT ON schema_meta TO kongruent");
}

static void a_policy_that_hides_rows_is_told(void **state)
{
    NEEDS_SERVER();
    postgres_sql_file(shared, "deploy/postgres/read-only.sql");
    postgres_sql(shared, "ALTER TABLE services ENABLE ROW LEVEL SECURITY");
    struct heard *heard = open_server(shared, "user=kongruent");
    begin_well(heard);

    read_rows(heard, "services", NULL);

    assert_false(heard->complete);
    assert_int_equal(heard->troubles, 1);
    assert_non_null(strstr(heard->trouble.err.text, "row-level security"));
    close_reader(heard);
    postgres_sql(shared, "ALTER TABLE services DISABLE ROW LEVEL SECURITY");
}

static void another_layout_is_refused(void **state)
{
    static const char *const cases[][4] = {
        {"UPDATE schema_meta SET executed = executed || '{025_399_to_400}' WHERE subsystem = 'core'",
         "UPDATE schema_meta SET executed = array_remove(executed, '025_399_to_400') WHERE subsystem = 'core'",
         "the migration '025_399_to_400' of Kong, which is unknown", "use a version of kongruent"},
        {"UPDATE schema_meta SET pending = '{004_320_to_330}' WHERE subsystem = 'key-auth'",
         "UPDATE schema_meta SET pending = NULL WHERE subsystem = 'key-auth'", "migrations of 'key-auth' are pending",
         "kong migrations finish"},
        {"INSERT INTO schema_meta VALUES ('schema_meta', 'enterprise', '000_base', '{000_base}', NULL)",
         "DELETE FROM schema_meta WHERE subsystem = 'enterprise'", "Kong Enterprise", "leave PostgreSQL out"},
        {"ALTER TABLE routes RENAME service_id TO served_by", "ALTER TABLE routes RENAME served_by TO service_id",
         "table routes has no column service_id", "use a version of kongruent"},
        {"ALTER TABLE schema_meta RENAME TO other", "ALTER TABLE other RENAME TO schema_meta", "no table schema_meta",
         "search_path"},
        {"UPDATE workspaces SET name = 'main'", "UPDATE workspaces SET name = 'default'",
         "no workspace named 'default'", "--kong-workspace"},
    };
    NEEDS_SERVER();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        postgres_sql(shared, cases[i][0]);
        refused(open_server(shared, ""), cases[i][2], cases[i][3]);
        postgres_sql(shared, cases[i][1]);
    }
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    close_reader(heard);
}

static void a_migration_in_between_is_noticed(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    postgres_reader_end(heard->reader);
    postgres_sql(shared, "ALTER TABLE consumers RENAME custom_id TO custom;"
                         "INSERT INTO schema_meta VALUES ('schema_meta', 'later', 'a', '{a}', NULL)");

    begin(heard, NULL);

    assert_false(heard->good);
    assert_non_null(strstr(heard->trouble.err.text, "consumers has no column custom_id"));
    postgres_sql(shared,
                 "ALTER TABLE consumers RENAME custom TO custom_id; DELETE FROM schema_meta WHERE subsystem = 'later'");
    close_reader(heard);
}

static void add_services(int count)
{
    AUTO(text)
    char *sql = xasprintf("INSERT INTO services (id, name, tags, ws_id, path) SELECT gen_random_uuid(), 'many-' || n, "
                          "'{mine}', '00000000-0000-4000-8000-000000000001', repeat('x', 2000) "
                          "FROM generate_series(1, %d) n",
                          count);
    postgres_sql(shared, sql);
}

static void a_broken_row_is_named_and_all_of_the_reading_is_given_up(void **state)
{
    NEEDS_SERVER();
    postgres_sql(shared,
                 "INSERT INTO plugins (id, name, config, enabled, tags, ws_id) VALUES "
                 "('00000000-0000-4000-8000-00000000bad1', 'deep', (repeat('[', 300) || repeat(']', 300))::jsonb, "
                 "true, '{mine}', '00000000-0000-4000-8000-000000000001')");
    struct heard *heard = open_server(shared, "");
    begin_well(heard);

    read_rows(heard, "plugins", NULL);

    assert_false(heard->complete);
    assert_false(postgres_reader_holds(heard->reader));
    assert_non_null(strstr(heard->trouble.err.text, "table plugins"));
    assert_non_null(strstr(heard->trouble.err.text, "00000000-0000-4000-8000-00000000bad1"));
    assert_non_null(strstr(heard->trouble.err.text, "column \"config\""));
    close_reader(heard);
    postgres_sql(shared, "DELETE FROM plugins");
}

static void a_connection_that_is_cut_in_mid_read_ends_it_once(void **state)
{
    NEEDS_SERVER();
    add_services(20000);
    struct heard *heard = open_server(shared, "application_name=victim");
    struct postgres_table table = {"services", NULL};
    begin_well(heard);
    postgres_reader_rows(heard->reader, &table, NULL, 0, on_object, on_done, heard);
    postgres_reader_rows(heard->reader, &table, NULL, 0, on_object, on_done, heard);
    assert_true(wait_until(heard->loop, &heard->objects, 1));

    postgres_sql(shared, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'");
    assert_true(wait_until(heard->loop, &heard->done, 2));

    assert_false(heard->complete);
    assert_int_equal(heard->troubles, 1);
    assert_true(heard->objects < 40000);
    close_reader(heard);
}

static void end_backend(const char *name)
{
    AUTO(text)
    char *sql =
        xasprintf("SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'", name);
    PGresult *ended = PQexec(shared->admin, sql);
    assert_int_equal(PQntuples(ended), 1);
    pid_t backend = (pid_t)strtol(PQgetvalue(ended, 0, 0), NULL, 10);
    PQclear(ended);
    while (kill(backend, 0) == 0)
        usleep(1000);
}

static void a_connection_that_is_cut_between_two_questions_is_trouble(void **state)
{
    NEEDS_SERVER();
    for (int noticed = 0; noticed < 2; noticed++) {
        struct heard *heard = open_server(shared, "application_name=between");
        begin_well(heard);
        read_rows(heard, "snis", NULL);
        end_backend("between");
        for (int i = 0; i < 5 * noticed; i++)
            loop_run_once(heard->loop, false);

        read_rows(heard, "snis", NULL);

        assert_false(heard->complete);
        assert_int_equal(heard->troubles, 1);
        assert_true(heard->trouble.err.text[0] != '\0');
        close_reader(heard);
    }
}

static void a_server_that_restarts_is_read_again(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    postgres_reader_end(heard->reader);
    char before[128];
    memcpy(before, heard->starts, sizeof(before));
    begin(heard, NULL);
    struct postgres_table table = {"services", NULL};
    postgres_reader_rows(heard->reader, &table, NULL, 0, on_object, on_done, heard);
    assert_true(wait_until(heard->loop, &heard->objects, 1));

    postgres_halt(shared);
    assert_true(wait_until(heard->loop, &heard->done, 1));
    assert_int_equal(heard->troubles, 1);
    postgres_launch(shared);
    postgres_connect(shared);
    while (postgres_reader_rests(heard->reader))
        loop_run_once(heard->loop, false);
    begin_well(heard);

    assert_string_not_equal(heard->starts, before);
    postgres_reader_end(heard->reader);
    close_reader(heard);
}

static void a_connection_that_was_lost_while_idle_is_no_trouble(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "application_name=idle");
    begin_well(heard);
    postgres_reader_end(heard->reader);
    char text[256], server[128];
    memcpy(text, heard->snapshot, sizeof(text));
    memcpy(server, heard->starts, sizeof(server));
    begin(heard, &(struct postgres_snapshot){text, server}); /* nothing is new, and nothing is held */
    assert_false(postgres_reader_holds(heard->reader));

    end_backend("idle");
    begin_well(heard);

    assert_int_equal(heard->troubles, 0);
    close_reader(heard);
}

static void a_statement_that_takes_too_long_is_ended(void **state)
{
    NEEDS_SERVER();
    AUTO(text) char *dsn = xasprintf("%s dbname=kong", shared->dsn);
    struct heard *heard = open_reader(dsn, 300);
    PGconn *other = PQconnectdb(dsn);
    PQclear(PQexec(other, "BEGIN; LOCK TABLE services IN ACCESS EXCLUSIVE MODE"));
    begin(heard, NULL);
    assert_true(heard->good);

    read_rows(heard, "services", NULL);

    assert_false(heard->complete);
    assert_int_equal(heard->troubles, 1);
    assert_true(heard->trouble.remedy[0] != '\0');
    PQfinish(other);
    close_reader(heard);
}

static void the_rest_after_trouble_grows(void **state)
{
    struct heard *heard = open_reader("host=/there/is/none dbname=kong", 1000);
    uint64_t longest = 0;
    for (int i = 0; i < 3; i++) {
        uint64_t start_ms = clock_monotonic_ms();
        begin(heard, NULL);
        while (postgres_reader_rests(heard->reader))
            loop_run_once(heard->loop, false);
        longest = clock_monotonic_ms() - start_ms;
    }
    assert_int_equal(heard->troubles, 3);
    assert_true(longest >= POSTGRES_RETRY_MS * 2); /* the third one: 4 s, half of it at least */
    close_reader(heard);
}

static void a_cancelled_reader_tells_nothing_and_begins_anew(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    struct postgres_table table = {"services", NULL};
    assert_true(postgres_reader_begin(heard->reader, NULL, on_begun, heard));
    postgres_reader_cancel(heard->reader);
    begin_well(heard);
    postgres_reader_rows(heard->reader, &table, NULL, 0, on_object, on_done, heard);
    postgres_reader_cancel(heard->reader);

    begin_well(heard);

    assert_int_equal(heard->begun, 2);
    assert_int_equal(heard->done, 0);
    assert_int_equal(heard->troubles, 0);
    close_reader(heard);
}

/* With a certificate for localhost, made by an authority of its own. */
static struct postgres_server *start_with_tls(const struct certificate *authority)
{
    struct certificate leaf = certificate_make(authority, "localhost", "DNS:localhost", false);
    struct postgres_server *server = postgres_start("", "host all all all trust\nhost all all ::1/128 trust\n"
                                                        "local all all trust\n");
    postgres_write(server, "data/server.crt", leaf.cert_pem);
    postgres_write(server, "data/server.key", leaf.key_pem);
    postgres_write(server, "ca.crt", authority->cert_pem);
    postgres_configure(server, "listen_addresses = 'localhost'\nssl = on\nssl_cert_file = 'server.crt'\n"
                               "ssl_key_file = 'server.key'");
    postgres_halt(server);
    postgres_launch(server);
    postgres_connect(server);
    certificate_done(&leaf);
    return server;
}

static void a_server_that_cannot_prove_who_it_is_is_not_read(void **state)
{
    NEEDS_SERVER();
    struct certificate authority = certificate_make(NULL, "authority", NULL, true);
    struct certificate other = certificate_make(NULL, "other", NULL, true);
    struct postgres_server *server = start_with_tls(&authority);
    AUTO(text)
    char *dsn = xasprintf("host=localhost port=%d user=kong dbname=kong sslmode=verify-full", server->port);
    AUTO(text) char *right = xasprintf("%s sslrootcert=%s/ca.crt", dsn, server->scratch.path);
    struct heard *heard = open_reader(right, 10000);
    begin_well(heard);
    close_reader(heard);

    postgres_write(server, "ca.crt", other.cert_pem);
    refused(open_reader(right, 10000), "certificate verify failed", "check");
    AUTO(text) char *absent = xasprintf("%s sslrootcert=%s/nope.crt", dsn, server->scratch.path);
    refused(open_reader(absent, 10000), "nope.crt", "check");
    postgres_write(server, "ca.crt", "-----BEGIN CERTIFICATE-----\nhalf of it");
    refused(open_reader(right, 10000), "ca.crt", "check");
    postgres_write(server, "ca.crt", authority.cert_pem);
    AUTO(text)
    char *address = xasprintf("host=127.0.0.1 port=%d user=kong dbname=kong sslmode=verify-full sslrootcert=%s/ca.crt",
                              server->port, server->scratch.path);
    refused(open_reader(address, 10000), "does not match host name", "check");

    postgres_stop(server);
    certificate_done(&authority);
    certificate_done(&other);
}

static void a_replica_that_lags_is_not_read(void **state)
{
    NEEDS_SERVER();
    struct postgres_server *replica = postgres_replica(shared);
    postgres_sql_file(shared, "deploy/postgres/read-only.sql");
    AUTO(text)
    char *dsn = xasprintf("%s dbname=kong user=kongruent", replica->dsn); /* it may not see much of the server */
    postgres_connect(replica);
    postgres_sql(shared, "UPDATE services SET retries = 0");
    while (!postgres_says(replica, "SELECT pg_last_xact_replay_timestamp() IS NOT NULL"))
        usleep(20000);
    struct heard *heard = open_reader(dsn, 10000);
    begin_well(heard);
    read_rows(heard, "services", NULL);
    assert_true(heard->objects > 0);
    postgres_reader_end(heard->reader);
    postgres_sql(replica, "SELECT pg_wal_replay_pause()");
    postgres_sql(shared, "UPDATE services SET retries = 1");
    usleep(1500000); /* what is told is how long it lags */
    close_reader(heard);

    heard = open_reader(dsn, 10000);
    refused(heard, "ms behind (limit: 1000 ms)", "--postgres-max-lag");

    postgres_stop(replica);
}

#define test(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_broken_connection_string_is_refused_and_not_quoted),
        test(a_server_that_is_not_there_is_told),
        test(a_wrong_password_is_told_without_it),
        test(the_read_only_role_is_enough_and_less_is_told),
        test(a_policy_that_hides_rows_is_told),
        test(another_layout_is_refused),
        test(a_migration_in_between_is_noticed),
        test(a_broken_row_is_named_and_all_of_the_reading_is_given_up),
        test(a_connection_that_is_cut_in_mid_read_ends_it_once),
        test(a_connection_that_is_cut_between_two_questions_is_trouble),
        test(a_server_that_restarts_is_read_again),
        test(a_connection_that_was_lost_while_idle_is_no_trouble),
        test(a_statement_that_takes_too_long_is_ended),
        test(the_rest_after_trouble_grows),
        test(a_cancelled_reader_tells_nothing_and_begins_anew),
        test(a_server_that_cannot_prove_who_it_is_is_not_read),
        test(a_replica_that_lags_is_not_read),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
