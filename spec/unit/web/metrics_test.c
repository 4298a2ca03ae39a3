/* Metrics: their form, and that they count what they say. */
#include "page_room.h"

#include "web/metrics.h"

static double value_of(const char *text, const char *sample)
{
    AUTO(text) char *line = xasprintf("\n%s ", sample);
    const char *found = strstr(text, line);
    if (found == NULL)
        fail_msg("there is no %s", sample);
    return strtod(found + strlen(line), NULL);
}

static void begin(struct room *room)
{
    scratch_write(&room->scratch, "shop.yaml", ROOM_INGRESS("web", "shop", "kong", "web") ROOM_SERVICE("web", "shop"));
    begin_room(room, NULL);
    wait_for(room, is_converged);
}

static void what_happened_is_counted(void **state)
{
    struct room *room = *state;
    begin(room);
    const char *text = get(room, "/metrics");

    double created = value_of(text, "kongruent_entities_created_total");
    assert_true(created >= 3);
    assert_true(value_of(text, "kongruent_entities{state=\"programmed\"}") == created);
    assert_true(value_of(text, "kongruent_admin_request_duration_seconds_count{method=\"POST\"}") == created);
    assert_true(value_of(text, "kongruent_admin_requests_total{method=\"POST\"}") == created);
    assert_true(value_of(text, "ingress_controller_configuration_push_count{success=\"true\",protocol=\"deck\",failure_"
                               "reason=\"\"}") == 1);
    assert_true(value_of(text, "ingress_controller_configuration_push_duration_milliseconds_count{success=\"true\","
                               "protocol=\"deck\"}") == 1);
    double waves = value_of(text, "ingress_controller_translation_count{success=\"true\"}");
    assert_true(waves >= 1);
    assert_true(value_of(text, "ingress_controller_translation_duration_milliseconds_count{success=\"true\"}") ==
                waves);
    assert_true(value_of(text, "process_resident_memory_bytes") > 1000000);
    assert_true(value_of(text, "kongruent_build_info{version=\"" KONGRUENT_VERSION "\",compat=\"\"}") == 1);
    assert_non_null(strstr(text, "# TYPE process_cpu_seconds_total counter\n"));
}

static bool is_refused(struct room *room)
{
    return sync_controller_facts(room->controller).session.plan.refused != 0 && is_settled(room);
}

static void a_sync_with_a_refusal_is_a_bad_one(void **state)
{
    struct room *room = *state;
    begin(room);
    scratch_write(
        &room->scratch, "bad.yaml",
        "apiVersion: configuration.konghq.com/v1\nkind: KongClusterPlugin\nmetadata: {name: bad, labels: {global: "
        "'true'}, annotations: {kubernetes.io/ingress.class: kong}}\nplugin: rate-limiting\nconfig: {minute: x}\n");
    wait_for(room, is_refused);

    const char *text = get(room, "/metrics");

    assert_true(value_of(text,
                         "ingress_controller_configuration_push_count{success=\"false\",protocol=\"deck\",failure_"
                         "reason=\"other\"}") >= 1);
    assert_true(value_of(text, "ingress_controller_configuration_push_broken_resource_count") == 1);
    assert_true(value_of(text, "kongruent_entities{state=\"refused\"}") == 1);
}

/* Every sample belongs to the family above it, and buckets only rise. */
static void the_text_is_well_formed(void **state)
{
    struct room *room = *state;
    begin(room);
    AUTO(text) char *text = xstrdup(get(room, "/metrics"));
    char family[128] = "", *rest = text;
    double below = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char type[32];
        if (sscanf(line, "# TYPE %127s %31s", family, type) == 2) {
            assert_true(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 || strcmp(type, "histogram") == 0);
            below = 0;
            continue;
        }
        if (line[0] == '#' || line[0] == '\0')
            continue;
        assert_memory_equal(line, family, strlen(family));
        double value = strtod(strrchr(line, ' ') + 1, NULL);
        if (strstr(line, "_bucket{") == NULL) {
            below = 0;
            continue;
        }
        assert_true(value >= below);
        below = strstr(line, "le=\"+Inf\"") != NULL ? 0 : value;
    }
}

static void the_page_for_docs_names_every_family(void **state)
{
    struct room *room = *state;
    AUTO(buf) struct buf page = BUF_OWN;
    web_metrics_markdown(&page);
    begin(room);
    AUTO(text) char *text = xstrdup(get(room, "/metrics"));
    char *rest = text;
    size_t families = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char name[128], type[32];
        if (sscanf(line, "# TYPE %127s %31s", name, type) != 2)
            continue;
        AUTO(text) char *row = xasprintf("| `%s` | %s |", name, type);
        if (strstr(buf_text(&page), row) == NULL)
            fail_msg("the page lacks %s", row);
        families++;
    }
    assert_true(families > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(what_happened_is_counted),
        WITH_ROOM(a_sync_with_a_refusal_is_a_bad_one),
        WITH_ROOM(the_text_is_well_formed),
        WITH_ROOM(the_page_for_docs_names_every_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
