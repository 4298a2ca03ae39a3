/* Against a running Kong: entities of every sort, each bundled plugin among them, read by both ways, are the same; and
 * what is changed there is found.  Needs KONG_ADMIN_URL and KONG_POSTGRES_DSN. */
#include "certificates.h"
#include "database_fixture.h"

static const char *admin_url, *postgres_dsn;

struct answer {
    int count, status;
    struct buf text;
};

static void on_answer(void *user, const struct kong_answer *answer)
{
    struct answer *heard = user;
    heard->count++;
    heard->status = answer->status;
    buf_clear(&heard->text);
    buf_append_text(&heard->text, answer->message);
}

/* Returns the status. */
static int ask(struct fixture *fixture, const char *method, const char *path, const char *body)
{
    struct answer heard = {.text = BUF_OWN};
    kong_admin_send(kong_session_admin(fixture->session), method, path, body, on_answer, &heard);
    assert_true(wait_until(fixture->loop, &heard.count, 1));
    if (heard.status >= 300 && strcmp(method, "DELETE") != 0)
        fail_msg("%s %s: %d %s", method, path, heard.status, buf_text(&heard.text));
    buf_done(&heard.text);
    return heard.status;
}

static int live_setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct err err = ERR_INIT;
    *state = fixture;
    admin_url = getenv("KONG_ADMIN_URL");
    postgres_dsn = getenv("KONG_POSTGRES_DSN");
    fixture->drifted = (struct buf)BUF_OWN;
    fixture->log = (struct log)LOG_INIT;
    fixture->gateways = kong_gateways_new();
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    if (admin_url != NULL)
        kong_gateways_set(fixture->gateways, &admin_url, 1);
    return 0;
}

static int live_teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->session != NULL)
        kong_session_stop(fixture->session);
    database_free(fixture->database);
    kong_session_free(fixture->session);
    kong_gateways_free(fixture->gateways);
    loop_free(fixture->loop);
    buf_done(&fixture->drifted);
    free(fixture);
    return 0;
}

#define NEEDS_GATEWAY()                                                                                                \
    do {                                                                                                               \
        if (admin_url == NULL || postgres_dsn == NULL) {                                                               \
            print_message("SKIPPED: there is no gateway with a database (KONG_ADMIN_URL, KONG_POSTGRES_DSN)\n");       \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

static void reopen(struct fixture *fixture, const struct how *how)
{
    if (fixture->session != NULL)
        kong_session_stop(fixture->session);
    if (fixture->database != NULL)
        database_free(TAKE(fixture->database));
    kong_session_free(TAKE(fixture->session));
    fixture->converged = fixture->works = false;
    open_session(fixture, how);
}

static bool is_idle(struct fixture *fixture)
{
    return fixture->idle > 0;
}

/* Read, and nothing else: what is wanted is nothing, and nothing may be deleted. */
static void read_gateway(struct fixture *fixture, const struct how *how)
{
    reopen(fixture, how);
    kong_session_permit_deletes(fixture->session, false);
    kong_session_complete(fixture->session);
    fixture->idle = 0;
    kong_session_start(fixture->session);
    until(fixture, is_idle);
}

static void replace(char **text, const char *mark, const char *with)
{
    AUTO(buf) struct buf quoted = BUF_OWN, result = BUF_OWN;
    AUTO(text) char *wanted = xasprintf("\"%s\"", mark);
    json_print_string(with, strlen(with), &quoted);
    const char *at = *text, *found;
    for (; (found = strstr(at, wanted)) != NULL; at = found + strlen(wanted))
        buf_printf(&result, "%.*s%s", (int)(found - at), at, buf_text(&quoted));
    buf_append_text(&result, at);
    free(*text);
    *text = buf_take(&result);
}

static char *public_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    require_that(PEM_write_bio_PUBKEY(bio, key) == 1);
    return certificate_text(bio);
}

/* [[path, entity], …], parents first. */
static struct json *every_sort(void)
{
    AUTO(buf) struct buf content = BUF_OWN;
    struct json *list = NULL;
    struct err err = ERR_INIT;
    struct certificate authority = certificate_make(NULL, "authority", NULL, true);
    struct certificate leaf = certificate_make(&authority, "equal.example", "DNS:equal.example", false);
    AUTO(text) char *public_key = public_pem(leaf.key);
    assert_int_equal(file_read(KONGRUENT_SOURCE_DIR "/spec/support/kong_every_sort.json", &content, &err), 0);
    char *text = buf_take(&content);
    replace(&text, "$CERT", leaf.cert_pem);
    replace(&text, "$KEY", leaf.key_pem);
    replace(&text, "$CA", authority.cert_pem);
    replace(&text, "$PUBLIC", public_key);
    assert_int_equal(json_parse(text, strlen(text), &list, &err), 0);
    free(text);
    certificate_done(&leaf);
    certificate_done(&authority);
    return list;
}

static void make(struct fixture *fixture, const struct json *list)
{
    json_each (row, list) {
        const char *path = json_text(json_at(row, 0));
        AUTO(text) char *body = json_print_text(json_at(row, 1));
        ask(fixture, strstr(path, "/targets") != NULL ? "POST" : "PUT", path, body);
    }
}

static void unmake(struct fixture *fixture, const struct json *list)
{
    for (size_t i = json_count(list); i-- > 0;) {
        const char *path = json_text(json_at(json_at(list, i), 0));
        if (strstr(path, "/targets") == NULL)
            ask(fixture, "DELETE", path, NULL);
    }
}

static char *mirror_text(struct fixture *fixture)
{
    const struct kong_state *state = kong_plan_state(kong_session_plan(fixture->session));
    struct buf text = BUF_OWN;
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++) {
        struct map_entry **entries = map_sorted(&state->actuals[kind]);
        for (size_t i = 0; i < state->actuals[kind].count; i++) {
            const struct kong_actual *actual = entries[i]->value;
            buf_printf(&text, "%s %s %s %s", actual->kind->table, actual->id, actual->item->key, actual->text);
            for (size_t n = 0; n < KONG_FOREIGN_MAX; n++)
                buf_printf(&text, " %s", actual->foreign_ids[n] != NULL ? actual->foreign_ids[n] : "-");
            buf_append_char(&text, '\n');
        }
        free(entries);
    }
    return buf_take(&text);
}

