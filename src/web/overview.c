/* Decides what people see first. */
#include "overview.h"

#include <string.h>

#include "base/clock.h"

const char *overview_level_name(enum overview_level level)
{
    static const char *const names[] = {
        [OVERVIEW_GOOD] = "good", [OVERVIEW_BUSY] = "busy", [OVERVIEW_WARN] = "warn", [OVERVIEW_BAD] = "bad"};
    return names[level];
}

const char *overview_state(const struct sync_controller_facts *facts)
{
    if (!facts->source_ready)
        return "reading objects";
    if (!facts->connected)
        return "waiting for the gateway";
    if (facts->held.objects != 0)
        return "deletes are held until they are approved";
    if (!facts->leading)
        return "standing by";
    return facts->converged ? "converged" : "synchronising";
}

static enum overview_level say(struct buf *out, enum overview_level level, const char *text)
{
    buf_append_text(out, text);
    return level;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

enum overview_level overview_sentence(struct sync_controller *controller, const struct sync_controller_facts *facts,
                                      struct buf *out)
{
    const struct kong_plan_counters *plan = &facts->session.plan;
    struct sync_self_facts self = sync_controller_self(controller);
    if (!facts->source_ready)
        return say(out, OVERVIEW_BUSY, "Reading the cluster; nothing is written before every kind was listed.");
    if (!facts->leading) {
        buf_printf(out, "Standing by. %s%s.", self.leader[0] != '\0' ? "The lead has " : "Nobody leads yet",
                   self.leader);
        return self.leader[0] != '\0' ? OVERVIEW_GOOD : OVERVIEW_BUSY;
    }
    if (!facts->connected)
        return say(out, OVERVIEW_BAD, "The gateway does not answer; it is tried again.");
    if (facts->held.objects != 0) {
        buf_printf(out, "The deletes of %zu object%s wait for an approval.", facts->held.objects,
                   plural(facts->held.objects));
        return OVERVIEW_WARN;
    }
    if (plan->active != 0 || !facts->translated) {
        buf_printf(out, "Under way: %zu entit%s to go.", plan->active, plan->active == 1 ? "y" : "ies");
        return OVERVIEW_BUSY;
    }
    size_t left = plan->inactive > plan->refused ? plan->inactive : plan->refused;
    if (left != 0) {
        buf_printf(out, "All but %zu entit%s in place.", left, left == 1 ? "y is" : "ies are");
        return OVERVIEW_BAD;
    }
    if (!facts->converged)
        return say(out, OVERVIEW_BUSY, "Under way.");
    if (facts->problems_error != 0) {
        buf_printf(out, "The gateway is as the cluster says, but for %zu error%s in objects.", facts->problems_error,
                   plural(facts->problems_error));
        return OVERVIEW_WARN;
    }
    return say(out, OVERVIEW_GOOD, "The gateway is as the cluster says.");
}

char *overview_plain_url(const char *url)
{
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t authority = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', authority);
    return at != NULL ? xasprintf("%.*s***@%s", (int)(host - url), url, at + 1) : xstrdup(url);
}

static void print_counts(struct writer *writer, const char *name, const size_t *counts)
{
    writer_open(writer, name, '{');
    for (int state = 0; state < CENSUS_STATES; state++)
        if (counts[state] != 0)
            writer_number(writer, census_state_name((enum census_state)state), (double)counts[state]);
    writer_close(writer, '}');
}

static void print_self(struct sync_controller *controller, const struct sync_controller_facts *facts,
                       struct writer *writer)
{
    struct sync_self_facts self = sync_controller_self(controller);
    AUTO(text) char *lease = xasprintf("%s/%s", self.lease_namespace, self.lease_name);
    writer_open(writer, "self", '{');
    writer_text(writer, "identity", self.identity);
    writer_text(writer, "leader", self.leader);
    writer_bool(writer, "leading", facts->leading);
    writer_text(writer, "lease", self.shares_lead ? lease : NULL);
    writer_text(writer, "source", self.source);
    writer_text(writer, "policy", self.policy);
    writer_text(writer, "overrides", self.overrides);
    writer_text(writer, "pack", self.pack);
    writer_text(writer, "not_ready", sync_controller_not_ready(controller));
    writer_close(writer, '}');
}

static void print_gateway(struct sync_controller *controller, const struct sync_controller_facts *facts,
                          struct writer *writer)
{
    struct sync_self_facts self = sync_controller_self(controller);
    size_t count;
    struct sync_gateway_facts *gateways = sync_controller_gateways(controller, &count);
    writer_open(writer, "gateway", '{');
    writer_bool(writer, "connected", facts->connected);
    writer_text(writer, "about", facts->gateway);
    writer_text(writer, "version", self.version);
    writer_text(writer, "role", self.role);
    writer_text(writer, "flavor", facts->flavor);
    writer_text(writer, "tag", facts->tag != NULL ? facts->tag : "");
    writer_open(writer, "urls", '[');
    for (size_t i = 0; i < count; i++) {
        AUTO(text) char *url = overview_plain_url(gateways[i].url);
        writer_open(writer, NULL, '{');
        writer_text(writer, "url", url);
        writer_bool(writer, "in_use", gateways[i].in_use);
        writer_bool(writer, "resting", gateways[i].resting);
        writer_close(writer, '}');
    }
    free(gateways);
    writer_close(writer, ']');
    /* What the data planes have is not read back. */
    writer_text(writer, "data_planes", strcmp(self.role, "control_plane") == 0 ? "not read" : NULL);
    writer_close(writer, '}');
}

static void print_kinds(struct sync_controller *controller, const struct census *census, struct writer *writer)
{
    size_t count;
    struct sync_kind_facts *kinds = sync_controller_kinds(controller, &count);
    bool files = count == 1 && strcmp(kinds[0].kind, "files") == 0;
    const struct store_kind *kind;
    struct census_object *const *objects;
    size_t known;
    writer_open(writer, "kinds", '[');
    for (size_t i = 0; census_kind(census, i, &kind, &objects, &known); i++) {
        const struct sync_kind_facts *facts = NULL;
        for (size_t k = 0; k < count && !files; k++)
            facts = strcmp(kinds[k].kind, kind->id) == 0 ? &kinds[k] : facts;
        if (facts == NULL && known == 0)
            continue;
        writer_open(writer, NULL, '{');
        writer_text(writer, "id", kind->id);
        writer_text(writer, "kind", kind->kind);
        writer_text(writer, "state", facts != NULL ? facts->state : kinds[0].state);
        writer_text(writer, "reason", facts != NULL && facts->reason != NULL ? facts->reason : "");
        writer_number(writer, "objects", (double)census_there(census, kind));
        print_counts(writer, "states", census_counts(census, kind));
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
    free(kinds);
}

static void print_entity_kinds(const struct census *census, struct writer *writer)
{
    const struct kong_kind *kind;
    struct census_entity *const *entities;
    size_t count;
    writer_open(writer, "entity_kinds", '[');
    for (size_t i = 0; census_entity_kind(census, i, &kind, &entities, &count); i++) {
        if (count == 0)
            continue;
        writer_open(writer, NULL, '{');
        writer_text(writer, "kind", kind->name);
        writer_number(writer, "count", (double)count);
        print_counts(writer, "states", census_entity_counts(census, kind));
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void print_syncs(struct sync_controller *controller, struct writer *writer)
{
    struct sync_record syncs[SYNCS_KEPT];
    size_t count = sync_controller_syncs(controller, syncs);
    writer_open(writer, "syncs", '[');
    for (size_t i = 0; i < count; i++) {
        writer_open(writer, NULL, '{');
        writer_number(writer, "began", (double)(int64_t)(syncs[i].began * 1000) / 1000);
        writer_number(writer, "ms", (double)syncs[i].took_ms);
        writer_number(writer, "created", syncs[i].created);
        writer_number(writer, "updated", syncs[i].updated);
        writer_number(writer, "deleted", syncs[i].deleted);
        writer_number(writer, "refused", syncs[i].refused);
        writer_text(writer, "result", sync_result_name(syncs[i].result));
        writer_close(writer, '}');
    }
    writer_close(writer, ']');
}

static void print_work(const struct sync_controller_facts *facts, struct writer *writer)
{
    const struct sync_translator_facts *translator = &facts->translator;
    const struct kong_session_counters *session = &facts->session;
    writer_open(writer, "translation", '{');
    writer_number(writer, "waves", (double)translator->counters.waves);
    writer_number(writer, "nodes", (double)translator->counters.nodes);
    writer_number(writer, "runs", (double)translator->counters.nodes_run);
    writer_number(writer, "failures", (double)translator->counters.failures);
    writer_number(writer, "last_us", (double)translator->wave_us);
    writer_number(writer, "waiting", (double)translator->waiting);
    writer_close(writer, '}');
    writer_open(writer, "operations", '{');
    writer_number(writer, "created", (double)session->created);
    writer_number(writer, "updated", (double)session->updated);
    writer_number(writer, "deleted", (double)session->deleted);
    writer_number(writer, "refused", (double)session->refused);
    writer_number(writer, "drifted", (double)session->drifted);
    writer_number(writer, "reads", (double)session->requests.gets);
    writer_number(writer, "in_flight", (double)session->plan.in_flight);
    writer_number(writer, "last_success", (double)(int64_t)session->last_success);
    writer_close(writer, '}');
}

static void print_held(const struct sync_controller_facts *facts, struct writer *writer)
{
    char since[CLOCK_TEXT_SIZE] = "";
    if (facts->held.objects != 0)
        clock_format(facts->held_since, since);
    AUTO(text) char *command = xasprintf("kongruent approve %s", facts->held.hash);
    writer_open(writer, "held", '{');
    writer_number(writer, "objects", (double)facts->held.objects);
    writer_number(writer, "entities", (double)facts->held.entities);
    writer_text(writer, "hash", facts->held.hash);
    writer_text(writer, "since", since);
    writer_text(writer, "command", facts->held.objects != 0 ? command : "");
    writer_open(writer, "names", '[');
    for (size_t i = 0; i < facts->held_count && i < OVERVIEW_NAMES_MAX; i++)
        writer_text(writer, NULL, facts->held_titles[i]);
    writer_close(writer, ']');
    writer_close(writer, '}');
}

static void print_problem_counts(const struct sync_controller_facts *facts, struct writer *writer)
{
    writer_open(writer, "problem_counts", '{');
    writer_number(writer, "errors", (double)facts->problems_error);
    writer_number(writer, "warnings", (double)facts->problems_warn);
    writer_close(writer, '}');
}

static void print_namespaces(const struct census *census, struct writer *writer)
{
    size_t count;
    struct map_entry **entries = census_namespaces(census, &count);
    writer_open(writer, "namespaces", '[');
    for (size_t i = 0; i < count && i < OVERVIEW_NAMESPACES_MAX; i++)
        if (entries[i]->key[0] != '\0')
            writer_text(writer, NULL, entries[i]->key);
    writer_close(writer, ']');
    free(entries);
}

static void print_head(struct sync_controller *controller, const struct sync_controller_facts *facts,
                       struct writer *writer)
{
    AUTO(buf) struct buf sentence = BUF_OWN;
    enum overview_level level = overview_sentence(controller, facts, &sentence);
    writer_text(writer, "version", KONGRUENT_VERSION);
    writer_text(writer, "state", overview_state(facts));
    writer_text(writer, "level", overview_level_name(level));
    writer_text(writer, "sentence", buf_text(&sentence));
}

void overview_print(struct sync_controller *controller, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    const struct census *census = sync_controller_census(controller);
    struct writer writer = {.out = out};
    writer_open(&writer, NULL, '{');
    print_head(controller, &facts, &writer);
    print_self(controller, &facts, &writer);
    print_gateway(controller, &facts, &writer);
    print_counts(&writer, "objects", census_counts(census, NULL));
    print_counts(&writer, "entities", census_entity_counts(census, NULL));
    print_kinds(controller, census, &writer);
    print_entity_kinds(census, &writer);
    print_work(&facts, &writer);
    print_syncs(controller, &writer);
    print_held(&facts, &writer);
    print_problem_counts(&facts, &writer);
    print_namespaces(census, &writer);
    writer_close(&writer, '}');
}

void overview_print_rules(struct sync_controller *controller, struct buf *out)
{
    const struct census *census = sync_controller_census(controller);
    const struct rules_file *files;
    size_t count = sync_controller_files(controller, &files);
    struct writer writer = {.out = out};
    writer_open(&writer, NULL, '{');
    writer_open(&writer, "rules", '[');
    for (size_t i = 0; i < count; i++) {
        writer_open(&writer, NULL, '{');
        writer_text(&writer, "file", files[i].path);
        writer_text(&writer, "verb", files[i].verb);
        writer_text(&writer, "target", files[i].target);
        writer_number(&writer, "entities", (double)show_made_by(census, &files[i]));
        writer_number(&writer, "changed", (double)show_changed_by(census, &files[i]));
        writer_open(&writer, "steps", '[');
        for (const char *const *step = files[i].steps; *step != NULL; step++)
            writer_text(&writer, NULL, *step);
        writer_close(&writer, ']');
        writer_close(&writer, '}');
    }
    writer_close(&writer, ']');
    writer_close(&writer, '}');
}

static void print_problems(const struct show *show, struct writer *writer)
{
    const struct census *census = show->census;
    const struct store_kind *kind;
    struct census_object *const *objects;
    size_t count, shown = 0;
    const struct census_problems *loose = census_loose(census);
    writer_open(writer, "problems", '[');
    for (size_t i = 0; i < loose->count && shown < OVERVIEW_PROBLEMS_MAX; i++, shown++)
        show_problem_row(show, loose->items[i], writer);
    for (size_t k = 0; shown < OVERVIEW_PROBLEMS_MAX && census_kind(census, k, &kind, &objects, &count); k++) {
        census_troubled(census, kind, &objects, &count);
        for (size_t i = 0; i < count; i++)
            for (size_t p = 0; p < objects[i]->problems.count && shown < OVERVIEW_PROBLEMS_MAX; p++, shown++)
                show_problem_row(show, objects[i]->problems.items[p], writer);
    }
    writer_close(writer, ']');
}

void overview_print_status(struct sync_controller *controller, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    const struct census *census = sync_controller_census(controller);
    struct writer writer = {.out = out};
    writer_open(&writer, NULL, '{');
    print_head(controller, &facts, &writer);
    writer_text(&writer, "gateway", facts.gateway);
    writer_text(&writer, "router_flavor", facts.flavor);
    writer_text(&writer, "tag", facts.tag != NULL ? facts.tag : "");
    writer_bool(&writer, "leading", facts.leading);
    writer_text(&writer, "leader", sync_controller_self(controller).leader);
    writer_bool(&writer, "connected", facts.connected);
    writer_bool(&writer, "converged", facts.converged);
    print_counts(&writer, "objects", census_counts(census, NULL));
    print_counts(&writer, "entities", census_entity_counts(census, NULL));
    print_held(&facts, &writer);
    print_problem_counts(&facts, &writer);
    struct show show = show_of(controller);
    print_problems(&show, &writer);
    writer_close(&writer, '}');
    buf_append_char(out, '\n');
}
