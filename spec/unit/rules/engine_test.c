/* The engine's promises, with small rules of our own: what runs again, what stops, what happens to failures and
 * collisions. */
#include "check.h"
#include "rules/rules.h"
#include "scratch.h"

struct lab {
    struct scratch scratch;
    struct rules *rules;
};

static const char *const INGRESS_RULE =
    "return { api = 1, kind = 'networking.k8s.io/v1/Ingress', reads = { 'v1/Secret' }, contributes = { 'backend' },\n"
    "  name = function(self, ctx, o) return o.metadata.name end,\n"
    "  translate = function(self, ctx, o)\n"
    "    if o.spec.fail then error('told to fail') end\n"
    "    if o.spec.spin then while true do pcall(function() while true do end end) end end\n"
    "    local secret = o.spec.secret and ctx:lookup('v1/Secret', o.metadata.namespace, o.spec.secret)\n"
    "    ctx:contribute('backend', o.spec.service, { port = o.spec.port })\n"
    "    ctx:emit('route', { name = self:name(ctx, o), paths = { o.spec.path }, tags = { secret and 'has-secret' or "
    "'no-secret' } },\n"
    "      { service = o.spec.service })\n"
    "  end }\n";

static const char *const BACKEND_RULE =
    "return { api = 1, shared = 'backend', reads = { 'v1/Service' }, consults = { 'names' },\n"
    "  translate = function(self, ctx, key, contributions)\n"
    "    local service = ctx:lookup('v1/Service', 'default', key)\n"
    "    if not service then ctx:problem(contributions[1].from, 'ServiceNotFound', 'no ' .. key) return end\n"
    "    local names = {}\n"
    "    for _, c in ipairs(contributions) do names[#names + 1] = c.from.name end\n"
    "    ctx:emit('service', { name = key, host = 'h', port = contributions[1].data.port, tags = names })\n"
    "  end }\n";

static const char *const SERVICE_RULE =
    "return { api = 1, kind = 'v1/Service', contributes = { 'names' },\n"
    "  translate = function(self, ctx, o) ctx:contribute('names', 'all', o.metadata.name) end }\n";

static const char *const NAMES_TOPIC = "return { api = 1, shared = 'names' }\n";

static void write_rules(const struct scratch *scratch)
{
    scratch_folder(scratch, "rules");
    scratch_folder(scratch, "overrides");
    scratch_write(scratch, "rules/ingress.lua", INGRESS_RULE);
    scratch_write(scratch, "rules/backend.lua", BACKEND_RULE);
    scratch_write(scratch, "rules/service.lua", SERVICE_RULE);
    scratch_write(scratch, "rules/names.lua", NAMES_TOPIC);
}

static int load(struct lab *lab, struct err *err)
{
    AUTO(text) char *overrides = xasprintf("%s/overrides", lab->scratch.path);
    struct rules_options options = {
        .bundle = lab->scratch.path, .overrides = overrides, .limits = {.instructions = 2000000}};
    return rules_load(&options, &lab->rules, err);
}

static int set_up(void **state)
{
    struct lab *lab = xcalloc(1, sizeof(*lab));
    scratch_make(&lab->scratch);
    write_rules(&lab->scratch);
    *state = lab;
    return 0;
}

static int tear_down(void **state)
{
    struct lab *lab = *state;
    rules_free(lab->rules);
    scratch_remove(&lab->scratch);
    free(lab);
    return 0;
}

static void must_load(struct lab *lab)
{
    struct err err = ERR_INIT;
    int rc = load(lab, &err);
    if (rc != 0)
        print_error("%s\n", err.text);
    assert_int_equal(rc, 0);
}

static void put(struct lab *lab, const char *json)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(object_parse(rules_kind_table(lab->rules), json, strlen(json), NULL, &object, &err), 0);
    rules_put(lab->rules, object);
}

static void put_service(struct lab *lab, const char *name)
{
    AUTO(text)
    char *json = xasprintf(
        "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"default\"}}", name);
    put(lab, json);
}

