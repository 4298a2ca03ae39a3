/* Decides what tells a developer where time and memory go. */
#include "profile.h"

#include "base/clock.h"
#include "metrics_print.h"
#include "writer.h"

static void print_translation(const struct sync_translator_facts *facts, struct writer *writer)
{
    const struct rules_counters *counters = &facts->counters;
    writer_open(writer, "translation", '{');
    writer_number(writer, "waves", (double)counters->waves);
    writer_number(writer, "last_wave_us", (double)facts->wave_us);
    writer_number(writer, "nodes", (double)counters->nodes);
    writer_number(writer, "runs", (double)counters->nodes_run);
    writer_number(writer, "reads", (double)counters->reads);
    writer_number(writer, "contributions", (double)counters->contributions);
    writer_number(writer, "stops", (double)counters->stops);
    writer_number(writer, "failures", (double)counters->failures);
    writer_number(writer, "entities_changed", (double)counters->entities_changed);
    writer_number(writer, "objects_decoded", (double)counters->objects_decoded);
    writer_number(writer, "lua_us", (double)counters->lua_us);
    writer_number(writer, "json_us", (double)counters->json_us);
    writer_number(writer, "engine_us", (double)counters->engine_us);
    writer_number(writer, "lua_heap_bytes", (double)counters->heap_bytes);
    writer_close(writer, '}');
}

static void print_plan(const struct kong_session_counters *session, struct writer *writer)
{
    writer_open(writer, "plan", '{');
    writer_number(writer, "active", (double)session->plan.active);
    writer_number(writer, "inactive", (double)session->plan.inactive);
    writer_number(writer, "in_flight", (double)session->plan.in_flight);
    writer_number(writer, "readings", (double)session->reads);
    writer_number(writer, "pauses", (double)session->unavailable);
    writer_close(writer, '}');
}

static void print_timing(const char *name, const struct timing *timing, struct writer *writer)
{
    writer_open(writer, name, '{');
    writer_number(writer, "count", (double)timing->count);
    writer_number(writer, "total_us", (double)timing->total_us);
    writer_number(writer, "longest_us", (double)timing->longest_us);
    writer_close(writer, '}');
}

void profile_print(struct sync_controller *controller, const struct profile_page *page, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    struct metrics_process process = metrics_process();
    const struct census *census = sync_controller_census(controller);
    struct writer writer = {.out = out};
    size_t objects = 0, entities = 0;
    for (int state = 0; state < CENSUS_STATES; state++) {
        objects += census_counts(census, NULL)[state];
        entities += census_entity_counts(census, NULL)[state];
    }
    writer_open(&writer, NULL, '{');
    writer_number(&writer, "cpu_seconds", process.cpu_seconds);
    print_translation(&facts.translator, &writer);
    print_plan(&facts.session, &writer);
    writer_number(&writer, "resident_bytes", process.resident_bytes);
    writer_open(&writer, "page", '{');
    print_timing("texts", page->texts, &writer);
    print_timing("slices", page->slices, &writer);
    print_timing("events", page->events, &writer);
    writer_close(&writer, '}');
    writer_open(&writer, "census", '{');
    writer_number(&writer, "objects", (double)objects);
    writer_number(&writer, "entities", (double)entities);
    writer_close(&writer, '}');
    writer_close(&writer, '}');
    buf_append_char(out, '\n');
}
