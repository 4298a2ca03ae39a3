/* The engine's foremost promise, with the bundled rules: whatever was changed in whatever order, the result is the one
 * from scratch. KONGRUENT_SEQUENCES=N tries more sequences, KONGRUENT_SEED=N begins with another one. */
#include "certificates.h"
#include "engine_text.h"
#include "grammar.h"

#include "base/hash.h"

#define SEQUENCES_DEFAULT 250
#define BATCHES_MAX       6
#define REPEATS_MAX       12 /* attempts at another version of an object that was there */
#define DIFFERENCES_SHOWN 12
#define FAILURES_MAX      5 /* reported before the test gives up */

enum edit_sort { EDIT_PUT, EDIT_REMOVE, EDIT_SETTINGS };

struct edit {
    enum edit_sort sort;
    int batch;
    const char *way; /* of <object>; borrowed from the grammar */
    char *text;      /* the object (of a removal: with the identity that goes), or the settings */
    char *identity;  /* "kind namespace/name" */
};

struct edits {
    VEC(struct edit);
};

struct world {
    struct grammar grammar;
    struct store_kinds *kinds;
};

struct flavour {
    const char *pack;
    bool expressions;
    const char *overrides;
};

/* Rules that try to keep something between runs. */
#define KEEPING KONGRUENT_SOURCE_DIR "/spec/unit/rules/keeping"

static char *base64(const char *text)
{
    struct buf out = BUF_OWN;
    hash_base64_encode(text, strlen(text), &out);
    return buf_take(&out);
}

static void give_pair(struct grammar *grammar, const char *word, const struct certificate *certificate,
                      const struct certificate *key)
{
    AUTO(text) char *cert = base64(certificate->cert_pem);
    AUTO(text) char *private_key = base64(key->key_pem);
    AUTO(text) char *data = xasprintf("{\"tls.crt\":\"%s\",\"tls.key\":\"%s\"}", cert, private_key);
    grammar_give(grammar, word, data, 1);
}

static void give_authority(struct grammar *grammar, const struct certificate *authority)
{
    AUTO(text) char *cert = base64(authority->cert_pem);
    AUTO(text) char *id = base64("6d6a4a4e-5a0c-4a3a-9d5e-1f7a2c3b4d5e");
    AUTO(text) char *data = xasprintf("{\"id\":\"%s\",\"cert\":\"%s\",\"ca.crt\":\"%s\"}", id, cert, cert);
    grammar_give(grammar, "ca-data", data, 1);
    AUTO(buf) struct buf plain = BUF_OWN;
    for (const char *c = authority->cert_pem; *c != '\0'; c++)
        buf_printf(&plain, *c == '\n' ? "\\n" : "%c", *c);
    AUTO(text)
    char *map = xasprintf("{\"id\":\"7d6a4a4e-5a0c-4a3a-9d5e-1f7a2c3b4d5e\",\"cert\":\"%s\",\"ca.crt\":\"%s\"}",
                          plain.data, plain.data);
    grammar_give(grammar, "ca-map-data", map, 1);
    grammar_give(grammar, "ca-map-data", "{\"ca.crt\":\"none\"}", 1);
}

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof(*world));
    world->kinds = store_kinds_new();
    grammar_load(&world->grammar, KONGRUENT_SOURCE_DIR "/spec/unit/rules/cluster.grammar");
    struct certificate first = certificate_make(NULL, "one.test", "DNS:one.test", false);
    struct certificate second = certificate_make(NULL, "two.test", "DNS:two.test", false);
    struct certificate authority = certificate_make(NULL, "authority", NULL, true);
    give_pair(&world->grammar, "tls-pair-1", &first, &first);
    give_pair(&world->grammar, "tls-pair-2", &second, &second);
    give_pair(&world->grammar, "tls-pair-mixed", &first, &second);
    give_authority(&world->grammar, &authority);
    certificate_done(&first);
    certificate_done(&second);
    certificate_done(&authority);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    grammar_done(&world->grammar);
    store_kinds_free(world->kinds);
    free(world);
    return 0;
}

static struct object *parse(const struct store_kinds *kinds, const char *text)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    if (object_parse(kinds, text, strlen(text), NULL, &object, &err) != 0)
        fail_msg("%s: %s", err.text, text);
    return object;
}

static char *identity_of(const struct world *world, const char *text)
{
    AUTO(object) struct object *object = parse(world->kinds, text);
    return xasprintf("%s %s/%s", object->kind->id, object->namespace, object->name);
}