static void put_ingress(struct lab *lab, const char *name, const char *spec)
{
    AUTO(text)
    char *json =
        xasprintf("{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"%s\","
                  "\"namespace\":\"default\"},\"spec\":{%s}}",
                  name, spec);
    put(lab, json);
}

/* Runs a wave; returns how many nodes ran and writes the changes as "kind key=text" or "kind key gone". */
static uint64_t wave(struct lab *lab, struct buf *changes)
{
    uint64_t before = rules_counters(lab->rules).nodes_run;
    struct rules_delta delta;
    rules_run(lab->rules, &delta);
    for (size_t i = 0; changes != NULL && i < delta.change_count; i++) {
        const struct rules_change *change = &delta.changes[i];
        buf_printf(changes, "%s %s%s%s;", change->kind->name, change->key, change->entity != NULL ? "=" : " gone",
                   change->entity != NULL ? change->entity->text : "");
    }
    rules_delta_done(&delta);
    return rules_counters(lab->rules).nodes_run - before;
}

static const char *only_problem(struct lab *lab, char *code, size_t size)
{
    size_t count;
    struct problem **problems = rules_problems(lab->rules, &count);
    snprintf(code, size, "%zu:%s", count, count != 0 ? problems[0]->code : "");
    free(problems);
    return code;
}

static void a_changed_object_runs_its_own_node_only(void **state)
{
    struct lab *lab = *state;
    must_load(lab);
    put_service(lab, "s");
    for (int i = 0; i < 50; i++) {
        AUTO(text) char *name = xasprintf("i%d", i);
        put_ingress(lab, name, "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    }
    wave(lab, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_ingress(lab, "i7", "\"service\":\"s\",\"port\":80,\"path\":\"/changed\"");
    uint64_t ran = wave(lab, &changes);

    assert_int_equal(ran, 1);
    assert_string_equal(changes.data, "route i7={\"name\":\"i7\",\"paths\":[\"/changed\"],\"tags\":[\"no-secret\"]};");
}

static void an_unchanged_object_runs_nothing(void **state)
{
    struct lab *lab = *state;
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    wave(lab, NULL);

    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    uint64_t ran = wave(lab, NULL);

    assert_int_equal(ran, 0);
}

/* A rule that sees its own status, and that of a Service. */
static const char *const STATUS_RULE =
    "return { api = 1, kind = 'v1/Secret', reads = { 'v1/Service' }, translate = function(self, ctx, o)\n"
    "    local own = ctx:status('v1/Secret', 'default', o.metadata.name) or {}\n"
    "    local service = ctx:lookup('v1/Service', 'default', 's')\n"
    "    ctx:emit('service', { name = o.metadata.name, host = own.host or 'none',\n"
    "      tags = { tostring(o.status), tostring(o.metadata.resourceVersion), tostring(service.status) } })\n"
    "  end }\n";

static void put_secret(struct lab *lab, int version, const char *host)
{
    AUTO(text)
    char *json = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\",\"namespace\":"
                           "\"default\",\"resourceVersion\":\"%d\"},\"status\":{\"host\":\"%s\"}}",
                           version, host);
    put(lab, json);
}

static void a_status_wakes_only_who_reads_it(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-secret.lua", STATUS_RULE);
    must_load(lab);
    put_service(lab, "s");
    put_secret(lab, 1, "one");
    wave(lab, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_secret(lab, 2, "one");
    uint64_t by_version = wave(lab, &changes);
    put_secret(lab, 3, "two");
    uint64_t by_status = wave(lab, &changes);
    put(lab, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":\"default\"},"
             "\"status\":{\"a\":1}}");
    uint64_t by_other = wave(lab, &changes);

    assert_int_equal(by_version, 0);
    assert_int_equal(by_status, 1);
    assert_int_equal(by_other, 0);
    assert_string_equal(changes.data,
                        "service x={\"host\":\"two\",\"name\":\"x\",\"tags\":[\"nil\",\"nil\",\"nil\"]};");
}

/* A rule that counts Services, and contributes one name each whose data are what the label says. */
static const char *const COUNT_RULE =
    "return { api = 1, kind = 'v1/Secret', consults = { 'names' }, translate = function(self, ctx, o)\n"
    "    ctx:emit('service', { name = 'x', host = ctx:count('names', 'all') .. ' ' .. ctx:count('names', 'none') })\n"
    "  end }\n";

static const char *const LABEL_RULE = "return { api = 1, extends = 'v1/Service', translate = function(super, ctx, o)\n"
                                      "    ctx:contribute('names', 'all', o.metadata.labels.x)\n"
                                      "  end }\n";

static void put_labelled(struct lab *lab, const char *name, const char *label)
{
    AUTO(text)
    char *json = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"%s\",\"namespace\":"
                           "\"default\",\"labels\":{\"x\":\"%s\"}}}",
                           name, label);
    put(lab, json);
}

static void who_counts_runs_when_the_number_changes_and_reads_no_contribution(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-secret.lua", COUNT_RULE);
    scratch_write(&lab->scratch, "overrides/20-service.lua", LABEL_RULE);
    must_load(lab);
    put_labelled(lab, "a", "one");
    put_labelled(lab, "b", "one");
    put_secret(lab, 1, "");
    AUTO(buf) struct buf changes = BUF_OWN;
    wave(lab, &changes);

    put_labelled(lab, "a", "two");
    uint64_t by_data = wave(lab, &changes);
    put_labelled(lab, "c", "one");
    uint64_t by_arrival = wave(lab, &changes);
    rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "v1/Service"), "default", "a");
    put_labelled(lab, "d", "one");
    uint64_t by_exchange = wave(lab, &changes);
    for (const char *name = "bcd"; *name != '\0'; name++)
        rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "v1/Service"), "default",
                     (const char[]){*name, '\0'});
    uint64_t by_end = wave(lab, &changes);

    assert_int_equal(by_data, 1); /* the Service's own node */
    assert_int_equal(by_arrival, 2);
    assert_int_equal(by_exchange, 1);
    assert_int_equal(by_end, 1);
    assert_string_equal(changes.data, "service x={\"host\":\"2 0\",\"name\":\"x\"};"
                                      "service x={\"host\":\"3 0\",\"name\":\"x\"};"
                                      "service x={\"host\":\"0 0\",\"name\":\"x\"};");
    assert_int_equal(rules_counters(lab->rules).contributions_read, 0);
}

