/* Against a real server: what is read, and what happens when it cannot be. */
#include <string.h>

#include "reader_fixture.h"

#define DEFAULT_WORKSPACE "00000000-0000-4000-8000-000000000001"

static struct postgres_server *shared;

static void on_id(void *user, const char *entity, const char *id)
{
    buf_printf(&((struct heard *)user)->texts, "%s %s\n", entity, id);
}

static void on_changes(void *user, const char *entity, size_t rows, const char *const *changed, size_t changed_count)
{
    struct buf *texts = &((struct heard *)user)->texts;
    buf_printf(texts, "%s %zu", entity, rows);
    for (size_t i = 0; i < changed_count; i++)
        buf_printf(texts, " %s", changed[i] + 24);
    buf_append_char(texts, '\n');
}

static void on_newest(void *user, const struct postgres_newest *newest)
{
    buf_printf(&((struct heard *)user)->texts, "%s %s %.0f %.0f\n", newest->entity, newest->id, newest->created_at,
               newest->updated_at);
}

static int fill(void **state)
{
    if (postgres_missing())
        return 0;
    shared = postgres_start("", "");
    postgres_sql_file(shared, "spec/support/kong_rows.sql");
    return 0;
}

static int empty(void **state)
{
    postgres_stop(shared);
    return 0;
}

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (shared == NULL)                                                                                            \
            skip();                                                                                                    \
    } while (0)

static void rows_are_shown_as_the_admin_api_does(void **state)
{
    static const char *const references[] = {"service", NULL};
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");

    begin_well(heard);
    read_rows(heard, "routes", references);

    assert_true(heard->complete);
    assert_int_equal(heard->objects, 3);
    assert_non_null(strstr(buf_text(&heard->texts), "\"headers\":{\"x-team\":[\"blue\",\"~*^gr(a|e)y$\"]}"));
    assert_non_null(strstr(buf_text(&heard->texts), "\"service\":{\"id\":\"00000000-0000-4000-8000-0000000000a1\"}"));
    assert_non_null(strstr(buf_text(&heard->texts),
                           "\"sources\":[{\"ip\":\"10.0.0.0/8\",\"port\":9000},{\"ip\":\"192.168.1.1\"}]"));
    assert_null(strstr(buf_text(&heard->texts), "ws_id"));
    postgres_reader_end(heard->reader);
    close_reader(heard);
}

static void only_what_carries_our_tags_in_our_workspace_is_read(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");

    begin_well(heard);
    read_rows(heard, "services", NULL);
    assert_int_equal(heard->objects, 2);
    assert_null(strstr(buf_text(&heard->texts), "theirs"));
    assert_null(strstr(buf_text(&heard->texts), "elsewhere"));

    read_rows(heard, "keyauth_credentials", NULL);
    assert_int_equal(heard->objects, 2); /* the third one's time is over */
    read_rows(heard, "vaults", NULL);
    assert_int_equal(heard->objects, 1);
    close_reader(heard);
}

static void all_is_read_out_of_one_snapshot(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    read_rows(heard, "services", NULL);

    postgres_sql(shared, "INSERT INTO consumers (id, username, tags, ws_id) VALUES "
                         "('00000000-0000-4000-8000-000000000999', 'late', '{mine}', '" DEFAULT_WORKSPACE "')");
    read_rows(heard, "consumers", NULL);
    assert_int_equal(heard->objects, 2);
    postgres_reader_end(heard->reader);
    begin_well(heard);
    read_rows(heard, "consumers", NULL);
    assert_int_equal(heard->objects, 3);

    postgres_sql(shared, "DELETE FROM consumers WHERE username = 'late'");
    close_reader(heard);
}

static void it_knows_when_nothing_was_committed(void **state)
{
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    assert_true(postgres_reader_holds(heard->reader));
    postgres_reader_end(heard->reader);
    char text[256], server[128];
    memcpy(text, heard->snapshot, sizeof(text));
    memcpy(server, heard->starts, sizeof(server));
    struct postgres_snapshot since = {text, server};

    begin(heard, &since);
    assert_true(heard->good);
    assert_false(postgres_reader_holds(heard->reader));
    postgres_sql(shared, "UPDATE services SET retries = retries WHERE name = 'theirs'");
    begin(heard, &since);

    assert_true(postgres_reader_holds(heard->reader));
    close_reader(heard);
}