static struct edit make_put(const struct world *world, struct random *random, const char *way)
{
    struct buf text = BUF_OWN;
    grammar_expand(&world->grammar, random, way, 0, &text);
    struct edit edit = {.way = way, .text = buf_take(&text)};
    edit.identity = identity_of(world, edit.text);
    return edit;
}

static void drop_edit(struct edit *edit)
{
    free(edit->text);
    free(edit->identity);
}

static void drop_edits(struct edits *edits)
{
    for (size_t i = 0; i < edits->count; i++)
        drop_edit(&edits->items[i]);
    vec_done(edits);
}

static struct edit copy_edit(const struct edit *edit)
{
    return (struct edit){edit->sort, edit->batch, edit->way, xstrdup(edit->text), xstrdup(edit->identity)};
}

/* Another version of an object that was there; what comes instead when chance gives none is as good. */
static struct edit make_change(const struct world *world, struct random *random, const struct edit *before)
{
    struct edit edit = make_put(world, random, before->way);
    for (int i = 0; i < REPEATS_MAX && strcmp(edit.identity, before->identity) != 0; i++) {
        drop_edit(&edit);
        edit = make_put(world, random, before->way);
    }
    return edit;
}

static struct edit make_settings(struct random *random)
{
    static const char *const settings[] = {
        "{\"router_flavor\":\"traditional_compatible\"}",
        "{\"router_flavor\":\"expressions\"}",
        "{\"router_flavor\":\"expressions\",\"feature_gates\":{\"RewriteURIs\":true,\"KongServiceFacade\":true},"
        "\"combined_services\":true}",
        "{\"feature_gates\":{\"RewriteURIs\":true,\"KongServiceFacade\":true},\"enable_drain_support\":true,"
        "\"offline\":true}",
        "{\"on_missing_plugin\":\"serve\",\"workspace\":\"w\",\"proxy_listen\":[\"0.0.0.0:80\",\"0.0.0.0:443 ssl\"]}",
        "{\"router_flavor\":\"expressions\",\"proxy_listen\":[\"80\",\"81\",\"443/ssl\",\"9000/tcp\"],"
        "\"gateway_addresses\":[\"10.0.0.1\",\"10.0.0.2\",\"10.0.0.3\"]}",
        "{\"proxy_listen\":[\"10.0.0.1:80\",\"10.0.0.2:80\",\"10.0.0.2:443/ssl\",\"10.0.0.3:443/tls\"],"
        "\"offline\":true}",
    };
    return (struct edit){.sort = EDIT_SETTINGS,
                         .text = xstrdup(settings[random_below(random, COUNT_OF(settings))]),
                         .identity = xstrdup("settings")};
}

static struct edit make_edit(const struct world *world, struct random *random, const struct edits *before,
                             const struct grammar_word *theme)
{
    const struct grammar_word *objects = grammar_find(&world->grammar, "object");
    size_t dice = random_below(random, 20);
    const struct edit *earlier = before->count != 0 ? &before->items[random_below(random, before->count)] : NULL;
    if (dice == 0)
        return make_settings(random);
    if (dice < 5 && earlier != NULL && earlier->sort == EDIT_PUT) {
        struct edit edit = copy_edit(earlier);
        edit.sort = EDIT_REMOVE;
        return edit;
    }
    if (dice < 10 && earlier != NULL && earlier->way != NULL)
        return make_change(world, random, earlier);
    if (dice < 17)
        return make_put(world, random, theme->items[random_below(random, theme->count)]);
    return make_put(world, random, objects->items[random_below(random, objects->count)]);
}

/* A sequence keeps to some kinds, so that its objects meet, and begins with what most kinds need. */
static struct edits make_sequence(const struct world *world, struct random *random)
{
    static const char *const grounds[] = {"<gateway-class>", "<gateway>", "<gateway>",      "<service>",
                                          "<service>",       "<slice>",   "<ingress-class>"};
    static const char *const themes[] = {"consumers", "sites", "routes", "streams", "upstreams", "gateways", "object"};
    const struct grammar_word *theme = grammar_find(&world->grammar, themes[random_below(random, COUNT_OF(themes))]);
    struct edits edits = {0};
    for (size_t i = 0; i < COUNT_OF(grounds); i++) {
        if (random_below(random, 4) != 0)
            vec_push(&edits, make_put(world, random, grounds[i]));
    }
    size_t first = 5 + random_below(random, 40);
    for (size_t i = 0; i < first; i++) {
        struct edit edit = make_edit(world, random, &edits, theme);
        vec_push(&edits, edit);
    }
    int batches = 1 + (int)random_below(random, BATCHES_MAX);
    for (int batch = 1; batch <= batches; batch++) {
        size_t count = 1 + random_below(random, random_below(random, 3) == 0 ? 12 : 3);
        for (size_t i = 0; i < count; i++) {
            struct edit edit = make_edit(world, random, &edits, theme);
            edit.batch = batch;
            vec_push(&edits, edit);
        }
    }
    return edits;
}