static const char *const GIVING_RULE =
    "return { api = 1, kind = 'v1/Secret', contributes = { 'backend' }, translate = function(self, ctx, o)\n"
    "    for name in o.type:gmatch('%a') do ctx:contribute('backend', name, { port = 80 }) end\n"
    "  end }\n";

static void what_is_given_to_others_first_wakes_nobody_else(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-secret.lua", GIVING_RULE);
    must_load(lab);
    put(lab, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"},\"type\":"
             "\"b c\"}");
    wave(lab, NULL);

    put(lab, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"},\"type\":"
             "\"a b c\"}");
    uint64_t ran = wave(lab, NULL);

    assert_int_equal(ran, 2); /* the Secret's, and a's */
}

static void an_absent_object_that_appears_wakes_who_looked_for_it(void **state)
{
    struct lab *lab = *state;
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\",\"secret\":\"key\"");
    put_ingress(lab, "other", "\"service\":\"s\",\"port\":80,\"path\":\"/a\",\"secret\":\"another\"");
    wave(lab, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put(lab, "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"key\",\"namespace\":\"default\"}}");
    uint64_t ran = wave(lab, &changes);

    assert_int_equal(ran, 1);
    assert_non_null(strstr(changes.data, "has-secret"));
}

static void a_shared_node_goes_with_its_last_contributor(void **state)
{
    struct lab *lab = *state;
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    wave(lab, NULL);
    uint64_t nodes = rules_counters(lab->rules).nodes;
    AUTO(buf) struct buf changes = BUF_OWN;

    rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "networking.k8s.io/v1/Ingress"), "default",
                 "i");
    wave(lab, &changes);

    assert_string_equal(changes.data, "service s gone;route i gone;");
    assert_int_equal(rules_counters(lab->rules).nodes, nodes - 2);
}