/* Whatever wrote it, and whether it says when or not. */
static void what_was_written_since_a_snapshot_is_named(void **state)
{
    static const char *const entities[] = {"services", "keyauth_credentials", "consumers"};
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);
    postgres_reader_end(heard->reader);
    char text[256], server[128];
    memcpy(text, heard->snapshot, sizeof(text));
    memcpy(server, heard->starts, sizeof(server));
    struct postgres_snapshot since = {text, server};
    postgres_sql(shared, "UPDATE keyauth_credentials SET key = 'other' WHERE key = 'opensesame';"
                         "UPDATE services SET host = 'drifted' WHERE name = 'default.plain.80';"
                         "UPDATE services SET host = 'drifted' WHERE name = 'theirs';"
                         "DELETE FROM consumers WHERE custom_id = 'nameless'");

    begin_well(heard);
    postgres_reader_changes(heard->reader, entities, COUNT_OF(entities), &since, on_changes, on_done, heard);
    wait_done(heard);

    assert_true(heard->complete);
    assert_string_equal(buf_text(&heard->texts),
                        "services 2 0000000000a2\nkeyauth_credentials 2 000000000131\nconsumers 1\n");
    buf_clear(&heard->texts);
    postgres_reader_changes(heard->reader, entities, 1, NULL, on_changes, on_done, heard);
    wait_done(heard);
    assert_string_equal(buf_text(&heard->texts), "services 2\n");
    buf_clear(&heard->texts);
    postgres_reader_ids(heard->reader, "consumers", on_id, on_done, heard);
    wait_done(heard);
    assert_string_equal(buf_text(&heard->texts), "consumers 00000000-0000-4000-8000-000000000101\n");
    close_reader(heard);
}

static void a_transaction_that_was_open_before_is_not_missed(void **state)
{
    static const char *const entities[] = {"services"};
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    AUTO(text) char *dsn = xasprintf("%s dbname=kong", shared->dsn);
    PGconn *other = PQconnectdb(dsn);
    PQclear(PQexec(other, "BEGIN; UPDATE services SET retries = 9 WHERE name = 'default.shop.80'"));
    postgres_sql(shared, "UPDATE services SET retries = retries WHERE name = 'theirs'"); /* begun later, ended before */
    begin_well(heard);
    postgres_reader_end(heard->reader);
    char text[256], server[128];
    memcpy(text, heard->snapshot, sizeof(text));
    memcpy(server, heard->starts, sizeof(server));
    struct postgres_snapshot since = {text, server};

    PQclear(PQexec(other, "COMMIT"));
    begin_well(heard);
    postgres_reader_changes(heard->reader, entities, 1, &since, on_changes, on_done, heard);
    wait_done(heard);

    assert_non_null(strstr(buf_text(&heard->texts), "0000000000a1"));
    PQfinish(other);
    close_reader(heard);
}

static void samples_and_other_tables_are_told(void **state)
{
    static const char *const ids[] = {"00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-00000000dead"};
    static const char *const known[] = {"keyauth_credentials",
                                        "basicauth_credentials",
                                        "hmacauth_credentials",
                                        "jwt_secrets",
                                        "oauth2_credentials",
                                        "acls",
                                        NULL};
    NEEDS_SERVER();
    struct heard *heard = open_server(shared, "");
    begin_well(heard);

    postgres_reader_newest(heard->reader, 1, on_newest, on_done, heard);
    wait_done(heard);
    assert_string_equal(buf_text(&heard->texts),
                        "services 00000000-0000-4000-8000-0000000000a1 1795444450 1795446000\n");
    buf_clear(&heard->texts);
    postgres_reader_tagged(heard->reader, ids, COUNT_OF(ids), on_id, on_done, heard);
    wait_done(heard);
    assert_string_equal(buf_text(&heard->texts), "services 00000000-0000-4000-8000-0000000000a1\n");
    buf_clear(&heard->texts);
    postgres_reader_others(heard->reader, known, on_id, on_done, heard);
    wait_done(heard);

    assert_int_equal(strlen(buf_text(&heard->texts)), strlen("keys \nkey_sets \n"));
    assert_non_null(strstr(buf_text(&heard->texts), "key_sets \n"));
    close_reader(heard);
}

#define test(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(rows_are_shown_as_the_admin_api_does),
        test(only_what_carries_our_tags_in_our_workspace_is_read),
        test(all_is_read_out_of_one_snapshot),
        test(it_knows_when_nothing_was_committed),
        test(what_was_written_since_a_snapshot_is_named),
        test(a_transaction_that_was_open_before_is_not_missed),
        test(samples_and_other_tables_are_told),
    };
    return cmocka_run_group_tests(tests, fill, empty);
}