static struct rules *load(const struct flavour *flavour, const char *settings_text)
{
    AUTO(json) struct json *settings = NULL;
    struct err err = ERR_INIT;
    const char *text = settings_text != NULL  ? settings_text
                       : flavour->expressions ? "{\"router_flavor\":\"expressions\"}"
                                              : "{}";
    assert_int_equal(json_parse(text, strlen(text), &settings, &err), 0);
    struct rules_options options = {.bundle = KONGRUENT_SOURCE_DIR "/lua",
                                    .pack = flavour->pack,
                                    .overrides = flavour->overrides,
                                    .settings = settings};
    struct rules *rules = NULL;
    if (rules_load(&options, &rules, &err) != 0)
        fail_msg("%s", err.text);
    return rules;
}

static void apply(struct rules *rules, const struct edit *edit)
{
    if (edit->sort == EDIT_SETTINGS) {
        AUTO(json) struct json *settings = NULL;
        struct err err = ERR_INIT;
        assert_int_equal(json_parse(edit->text, strlen(edit->text), &settings, &err), 0);
        rules_set_settings(rules, settings);
        return;
    }
    struct object *object = parse(rules_kind_table(rules), edit->text);
    if (edit->sort == EDIT_PUT) {
        rules_put(rules, object);
        return;
    }
    rules_remove(rules, object->kind, object->namespace, object->name);
    object_unref(object);
}

static void run(struct rules *rules, struct engine_state *state)
{
    struct rules_delta delta;
    rules_run(rules, &delta);
    engine_state_hear(state, &delta);
    rules_delta_done(&delta);
}

/* The objects that are there after the first `count` edits, in an order that has nothing to do with theirs, into a new
 * engine. */
static char *from_scratch(const struct flavour *flavour, const struct edits *edits, size_t count, struct random *random)
{
    struct map last; /* identity -> struct edit, borrowed */
    map_init(&last, NULL);
    for (size_t i = 0; i < count; i++)
        map_put(&last, edits->items[i].identity, &edits->items[i]);
    const struct edit *settings = map_find(&last, "settings");
    struct rules *rules = load(flavour, settings != NULL ? settings->text : NULL);
    struct map_entry **order = map_sorted(&last);
    for (size_t i = last.count; i > 1; i--) {
        size_t other = random_below(random, i);
        struct map_entry *swapped = order[i - 1];
        order[i - 1] = order[other];
        order[other] = swapped;
    }
    for (size_t i = 0; i < last.count; i++) {
        const struct edit *edit = order[i]->value;
        if (edit->sort == EDIT_PUT)
            apply(rules, edit);
    }
    free(order);
    map_done(&last);
    struct engine_state state;
    engine_state_init(&state);
    run(rules, &state);
    struct buf text = BUF_OWN;
    engine_print_held(&text, rules, &state);
    engine_print_emitted(&text, rules);
    engine_state_done(&state);
    rules_free(rules);
    return buf_take(&text);
}

/* Lines that only one of two texts has. */
static void print_only(struct buf *out, const char *sign, const char *left, const char *right)
{
    AUTO(text) char *copy = xstrdup(left);
    int shown = 0;
    char *rest = copy;
    for (const char *line; (line = strsep(&rest, "\n")) != NULL && shown < DIFFERENCES_SHOWN;) {
        AUTO(text) char *whole = xasprintf("%s\n", line);
        if (strstr(right, whole) != NULL)
            continue;
        buf_printf(out, "%s %.1500s\n", sign, line);
        shown++;
    }
}

static char *difference(const char *what, int batch, const char *left, const char *right)
{
    if (strcmp(left, right) == 0)
        return NULL;
    struct buf out = BUF_OWN;
    buf_printf(&out, "batch %d: %s\n", batch, what);
    print_only(&out, "-", left, right);
    print_only(&out, "+", right, left);
    return buf_take(&out);
}