static void a_route_without_its_service_is_left_out_and_comes_back_with_it(void **state)
{
    struct lab *lab = *state;
    char code[64];
    must_load(lab);
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    AUTO(buf) struct buf first = BUF_OWN;
    AUTO(buf) struct buf second = BUF_OWN;

    wave(lab, &first);
    only_problem(lab, code, sizeof(code));
    put_service(lab, "s");
    wave(lab, &second);

    assert_string_equal(buf_text(&first), "");
    assert_int_equal(code[0], '2'); /* the missing Service, and the route that is left out for it */
    assert_non_null(strstr(second.data, "service s="));
    assert_non_null(strstr(second.data, "route i="));
    assert_string_equal(only_problem(lab, code, sizeof(code)), "0:");
}

static void a_failing_node_keeps_its_last_good_result(void **state)
{
    struct lab *lab = *state;
    char code[64];
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/good\"");
    wave(lab, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/bad\",\"fail\":true");
    wave(lab, &changes);

    assert_string_equal(buf_text(&changes), "");
    assert_string_equal(only_problem(lab, code, sizeof(code)), "1:RuleFailed");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/better\"");
    wave(lab, &changes);
    assert_non_null(strstr(changes.data, "/better"));
    assert_string_equal(only_problem(lab, code, sizeof(code)), "0:");
}

/* What a failed run read makes it run again, like what the last good one read; what failures before it read does not. */
static void a_failed_node_runs_again_for_what_it_read(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-read.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', translate = function(super, ctx, o)\n"
                  "  ctx:lookup('v1/Secret', 'default', o.spec.secret)\n"
                  "  if o.spec.fail then error('told to fail') end\n"
                  "end }\n");
    must_load(lab);
    put_ingress(lab, "i", "\"secret\":\"good\"");
    wave(lab, NULL);
    put_ingress(lab, "i", "\"secret\":\"first\",\"fail\":true");
    wave(lab, NULL);
    put_ingress(lab, "i", "\"secret\":\"second\",\"fail\":true");
    wave(lab, NULL);
    static const char *const names[] = {"good", "first", "second"};
    static const uint64_t runs[] = {1, 0, 1};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(text)
        char *secret = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"%s\","
                                 "\"namespace\":\"default\"}}",
                                 names[i]);
        put(lab, secret);

        assert_int_equal(wave(lab, NULL), runs[i]);
    }
    put_ingress(lab, "i", "\"secret\":\"second\"");
    wave(lab, NULL);
    rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "v1/Secret"), "default", "good");
    assert_int_equal(wave(lab, NULL), 0);
}

/* A node's contributions and emissions find their like, in whatever order they come. */
static void an_other_order_changes_nothing(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-many.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', translate = function(super, ctx, o)\n"
                  "  for i = 1, 200 do\n"
                  "    local n = o.spec.back and 201 - i or i\n"
                  "    ctx:emit('route', { name = 'r' .. n % 150, paths = { '/' .. n } })\n"
                  "    ctx:emit('service', { name = 's' .. n, host = 'h' })\n"
                  "  end\n"
                  "end }\n");
    must_load(lab);
    AUTO(buf) struct buf changes = BUF_OWN;
    put_ingress(lab, "i", "\"back\":false");
    wave(lab, NULL);

    put_ingress(lab, "i", "\"back\":true");
    wave(lab, &changes);
    put_ingress(lab, "i", "\"back\":false,\"x\":1");
    wave(lab, &changes);

    assert_string_equal(buf_text(&changes), "");
    size_t count;
    free(rules_entities(lab->rules, &count));
    assert_int_equal(count, 350);
}

