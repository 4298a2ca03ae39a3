/* What statuses say, by the table of kinds: merged with what is there, others' entries left alone. */
#include "check.h"

#include <string.h>

#include "status_shape.h"

#define NOW    "2026-01-02T03:04:05Z"
#define BEFORE "2025-01-01T00:00:00Z"

static struct json *parsed(const char *text)
{
    struct json *tree = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), &tree, &err), 0);
    return tree;
}

static enum status_outcome service_outcome(void *user, const char *kind, const char *namespace, const char *name)
{
    return strcmp(kind, "v1/Service") == 0 && strcmp(namespace, "shop") == 0 && strcmp(name, "up") == 0
               ? STATUS_PROGRAMMED
               : STATUS_PENDING;
}

static struct rules_condition said(const char *subject, const char *type, const char *status, const char *detail)
{
    return (struct rules_condition){
        .subject = subject, .type = type, .status = status, .reason = "Reason", .message = "text", .detail = detail};
}

static struct status_view view_of(enum status_outcome outcome)
{
    return (struct status_view){.namespace = "shop",
                                .generation = 7,
                                .outcome = outcome,
                                .controller = "example.net/ours",
                                .instance = "lease",
                                .now = NOW,
                                .outcome_of = service_outcome};
}

static void tell(struct status_view *view, const struct rules_condition *conditions, size_t count)
{
    static const struct rules_condition *told[16];
    assert_true(count <= COUNT_OF(told));
    for (size_t i = 0; i < count; i++)
        told[i] = &conditions[i];
    view->conditions = told;
    view->condition_count = count;
}

/* The patch for a kind as text; "nothing" when there is nothing to say. */
static char *shaped(const char *kind, struct status_view *view, const char *object, const char *before)
{
    const struct status_row *row = status_row_find(kind);
    assert_non_null(row);
    AUTO(json) struct json *tree = parsed(object);
    AUTO(json) struct json *status = before != NULL ? parsed(before) : NULL;
    view->object = tree;
    view->before = status;
    AUTO(json) struct json *patch = row->shape(row, view);
    return patch != NULL ? json_print_text(patch) : xstrdup("nothing");
}

#define CONSUMER "configuration.konghq.com/v1/KongConsumer"
#define CONDITION(status, reason, message, time)                                                                       \
    "{\"conditions\":[{\"lastTransitionTime\":\"" time "\",\"message\":\"" message "\",\"observedGeneration\":7,"      \
    "\"reason\":\"" reason "\",\"status\":\"" status "\",\"type\":\"Programmed\"}]}"

static void an_object_in_place_is_programmed_and_one_refused_is_not(void **state)
{
    struct status_view good = view_of(STATUS_PROGRAMMED), bad = view_of(STATUS_FAILED);

    AUTO(text) char *programmed = shaped(CONSUMER, &good, "{}", NULL);
    AUTO(text) char *refused = shaped(CONSUMER, &bad, "{}", NULL);

    assert_string_equal(programmed,
                        CONDITION("True", "Programmed", "Object was successfully configured in Kong.", NOW));
    assert_string_equal(
        refused,
        CONDITION("False", "Invalid",
                  "Object failed to be configured in Kong - see its attached Events for more information.", NOW));
}

static void what_is_not_known_takes_nothing_back(void **state)
{
    struct status_view pending = view_of(STATUS_PENDING), none = view_of(STATUS_NONE);
    const char *before = CONDITION("True", "Programmed", "Object was successfully configured in Kong.", BEFORE);

    AUTO(text) char *known = shaped(CONSUMER, &pending, "{}", before);
    AUTO(text) char *fresh = shaped(CONSUMER, &pending, "{}", NULL);
    AUTO(text) char *unused = shaped(CONSUMER, &none, "{}", NULL);

    assert_string_equal(known, "nothing");
    assert_string_equal(fresh, CONDITION("False", "Pending", "Object is pending configuration in Kong.", NOW));
    assert_string_equal(unused, "nothing");
}

static void the_time_changes_with_the_status_only(void **state)
{
    struct status_view view = view_of(STATUS_PROGRAMMED);
    const char *older =
        "{\"conditions\":[{\"lastTransitionTime\":\"" BEFORE "\",\"message\":\"\",\"observedGeneration\":3,"
        "\"reason\":\"Programmed\",\"status\":\"True\",\"type\":\"Programmed\"}]}";

    AUTO(text) char *same = shaped(CONSUMER, &view, "{}", older);
    view.outcome = STATUS_FAILED;
    AUTO(text) char *other = shaped(CONSUMER, &view, "{}", older);

    assert_non_null(strstr(same, BEFORE));
    assert_null(strstr(same, NOW));
    assert_non_null(strstr(other, NOW));
}