static char *check_batch(struct rules *rules, const struct engine_state *state, const struct flavour *flavour,
                         const struct edits *edits, size_t count, struct random *random)
{
    int batch = edits->items[count - 1].batch;
    AUTO(buf) struct buf held = BUF_OWN;
    AUTO(buf) struct buf heard = BUF_OWN;
    engine_print_held(&held, rules, state);
    engine_print_heard(&heard, state);
    char *failure = difference("the deltas (-) do not add up to what the engine holds (+)", batch, buf_text(&heard),
                               buf_text(&held));
    if (failure != NULL)
        return failure;
    if (strstr(buf_text(&held), " RuleFailed ") != NULL)
        return difference("a rule failed", batch, "", buf_text(&held));
    if (random == NULL)
        return NULL;
    engine_print_emitted(&held, rules);
    AUTO(text) char *scratch = from_scratch(flavour, edits, count, random);
    return difference("edit by edit (-) is not as from scratch (+)", batch, buf_text(&held), scratch);
}

/* What is wrong, or NULL.  `every`: from scratch after every batch, else after the last. */
static char *try_sequence(const struct flavour *flavour, const struct edits *edits, uint64_t seed, bool every)
{
    struct random random = {seed};
    struct rules *rules = load(flavour, NULL);
    struct engine_state state;
    engine_state_init(&state);
    char *failure = NULL;
    for (size_t i = 0; i < edits->count && failure == NULL; i++) {
        apply(rules, &edits->items[i]);
        bool last = i + 1 == edits->count;
        if (!last && edits->items[i + 1].batch == edits->items[i].batch)
            continue;
        run(rules, &state);
        failure = check_batch(rules, &state, flavour, edits, i + 1, last || every ? &random : NULL);
    }
    engine_state_done(&state);
    rules_free(rules);
    return failure;
}

/* Leaves out runs of edits, ever shorter ones, as long as something stays wrong. */
static char *shrink(const struct flavour *flavour, struct edits *edits, uint64_t seed, char *failure)
{
    for (size_t width = edits->count / 2; width > 0; width = width > 1 ? (width + 1) / 2 : 0) {
        for (size_t at = 0; at < edits->count && edits->count > width;) {
            struct edits fewer = {0};
            for (size_t i = 0; i < edits->count; i++) {
                if (i < at || i >= at + width)
                    vec_push(&fewer, edits->items[i]);
            }
            char *still = try_sequence(flavour, &fewer, seed, true);
            if (still == NULL) {
                vec_done(&fewer);
                at += width;
                continue;
            }
            for (size_t i = at; i < at + width && i < edits->count; i++)
                drop_edit(&edits->items[i]);
            vec_done(edits);
            *edits = fewer;
            free(failure);
            failure = still;
        }
    }
    return failure;
}

static void report(const struct flavour *flavour, const struct edits *edits, uint64_t seed, const char *failure)
{
    print_error("KONGRUENT_SEED=%llu, pack %s, %s%s:\n", (unsigned long long)seed,
                flavour->pack != NULL ? flavour->pack : "none",
                flavour->expressions ? "expressions" : "traditional_compatible",
                flavour->overrides != NULL ? ", rules that try to keep something" : "");
    static const char *const words[] = {"put", "remove", "settings"};
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];
        print_error("%d %s %s\n", edit->batch, words[edit->sort],
                    edit->sort == EDIT_REMOVE ? edit->identity : edit->text);
    }
    print_error("%s", failure);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void edit_by_edit_is_as_from_scratch(void **state)
{
    static const struct flavour flavours[] = {{NULL, false, NULL}, {NULL, true, NULL},     {"kic", false, NULL},
                                              {"kic", true, NULL}, {NULL, false, KEEPING}, {NULL, true, KEEPING}};
    const struct world *world = *state;
    uint64_t first = number_from_environment("KONGRUENT_SEED", 1);
    uint64_t count = number_from_environment("KONGRUENT_SEQUENCES", SEQUENCES_DEFAULT);
    int failures = 0;
    for (uint64_t seed = first; seed < first + count && failures < FAILURES_MAX; seed++) {
        const struct flavour *flavour = &flavours[seed % COUNT_OF(flavours)];
        struct random random = {seed};
        struct edits edits = make_sequence(world, &random);

        char *failure = try_sequence(flavour, &edits, seed, false);

        if (failure != NULL) {
            failure = shrink(flavour, &edits, seed, failure);
            report(flavour, &edits, seed, failure);
        }
        drop_edits(&edits);
        failures += failure != NULL;
        free(failure);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edit_by_edit_is_as_from_scratch),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