/* Names of files may hold anything; nobody parses them. */
static void a_name_with_a_slash_is_a_name(void **state)
{
    struct lab *lab = *state;
    char code[64];
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "a/b", "\"service\":\"s\",\"port\":80,\"path\":\"/\"");
    put(lab, "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"b\",\"namespace\":"
             "\"default/a\"},\"spec\":{\"service\":\"s\",\"port\":80,\"path\":\"/\"}}");

    wave(lab, NULL);

    size_t count;
    free(rules_entities(lab->rules, &count));
    assert_int_equal(count, 3);
    assert_string_equal(only_problem(lab, code, sizeof(code)), "0:");
    rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "networking.k8s.io/v1/Ingress"), "default",
                 "a/b");
    wave(lab, NULL);
    free(rules_entities(lab->rules, &count));
    assert_int_equal(count, 2);
}

static void other_threads_may_feel_the_pulse(void **state)
{
    struct lab *lab = *state;
    must_load(lab);
    assert_int_equal(rules_pulse(lab->rules).nodes_run, 0);
    put_service(lab, "s");

    wave(lab, NULL);

    assert_int_equal(rules_pulse(lab->rules).nodes_run, 1);
    assert_int_equal(rules_pulse(lab->rules).running_since_ms, 0);
}

/* From memory that is too small to open a state to memory that will do for everything. */
static void want_of_memory_is_a_failure_like_others(void **state)
{
    struct lab *lab = *state;
    AUTO(text) char *overrides = xasprintf("%s/overrides", lab->scratch.path);
    scratch_write(&lab->scratch, "overrides/10-name.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', name = function(super, ctx, o)\n"
                  "  return super(ctx, o) .. ('x'):rep(3000):sub(1, 1) end }\n");
    size_t unloaded = 0, failed = 0, good = 0;
    for (size_t memory = 10000; good == 0; memory += 333) {
        struct rules_options options = {
            .bundle = lab->scratch.path, .overrides = overrides, .limits = {.memory = memory}};
        struct err err = ERR_INIT;
        if (rules_load(&options, &lab->rules, &err) != 0) {
            assert_int_not_equal(err.text[0], '\0');
            unloaded++;
            continue;
        }
        put_service(lab, "s");
        put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/\"");
        wave(lab, NULL);
        size_t count;
        free(rules_problems(lab->rules, &count));
        failed += count != 0;
        good += count == 0;
        rules_free(lab->rules);
        lab->rules = NULL;
    }
    assert_true(unloaded > 10);
    assert_true(failed > 0);
}

static void an_endless_loop_ends_at_its_budget_whatever_it_catches(void **state)
{
    struct lab *lab = *state;
    char code[64];
    must_load(lab);
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\",\"spin\":true");

    wave(lab, NULL);

    assert_string_equal(only_problem(lab, code, sizeof(code)), "1:RuleFailed");
}

static void the_older_of_two_objects_keeps_the_name(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-same-name.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', name = function(super, ctx, o) return "
                  "'same' end }\n");
    char code[64];
    must_load(lab);
    put_service(lab, "s");
    put(lab, "{\"apiVersion\":\"networking.k8s.io/"
             "v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"a\",\"namespace\":\"default\","
             "\"creationTimestamp\":\"2026-02-01T00:00:00Z\"},\"spec\":{\"service\":\"s\",\"port\":80,\"path\":\"/"
             "young\"}}");
    put(lab,
        "{\"apiVersion\":\"networking.k8s.io/"
        "v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"b\",\"namespace\":\"default\","
        "\"creationTimestamp\":\"2026-01-01T00:00:00Z\"},\"spec\":{\"service\":\"s\",\"port\":80,\"path\":\"/old\"}}");
    AUTO(buf) struct buf changes = BUF_OWN;

    wave(lab, &changes);

    assert_non_null(strstr(changes.data, "/old"));
    assert_null(strstr(changes.data, "/young"));
    assert_string_equal(only_problem(lab, code, sizeof(code)), "1:DuplicateEntity");
}