static void both_ways_show_the_same(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_GATEWAY();
    AUTO(json) struct json *list = every_sort();
    open_session(fixture, &(struct how){.admin_only = true, .tag = "equal"});
    unmake(fixture, list);
    make(fixture, list);

    read_gateway(fixture, &(struct how){.admin_only = true, .tag = "equal"});
    AUTO(text) char *by_requests = mirror_text(fixture);
    read_gateway(fixture, &(struct how){.dsn = postgres_dsn, .tag = "equal"});
    AUTO(text) char *by_rows = mirror_text(fixture);
    size_t readings = (size_t)database_facts(fixture->database).readings;
    unmake(fixture, list);

    assert_string_equal(by_rows, by_requests);
    assert_int_equal(readings, 1);
    size_t lines = 0;
    for (const char *at = by_rows; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, json_count(list));
}

static bool has_drifted(struct fixture *fixture)
{
    return fixture->drifts > 0 && fixture->converged && fixture->idle > 0;
}

static void what_is_changed_in_the_gateway_is_set_right(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_GATEWAY();
    static const struct {
        enum kong_kind_id kind;
        const char *collection, *key, *body; /* NULL: it is deleted */
    } edits[] = {
        {KONG_SERVICE, "services", "s", "{\"host\":\"drifted\"}"},
        {KONG_UPSTREAM, "upstreams", "u", "{\"slots\":77}"},
        {KONG_CONSUMER, "consumers", "bob", NULL},
        {KONG_ROUTE, "routes", "r", NULL},
        {KONG_PLUGIN, "plugins", "cors:service/s:route/r", "{\"config\":{\"max_age\":7}}"},
        {KONG_VAULT, "vaults", "my-env", "{\"config\":{\"prefix\":\"Y_\"}}"},
    };
    sync_shop(fixture, &(struct how){.dsn = postgres_dsn, .look_ms = LOOK_MS});
    until(fixture, is_working);
    look_on(fixture, 6 + 2 * SLACK_MS / LOOK_MS);
    assert_int_equal(kong_session_counters(fixture->session).drifted, 0);
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        AUTO(text) char *path = xasprintf("/%s/%s", edits[i].collection, id_of(fixture, edits[i].kind, edits[i].key));
        fixture->drifts = fixture->idle = 0;

        ask(fixture, edits[i].body != NULL ? "PATCH" : "DELETE", path, edits[i].body);
        until(fixture, has_drifted);

        look_on(fixture, 2 + 2 * SLACK_MS / LOOK_MS);
        assert_int_equal(ask(fixture, "GET", path, NULL), 200);
    }
    size_t ops;
    free(kong_plan_list(kong_session_plan(fixture->session), &ops));
    assert_int_equal(ops, 0);
    assert_int_equal(database_facts(fixture->database).troubles, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(both_ways_show_the_same),
        test(what_is_changed_in_the_gateway_is_set_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
