/* Many kinds as one source, kinds that are served in another version, and operators' kinds. */
#include "kube/source.h"
#include "kube_room.h"

static struct kube_source *source;

#define RESOURCE(name, kind, namespaced)                                                                               \
    "{\"resources\":[{\"name\":\"" name "\",\"kind\":\"" kind "\",\"namespaced\":" namespaced "," ROOM_VERBS "}]}"
#define EMPTY "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[]}"

/* Answers by what is asked, in whatever order: pairs of a request's beginning and its body; a watch stays open. */
struct answer_row {
    const char *starts;
    int status;
    const char *body;
};

static void respond(struct kube_room *room, struct raw_connection *connection, const char *request)
{
    const struct answer_row *rows = room->extra;
    if (strstr(request, "watch=1") != NULL) {
        room_stream(room, connection, "");
        return;
    }
    for (; rows->starts != NULL; rows++) {
        if (strncmp(request, rows->starts, strlen(rows->starts)) == 0) {
            room_answer(connection, rows->status, NULL, rows->body);
            return;
        }
    }
    room_answer(connection, 404, NULL, "{}");
}

static void on_object(void *user, struct object *object)
{
    AUTO(text) char *line = xasprintf("object %s %s/%s", object->kind->kind, object->namespace, object->name);
    room_tell(user, line);
    object_unref(object);
}

static void on_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    room_tell(user, "gone");
}

static void on_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                   const struct err *why)
{
    room_tell(user, "bad");
}

static void on_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    AUTO(text) char *line = xasprintf("%s %s", kind->kind, kube_state_text(state));
    room_tell(user, line);
}

static void start(struct kube_room *room, const struct store_kind *const *kinds, const char *const *namespaces,
                  const struct answer_row *rows)
{
    room->extra = (void *)rows;
    room->respond = respond;
    struct kube_source_options options = {
        .client = room->client,
        .table = room->kinds,
        .kinds = kinds,
        .namespaces = namespaces,
        .paged_lists = true,
        .events = {on_object, on_gone, on_bad, on_state, room},
    };
    struct err err = ERR_INIT;
    assert_int_equal(kube_source_new(&options, &source, &err), 0);
}

static int drop(void **state)
{
    kube_source_free(source);
    source = NULL;
    return room_drop(state);
}

static bool told(const struct kube_room *room, const char *line)
{
    return strstr(buf_text(&room->story), line) != NULL;
}

static void it_is_ready_when_each_kind_is_synced_or_not_served(void **state)
{
    static const struct answer_row rows[] = {
        {"GET /api/v1 ", 200, ROOM_CORE},
        {"GET /api/v1/configmaps?", 200, EMPTY},
        {"GET /api/v1/services?", 403, "{}"},
        {NULL, 0, NULL},
    };
    struct kube_room *room = *state;
    const struct store_kind *kinds[] = {store_kinds_find(room->kinds, "v1/ConfigMap"),
                                        store_kinds_find(room->kinds, "v1/Service"),
                                        store_kinds_find(room->kinds, "gateway.networking.k8s.io/v1/Gateway"), NULL};
    const struct store_kind *missing = NULL;

    start(room, kinds, NULL, rows);
    assert_false(kube_source_ready(source, &missing));
    assert_true(wait_until(room->loop, &room->told, 3));

    assert_true(told(room, "ConfigMap synced") && told(room, "Service frozen") && told(room, "Gateway waiting"));
    assert_false(kube_source_ready(source, &missing));
    assert_ptr_equal(missing, kinds[1]);
    assert_int_equal(kube_source_count(source), 3);
    assert_int_equal(kube_source_status(source, 1).total.state, KUBE_FROZEN);
    assert_non_null(strstr(kube_source_status(source, 1).total.reason, "403"));
}