static char *secret_text(const char *name, const char *namespace, const char *creation)
{
    return xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\","
                     "\"creationTimestamp\":\"%s\"}}",
                     name, namespace, creation);
}

static void an_id_that_two_objects_name_belongs_to_the_older(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "rules/secret.lua",
                  "return { api = 1, kind = 'v1/Secret', translate = function(self, ctx, o)\n"
                  "  ctx:emit('ca_certificate', { id = '4b2c3d4e-0000-4000-8000-000000000001', cert = o.metadata.name "
                  "}) end }\n");
    char code[64];
    must_load(lab);
    AUTO(text) char *young = secret_text("young", "a", "2026-02-01T00:00:00Z");
    AUTO(text) char *old = secret_text("old", "b", "2026-01-01T00:00:00Z");
    AUTO(buf) struct buf first = BUF_OWN;
    AUTO(buf) struct buf second = BUF_OWN;
    AUTO(buf) struct buf third = BUF_OWN;

    put(lab, young);
    wave(lab, &first);
    put(lab, old);
    wave(lab, &second);

    assert_non_null(strstr(first.data, "{\"cert\":\"young\"}"));
    assert_non_null(strstr(second.data, "{\"cert\":\"old\"}"));
    assert_non_null(strstr(second.data, "gone"));
    assert_string_equal(only_problem(lab, code, sizeof(code)), "1:DuplicateEntity");
    rules_remove(lab->rules, store_kinds_find(rules_kind_table(lab->rules), "v1/Secret"), "b", "old");
    wave(lab, &third);
    assert_non_null(strstr(third.data, "{\"cert\":\"young\"}"));
}

static void put_aged(struct lab *lab, const char *name, const char *created)
{
    AUTO(text)
    char *json =
        xasprintf("{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"%s\","
                  "\"namespace\":\"default\",\"creationTimestamp\":\"%s\"},\"spec\":{\"service\":\"s\",\"port\":80,"
                  "\"path\":\"/%s\"}}",
                  name, created, name);
    put(lab, json);
}

static void every_younger_object_of_a_name_is_told(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-same-name.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', name = function(super, ctx, o) return "
                  "'same' end }\n");
    must_load(lab);
    put_service(lab, "s");
    put_aged(lab, "c", "2026-03-01T00:00:00Z");
    put_aged(lab, "a", "2026-01-01T00:00:00Z");
    put_aged(lab, "b", "2026-02-01T00:00:00Z");
    AUTO(buf) struct buf changes = BUF_OWN;

    wave(lab, &changes);

    size_t count;
    struct problem **problems = rules_problems(lab->rules, &count);
    assert_int_equal(count, 2);
    assert_string_equal(problems[0]->about.name, "b");
    assert_string_equal(problems[1]->about.name, "c");
    assert_string_equal(problems[1]->code, "DuplicateEntity");
    free(problems);
}

static void a_name_goes_to_an_object_that_was_made_again_with_an_older_date(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-same-name.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', name = function(super, ctx, o) return "
                  "'same' end }\n");
    must_load(lab);
    put_service(lab, "s");
    put_aged(lab, "a", "2026-01-01T00:00:00Z");
    put_aged(lab, "b", "2026-02-01T00:00:00Z");
    wave(lab, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_aged(lab, "b", "2025-01-01T00:00:00Z");
    wave(lab, &changes);

    assert_non_null(strstr(buf_text(&changes), "route same={\"name\":\"same\",\"paths\":[\"/b\"]"));
}

static void an_override_wraps_a_step_and_an_adjuster_sees_every_entity(void **state)
{
    struct lab *lab = *state;
    scratch_write(&lab->scratch, "overrides/10-name.lua",
                  "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', name = function(super, ctx, o) return "
                  "'x-' .. super(ctx, o) end }\n");
    scratch_write(&lab->scratch, "overrides/20-adjust.lua",
                  "return { api = 1, adjusts = 'route', adjust = function(ctx, entity) entity.paths[2] = '/more' "
                  "return entity end }\n");
    must_load(lab);
    put_service(lab, "s");
    put_ingress(lab, "i", "\"service\":\"s\",\"port\":80,\"path\":\"/a\"");
    AUTO(buf) struct buf changes = BUF_OWN;

    wave(lab, &changes);

    assert_non_null(strstr(changes.data, "route x-i={\"name\":\"x-i\",\"paths\":[\"/a\",\"/more\"]"));
}