static void conditions_of_others_stay(void **state)
{
    struct status_view view = view_of(STATUS_PROGRAMMED);

    AUTO(text)
    char *patch = shaped(CONSUMER, &view, "{}", "{\"conditions\":[{\"type\":\"Theirs\",\"status\":\"True\"}]}");

    assert_non_null(strstr(patch, "{\"conditions\":[{\"status\":\"True\",\"type\":\"Theirs\"},{"));
}

static void addresses_are_published_when_a_route_is_live(void **state)
{
    struct status_view view = view_of(STATUS_FAILED);
    AUTO(json) struct json *addresses = parsed("[{\"ip\":\"198.51.100.1\"},{\"hostname\":\"lb.example.net\"}]");
    view.addresses = addresses;

    AUTO(text) char *before = shaped("networking.k8s.io/v1/Ingress", &view, "{}", NULL);
    view.live = true;
    AUTO(text) char *after = shaped("networking.k8s.io/v1/Ingress", &view, "{}", NULL);

    assert_string_equal(before, "nothing");
    assert_string_equal(
        after, "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.51.100.1\"},{\"hostname\":\"lb.example.net\"}]}}");
}

#define HTTPROUTE "gateway.networking.k8s.io/v1/HTTPRoute"
#define THEIRS    "{\"conditions\":[],\"controllerName\":\"example.net/theirs\",\"parentRef\":{\"name\":\"kong\"}}"
#define STALE     "{\"conditions\":[],\"controllerName\":\"example.net/ours\",\"parentRef\":{\"name\":\"gone\"}}"
#define REF                                                                                                            \
    "{\"parentRef\":{\"group\":\"gateway.networking.k8s.io\",\"kind\":\"Gateway\",\"namespace\":\"shop\",\"name\":"    \
    "\"kong\"}}"

static void parents_of_others_stay_and_our_stale_ones_go(void **state)
{
    struct rules_condition conditions[] = {said("shop/kong", "Accepted", "True", REF),
                                           said("shop/kong", "ResolvedRefs", "False", REF)};
    struct status_view view = view_of(STATUS_PROGRAMMED);
    tell(&view, conditions, COUNT_OF(conditions));

    AUTO(text) char *text = shaped(HTTPROUTE, &view, "{}", "{\"parents\":[" STALE "," THEIRS "]}");

    AUTO(json) struct json *patch = parsed(text);
    const struct json *parents = json_find(patch, "parents");
    assert_int_equal(json_count(parents), 2);
    AUTO(text) char *first = json_print_text(json_at(parents, 0));
    assert_string_equal(first, THEIRS);
    const struct json *ours = json_at(parents, 1);
    assert_string_equal(json_find_text(ours, "controllerName"), "example.net/ours");
    const struct json *programmed = status_condition_find(json_find(ours, "conditions"), "Programmed");
    assert_string_equal(json_find_text(programmed, "reason"), "ConfiguredInGateway");
    assert_int_equal(json_count(json_find(ours, "conditions")), 3);
}

static void a_route_without_our_gateways_loses_our_entries_only(void **state)
{
    struct status_view view = view_of(STATUS_NONE);

    AUTO(text) char *left = shaped(HTTPROUTE, &view, "{}", "{\"parents\":[" STALE "," THEIRS "]}");
    AUTO(text) char *theirs = shaped(HTTPROUTE, &view, "{}", "{\"parents\":[" THEIRS "]}");

    assert_string_equal(left, "{\"parents\":[" THEIRS "]}");
    assert_string_equal(theirs, "nothing");
}

static void an_equal_parent_is_found_by_its_defaults_and_keeps_its_time(void **state)
{
    struct rules_condition conditions[] = {said("shop/kong", "Accepted", "False", REF)};
    struct status_view view = view_of(STATUS_NONE);
    tell(&view, conditions, COUNT_OF(conditions));
    const char *before =
        "{\"parents\":[{\"controllerName\":\"example.net/ours\",\"parentRef\":{\"name\":\"kong\"},\"conditions\":["
        "{\"type\":\"Accepted\",\"status\":\"False\",\"lastTransitionTime\":\"" BEFORE "\"},"
        "{\"type\":\"Programmed\",\"status\":\"True\",\"lastTransitionTime\":\"" BEFORE "\"}]}]}";

    AUTO(text) char *text = shaped(HTTPROUTE, &view, "{}", before);

    AUTO(json) struct json *patch = parsed(text);
    const struct json *list = json_find(json_at(json_find(patch, "parents"), 0), "conditions");
    assert_int_equal(json_count(list), 1); /* nothing of it is in the gateway: no Programmed */
    assert_string_equal(json_find_text(json_at(list, 0), "lastTransitionTime"), BEFORE);
}