static void watched_namespaces_narrow_namespaced_kinds_only(void **state)
{
    static const struct answer_row rows[] = {
        {"GET /api/v1 ", 200,
         "{\"resources\":[{\"name\":\"configmaps\",\"kind\":\"ConfigMap\",\"namespaced\":true},{\"name\":"
         "\"namespaces\","
         "\"kind\":\"Namespace\",\"namespaced\":false}]}"},
        {"GET /api/v1/namespaces/x/configmaps?", 200,
         "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\"}}]}"},
        {"GET /api/v1/namespaces/y/configmaps?", 200, EMPTY},
        {"GET /api/v1/namespaces?", 200, EMPTY},
        {NULL, 0, NULL},
    };
    static const char *const namespaces[] = {"x", "y", NULL};
    struct kube_room *room = *state;
    const struct store_kind *kinds[] = {store_kinds_find(room->kinds, "v1/ConfigMap"),
                                        store_kinds_find(room->kinds, "v1/Namespace"), NULL};

    start(room, kinds, namespaces, rows);
    assert_true(wait_until(room->loop, &room->told, 3));

    assert_true(kube_source_ready(source, NULL));
    assert_true(told(room, "object ConfigMap x/a") && told(room, "ConfigMap synced") && told(room, "Namespace synced"));
    assert_int_equal(kube_source_status(source, 0).reflectors, 2);
    assert_int_equal(kube_source_status(source, 0).total.lists, 2);
    assert_int_equal(kube_source_status(source, 1).reflectors, 1);
}

static void a_kind_is_as_bad_as_its_worst_namespace(void **state)
{
    static const struct answer_row rows[] = {
        {"GET /api/v1 ", 200, ROOM_CORE},
        {"GET /api/v1/namespaces/x/configmaps?", 200, EMPTY},
        {"GET /api/v1/namespaces/y/configmaps?", 403, "{}"},
        {NULL, 0, NULL},
    };
    static const char *const namespaces[] = {"x", "y", NULL};
    struct kube_room *room = *state;
    const struct store_kind *kinds[] = {store_kinds_find(room->kinds, "v1/ConfigMap"), NULL};

    start(room, kinds, namespaces, rows);
    while (kube_source_status(source, 0).total.lists == 0 || kube_source_status(source, 0).total.errors == 0)
        loop_run_once(room->loop, true);

    assert_string_equal(buf_text(&room->story), "ConfigMap frozen\n");
    assert_int_equal(kube_source_status(source, 0).total.state, KUBE_FROZEN);
    assert_false(kube_source_ready(source, NULL));
}

static void the_first_served_of_a_kinds_versions_is_taken(void **state)
{
    static const struct answer_row rows[] = {
        {"GET /apis/gateway.networking.k8s.io/v1beta1 ", 200, RESOURCE("gateways", "Gateway", "true")},
        {"GET /apis/gateway.networking.k8s.io/v1beta1/gateways?", 200,
         "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\"}}]}"},
        {NULL, 0, NULL},
    };
    struct kube_room *room = *state;
    const struct store_kind *kinds[] = {store_kinds_find(room->kinds, "gateway.networking.k8s.io/v1/Gateway"), NULL};

    start(room, kinds, NULL, rows);
    room_expect(room, "object Gateway x/a\nGateway synced\n");

    AUTO(text) char *path = kube_discovery_path(kube_source_discovery(source), kinds[0], "x", "a", "status");
    assert_string_equal(path, "/apis/gateway.networking.k8s.io/v1beta1/namespaces/x/gateways/a/status");
}

static void the_plural_of_an_operators_kind_is_learned(void **state)
{
    static const struct answer_row rows[] = {
        {"GET /apis/x.example/v1 ", 200, RESOURCE("mice", "Mouse", "false")},
        {"GET /apis/x.example/v1/mice?", 200,
         "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[{\"metadata\":{\"name\":\"a\"}}]}"},
        {NULL, 0, NULL},
    };
    struct kube_room *room = *state;
    struct err err = ERR_INIT;
    const struct store_kind *kinds[] = {store_kinds_add(room->kinds, "x.example/v1/Mouse", &err), NULL};

    start(room, kinds, NULL, rows);

    room_expect(room, "object Mouse /a\nMouse synced\n");
    assert_string_equal(kinds[0]->plural, "mice");
    assert_false(kinds[0]->namespaced);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_ready_when_each_kind_is_synced_or_not_served),
        TEST(watched_namespaces_narrow_namespaced_kinds_only),
        TEST(a_kind_is_as_bad_as_its_worst_namespace),
        TEST(the_first_served_of_a_kinds_versions_is_taken),
        TEST(the_plural_of_an_operators_kind_is_learned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