static void broken_files_are_refused_with_the_nearest_right_word(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"return { api = 1, extends = 'networking.k8s.io/v1/Ingress', nam = function() end }", "did you mean 'name'"},
        {"return { api = 1, extend = 'networking.k8s.io/v1/Ingress' }", "did you mean 'extends'"},
        {"return { api = 1, extends = 'networking.k8s.io/v1/Ingres' }", "did you mean 'networking.k8s.io/v1/Ingress'"},
        {"return { api = 1, adjusts = 'rout', adjust = function() end }", "did you mean 'route'"},
        {"return { api = 2, adjusts = 'route', adjust = function() end }", "'api = 1' is needed"},
        {"return { api = 1 }", "exactly one of"},
        {"return 7", "must return a table"},
        {"return {", "overrides/10-broken.lua:1:"},
        {"os.exit(1)", "attempt to index a nil value (global 'os')"},
        {"leak = 1", "'leak' cannot be set"},
        {"return { api = 1, shared = 'loop', contributes = { 'loop' }, translate = function() end }",
         "leads back to itself"},
    };
    struct lab *lab = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scratch_write(&lab->scratch, "overrides/10-broken.lua", cases[i].text);
        struct err err = ERR_INIT;

        int rc = load(lab, &err);

        assert_true(rc < 0);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].said);
    }
}

static void rules_cannot_reach_out_of_the_sandbox(void **state)
{
    static const char *const escapes[] = {
        "getmetatable('').__index.find = nil",
        "string.find = nil",
        "getmetatable(string).__index = {}",
        "setmetatable({}, { __gc = function() end })",
        "require '../../etc/passwd'",
        "require('lib.' .. ('x'):rep(1e9))",
        "string.rep('x', 1e10)",
        "string.find(string.rep('a', 40), string.rep('a?', 30) .. string.rep('a', 30))",
        "string.dump(function() end)",
        "load('return 1')()",
        "rawset(string, 'find', nil)",
        "coroutine.wrap(function() end)()",
        "collectgarbage('stop')",
    };
    struct lab *lab = *state;
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        AUTO(text)
        char *text =
            xasprintf("%s\nreturn { api = 1, adjusts = 'route', adjust = function(_, e) return e end }", escapes[i]);
        scratch_write(&lab->scratch, "overrides/10-escape.lua", text);
        struct err err = ERR_INIT;

        int rc = load(lab, &err);

        if (rc == 0)
            fail_msg("let through: %s", escapes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_object_runs_its_own_node_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unchanged_object_runs_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_status_wakes_only_who_reads_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_counts_runs_when_the_number_changes_and_reads_no_contribution, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_given_to_others_first_wakes_nobody_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_absent_object_that_appears_wakes_who_looked_for_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shared_node_goes_with_its_last_contributor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_route_without_its_service_is_left_out_and_comes_back_with_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failing_node_keeps_its_last_good_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_node_runs_again_for_what_it_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_other_order_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_with_a_slash_is_a_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_threads_may_feel_the_pulse, set_up, tear_down),
        cmocka_unit_test_setup_teardown(want_of_memory_is_a_failure_like_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_endless_loop_ends_at_its_budget_whatever_it_catches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_older_of_two_objects_keeps_the_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_id_that_two_objects_name_belongs_to_the_older, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_younger_object_of_a_name_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_goes_to_an_object_that_was_made_again_with_an_older_date, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_override_wraps_a_step_and_an_adjuster_sees_every_entity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_files_are_refused_with_the_nearest_right_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_cannot_reach_out_of_the_sandbox, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