static void a_gateway_tells_of_its_listeners_in_their_order(void **state)
{
    struct rules_condition conditions[] = {said("", "Accepted", "True", ""),
                                           said("a", "Accepted", "True", "{\"attachedRoutes\":2}"),
                                           said("b", "Accepted", "False", "{\"attachedRoutes\":0}")};
    struct status_view view = view_of(STATUS_NONE);
    AUTO(json) struct json *addresses = parsed("[{\"ip\":\"198.51.100.1\"},{\"hostname\":\"lb.example.net\"}]");
    tell(&view, conditions, COUNT_OF(conditions));
    view.addresses = addresses;

    AUTO(text)
    char *text = shaped("gateway.networking.k8s.io/v1/Gateway", &view,
                        "{\"spec\":{\"listeners\":[{\"name\":\"b\"},{\"name\":\"a\"}]}}", NULL);

    AUTO(json) struct json *patch = parsed(text);
    assert_string_equal(json_find_text(json_at(json_find(patch, "listeners"), 0), "name"), "b");
    assert_int_equal(json_integer(json_find(json_at(json_find(patch, "listeners"), 1), "attachedRoutes"), -1), 2);
    AUTO(text) char *shown = json_print_text(json_find(patch, "addresses"));
    assert_string_equal(
        shown,
        "[{\"type\":\"IPAddress\",\"value\":\"198.51.100.1\"},{\"type\":\"Hostname\",\"value\":\"lb.example.net\"}]");
}

#define ANCESTOR(name)                                                                                                 \
    "{\"ancestorRef\":{\"group\":\"core\",\"kind\":\"Service\",\"namespace\":\"shop\",\"name\":\"" name "\"}}"

static void a_policy_says_of_each_service_whether_it_is_in_place(void **state)
{
    struct rules_condition conditions[] = {said("Service/shop/down", "Accepted", "True", ANCESTOR("down")),
                                           said("Service/shop/up", "Accepted", "True", ANCESTOR("up"))};
    struct status_view view = view_of(STATUS_NONE);
    tell(&view, conditions, COUNT_OF(conditions));

    AUTO(text) char *text = shaped("configuration.konghq.com/v1beta1/KongUpstreamPolicy", &view, "{}", NULL);

    AUTO(json) struct json *patch = parsed(text);
    const struct json *list = json_find(patch, "ancestors");
    const struct json *down = status_condition_find(json_find(json_at(list, 0), "conditions"), "Programmed");
    const struct json *up = status_condition_find(json_find(json_at(list, 1), "conditions"), "Programmed");
    assert_string_equal(json_find_text(down, "reason"), "Pending");
    assert_string_equal(json_find_text(up, "status"), "True");
}

static void a_licence_has_an_entry_for_each_instance(void **state)
{
    struct rules_condition conditions[] = {said("konghq.com/kong-ingress-controller", "Programmed", "True", "")};
    struct status_view view = view_of(STATUS_NONE);
    const char *before = "{\"controllers\":[{\"controllerName\":\"konghq.com/kong-ingress-controller/other\"}]}";

    AUTO(text) char *gone = shaped("configuration.konghq.com/v1alpha1/KongLicense", &view, "{}", before);
    tell(&view, conditions, COUNT_OF(conditions));
    AUTO(text) char *text = shaped("configuration.konghq.com/v1alpha1/KongLicense", &view, "{}", before);

    assert_string_equal(gone, "nothing");
    AUTO(json) struct json *patch = parsed(text);
    assert_int_equal(json_count(json_find(patch, "controllers")), 2);
    assert_string_equal(json_find_text(json_at(json_find(patch, "controllers"), 1), "controllerName"),
                        "konghq.com/kong-ingress-controller/lease");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    AUTO(buf) struct buf message = BUF_OWN;
    buf_append_text(&message, "x");
    for (int i = 0; i < STATUS_MESSAGE_MAX; i++)
        buf_append_text(&message, "\xc3\xa4");
    AUTO(json) struct json *conditions = json_new_array();
    struct status_view view = view_of(STATUS_NONE);
    struct status_condition condition = {"Accepted", "True", "Reason", buf_text(&message)};

    status_condition_set(conditions, &view, &condition);

    const char *text = json_find_text(json_at(conditions, 0), "message");
    assert_int_equal(strlen(text), STATUS_MESSAGE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_in_place_is_programmed_and_one_refused_is_not),
        cmocka_unit_test(what_is_not_known_takes_nothing_back),
        cmocka_unit_test(the_time_changes_with_the_status_only),
        cmocka_unit_test(conditions_of_others_stay),
        cmocka_unit_test(addresses_are_published_when_a_route_is_live),
        cmocka_unit_test(parents_of_others_stay_and_our_stale_ones_go),
        cmocka_unit_test(a_route_without_our_gateways_loses_our_entries_only),
        cmocka_unit_test(an_equal_parent_is_found_by_its_defaults_and_keeps_its_time),
        cmocka_unit_test(a_gateway_tells_of_its_listeners_in_their_order),
        cmocka_unit_test(a_policy_says_of_each_service_whether_it_is_in_place),
        cmocka_unit_test(a_licence_has_an_entry_for_each_instance),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
