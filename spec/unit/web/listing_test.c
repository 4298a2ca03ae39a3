/* Parts of long lists: which rows, in which order, and how many there are. */
#include "page_room.h"

#include "listing.h"

#define MANY 250

static void write_many(struct room *room)
{
    AUTO(buf) struct buf text = BUF_OWN;
    for (int i = 0; i < MANY; i++)
        buf_printf(&text,
                   "apiVersion: v1\nkind: Service\nmetadata: {name: s%03d, namespace: n%d}\nspec: {ports: [{port: "
                   "80}]}\n---\n",
                   i, i % 2);
    scratch_write(&room->scratch, "many.yaml", buf_text(&text));
    scratch_write(&room->scratch, "few.yaml",
                  ROOM_INGRESS("web", "n0", "kong", "s000") ROOM_INGRESS("other", "n1", "nginx", "s001")
                      ROOM_INGRESS("broken", "n1", "kong", "nowhere"));
}

static struct room *many(void **state)
{
    struct room *room = *state;
    write_many(room);
    begin_room(room, NULL);
    wait_for(room, is_settled);
    return room;
}

/* "s000 s001 …": the names of the rows. */
static char *names(const struct json *list)
{
    struct buf text = BUF_OWN;
    json_each (row, json_find(list, "rows")) {
        buf_printf(&text, "%s%s", text.length != 0 ? " " : "", json_find_text(row, "name"));
    }
    return buf_take(&text);
}

static void assert_list(struct room *room, const char *path, size_t total, const char *expected)
{
    AUTO(json) struct json *list = get_json(room, path);
    AUTO(text) char *shown = names(list);
    assert_int_equal(number_of(list, "total"), total);
    assert_string_equal(shown, expected);
}

static void a_list_is_told_in_parts(void **state)
{
    struct room *room = many(state);

    assert_list(room, "/api/objects?kind=Service&limit=3", MANY, "s000 s002 s004");
    assert_list(room, "/api/objects?kind=Service&limit=2&offset=124", MANY, "s248 s001");
    assert_list(room, "/api/objects?kind=Service&limit=2&offset=249", MANY, "s249");
    assert_list(room, "/api/objects?kind=Service&limit=2&offset=5000", MANY, "");
    assert_list(room, "/api/objects?limit=4", MANY + 3, "web broken other s000");
    assert_list(room, "/api/objects?limit=0", MANY + 3, "");
}

static void a_list_is_filtered(void **state)
{
    struct room *room = many(state);

    assert_list(room, "/api/objects?namespace=n1&kind=Ingress", 2, "broken other");
    assert_list(room, "/api/objects?text=S00&limit=100&kind=v1/Service", 10,
                "s000 s002 s004 s006 s008 s001 s003 s005 s007 s009");
    assert_list(room, "/api/objects?text=ingress+n1/br", 1, "broken");
    assert_list(room, "/api/objects?text=n0%2Fweb", 1, "web");
    assert_list(room, "/api/objects?text=nothing-is-called-so", 0, "");
    assert_list(room, "/api/objects?state=unused&kind=Ingress", 1, "other");
    assert_list(room, "/api/objects?state=incomplete,unused&kind=Ingress", 2, "broken other");
    assert_list(room, "/api/objects?state=no-such-state", 0, "");
    assert_list(room, "/api/objects?kind=NoSuchKind", 0, "");
}

static void what_is_no_number_counts_as_absent(void **state)
{
    struct room *room = many(state);
    AUTO(json) struct json *list = get_json(room, "/api/objects?offset=-3&limit=many");
    AUTO(json) struct json *most = get_json(room, "/api/objects?limit=99999999999999999999");

    assert_int_equal(json_count(json_find(list, "rows")), LISTING_ROWS);
    assert_int_equal(json_count(json_find(most, "rows")), MANY + 3);
}

static void an_object_tells_its_reason_and_what_came_of_it(void **state)
{
    struct room *room = many(state);
    AUTO(json) struct json *list = get_json(room, "/api/objects?kind=Ingress");
    const struct json *broken = json_at(json_find(list, "rows"), 1), *other = json_at(json_find(list, "rows"), 2);
    AUTO(json)
    struct json *web = get_json(room, "/api/object?kind=networking.k8s.io/v1/Ingress&namespace=n0&name=web");

    assert_string_equal(json_find_text(broken, "code"), "ServiceNotFound");
    assert_string_equal(json_find_text(other, "reason"), "not ours: its class is 'nginx', and ours 'kong'");
    assert_string_equal(json_find_text(web, "state"), "programmed");
    assert_int_equal(number_of(web, "entities"), json_count(json_find(web, "rows")));
    bool has_route = false;
    json_each (entity, json_find(web, "rows")) {
        bool is_route = strcmp(json_find_text(entity, "kind"), "route") == 0;
        has_route |= is_route;
        if (!is_route)
            continue;
        assert_string_equal(json_find_text(entity, "rule"), "Ingress");
        assert_string_equal(json_find_text(entity, "file"), "rules/ingress.lua");
        assert_int_equal(number_of(entity, "answer.status"), 201);
        assert_string_equal(json_text(json_find_path(entity, "answer.verb")), "create");
    }
    assert_true(has_route);
    get(room, "/api/object?kind=v1/Service&namespace=n0&name=not-there");
    assert_int_equal(room->ended.status, 404);
    get(room, "/api/object?");
    assert_int_equal(room->ended.status, 404);
}

static void entities_and_problems_are_lists_too(void **state)
{
    struct room *room = many(state);
    AUTO(json) struct json *routes = get_json(room, "/api/entities?kind=route");
    AUTO(json) struct json *of_namespace = get_json(room, "/api/entities?namespace=n1");
    AUTO(json) struct json *found = get_json(room, "/api/entities?text=route%20n0.WEB");
    AUTO(json) struct json *errors = get_json(room, "/api/problems?severity=error");
    AUTO(json) struct json *none = get_json(room, "/api/problems?text=nothing");

    assert_int_equal(number_of(routes, "total"), 2);
    const struct json *first = json_at(json_find(routes, "rows"), 0);
    assert_string_equal(json_find_text(json_at(json_find(first, "objects"), 0), "name"), "web");
    assert_true(number_of(of_namespace, "total") != 0);
    assert_int_equal(number_of(found, "total"), 1);
    assert_int_equal(number_of(errors, "total"), 1);
    assert_string_equal(json_find_text(json_at(json_find(errors, "rows"), 0), "code"), "ServiceNotFound");
    assert_int_equal(number_of(none, "total"), 0);
}

static const struct json *row_of(const struct json *list, const char *file)
{
    json_each (row, json_find(list, "rules")) {
        const char *path = json_find_text(row, "file");
        if (strlen(path) >= strlen(file) && strcmp(path + strlen(path) - strlen(file), file) == 0)
            return row;
    }
    fail_msg("there is no %s", file);
    return NULL;
}

static void own_rules_are_told_with_what_they_change(void **state)
{
    struct room *room = *state;
    scratch_folder(&room->scratch, "own");
    scratch_write(
        &room->scratch, "own/10-wrap.lua",
        "return { api = 1, extends = 'Ingress', route = function(super, ctx, ...) return super(ctx, ...) end }");
    scratch_write(
        &room->scratch, "own/20-adjust.lua",
        "return { api = 1, adjusts = 'service', adjust = function(ctx, entity) entity.retries = 7 return entity end }");
    scratch_write(&room->scratch, "shop.yaml", ROOM_INGRESS("web", "shop", "kong", "web") ROOM_SERVICE("web", "shop"));
    AUTO(text) char *flag = xasprintf("--rules=%s/own", room->scratch.path);
    const char *const flags[] = {flag, NULL};
    begin_room(room, flags);
    wait_for(room, is_converged);

    AUTO(json) struct json *rules = get_json(room, "/api/rules");
    AUTO(json) struct json *routes = get_json(room, "/api/entities?kind=route");
    AUTO(json) struct json *services = get_json(room, "/api/entities?kind=service");

    const struct json *wrap = row_of(rules, "own/10-wrap.lua"), *adjust = row_of(rules, "own/20-adjust.lua");
    assert_string_equal(json_find_text(wrap, "verb"), "extends");
    assert_string_equal(json_text(json_at(json_find(wrap, "steps"), 0)), "route");
    assert_int_equal(number_of(wrap, "changed"), 1);
    assert_int_equal(number_of(adjust, "changed"), 1);
    assert_int_equal(number_of(row_of(rules, "rules/ingress.lua"), "entities"), 1);
    assert_non_null(strstr(json_find_text(json_at(json_find(routes, "rows"), 0), "overrides"), "own/10-wrap.lua"));
    assert_non_null(strstr(json_find_text(json_at(json_find(services, "rows"), 0), "overrides"), "own/20-adjust.lua"));
}

static void a_server_may_go_while_a_list_is_gone_through(void **state)
{
    struct room *room = many(state);
    AUTO(text)
    char *url = xasprintf("http://127.0.0.1:%d/api/entities?limit=1000&text=s", web_server_metrics_port(room->server));
    struct http_call call = {.method = "GET", .url = url, .done = ended_note, .user = &room->ended};
    http_send(room->client, &call);
    for (int i = 0; i < 3; i++)
        loop_run_once(room->loop, false);

    web_server_free(room->server);
    room->server = NULL;

    assert_true(wait_until(room->loop, &room->ended.count, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(a_list_is_told_in_parts),
        WITH_ROOM(a_list_is_filtered),
        WITH_ROOM(what_is_no_number_counts_as_absent),
        WITH_ROOM(an_object_tells_its_reason_and_what_came_of_it),
        WITH_ROOM(entities_and_problems_are_lists_too),
        WITH_ROOM(own_rules_are_told_with_what_they_change),
        WITH_ROOM(a_server_may_go_while_a_list_is_gone_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
