/* Decides what a page without a script shows. */
#include "page.h"

#include <string.h>

#include "base/clock.h"
#include "html.h"
#include "overview.h"

static const char HEAD[] = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                           "<meta name=\"color-scheme\" content=\"light dark\">"
                           "<link rel=\"icon\" href=\"/assets/icon.svg\" type=\"image/svg+xml\">"
                           "<link rel=\"stylesheet\" href=\"/assets/page.css\">"
                           "<script type=\"module\" src=\"/assets/page.js\"></script>"
                           "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript><title>";

static const char BANNER[] =
    "</title></head><body>\n<a class=\"skip\" href=\"#explorer\">Skip to the objects</a>\n"
    "<header class=\"top\"><span class=\"brand\"><img src=\"/assets/icon.svg\" alt=\"\" width=\"22\" height=\"22\">"
    "kongruent</span><span class=\"self\" id=\"self\">";

static const char TOOLS[] =
    "</span><span class=\"live\" id=\"live\" role=\"status\"></span>"
    "<button type=\"button\" id=\"theme\" class=\"quiet\" hidden>Theme: auto</button></header>\n<main>\n";

static const char EXPLORER[] =
    "<section id=\"explorer\" class=\"explorer\" tabindex=\"-1\" aria-label=\"Objects and entities\">"
    "<noscript><p>Searching objects and entities needs JavaScript. The lists themselves are at "
    "<a href=\"/api/objects\">/api/objects</a>, <a href=\"/api/entities\">/api/entities</a> and "
    "<a href=\"/api/problems\">/api/problems</a>.</p></noscript></section>\n</main>\n";

static void number(struct buf *out, double value, const char *words)
{
    buf_printf(out, "<p class=\"figure\"><strong>%.0f</strong> %s</p>", value, words);
}

static void open_card(struct buf *out, const char *id, const char *title, const char *about)
{
    buf_printf(out, "<section class=\"card\" id=\"%s\" aria-labelledby=\"%s-title\"><h2 id=\"%s-title\">%s</h2>", id,
               id, id, title);
    html_element(out, "p", "about", about);
}

static void row(struct buf *out, const char *name, double count, const char *note)
{
    buf_append_text(out, "<li>");
    html_element(out, "span", "name", name);
    buf_printf(out, "<span class=\"count\">%.0f</span>", count);
    if (note[0] != '\0')
        html_element(out, "span", "note", note);
    buf_append_text(out, "</li>");
}

static void print_status(struct sync_controller *controller, const struct sync_controller_facts *facts, struct buf *out)
{
    AUTO(buf) struct buf sentence = BUF_OWN;
    enum overview_level level = overview_sentence(controller, facts, &sentence);
    buf_printf(out, "<section class=\"status %s\" id=\"status\" aria-labelledby=\"sentence\">",
               overview_level_name(level));
    buf_append_text(out, "<h1 id=\"sentence\">");
    html_text(out, buf_text(&sentence));
    buf_append_text(out, "</h1><p id=\"detail\">");
    buf_printf(out, "%llu created, %llu updated, %llu deleted since the start; %zu errors and %zu warnings stand.",
               (unsigned long long)facts->session.created, (unsigned long long)facts->session.updated,
               (unsigned long long)facts->session.deleted, facts->problems_error, facts->problems_warn);
    buf_append_text(out, "</p></section>\n");
}

static void print_held(const struct sync_controller_facts *facts, struct buf *out)
{
    buf_printf(out, "<section class=\"held\" id=\"held\" aria-labelledby=\"held-title\"%s>",
               facts->held.objects == 0 ? " hidden" : "");
    if (facts->held.objects != 0) {
        char since[CLOCK_TEXT_SIZE];
        clock_format(facts->held_since, since);
        buf_printf(out,
                   "<h2 id=\"held-title\">Deletes are held</h2><p>%zu objects with %zu entities, since %s. Check them "
                   "with <code>kongruent diff</code>; approve them with:</p><p><code class=\"command\">kongruent "
                   "approve %s</code></p><ul class=\"names\">",
                   facts->held.objects, facts->held.entities, since, facts->held.hash);
        for (size_t i = 0; i < facts->held_count && i < PAGE_NAMES_MAX; i++)
            html_element(out, "li", NULL, facts->held_titles[i]);
        if (facts->held_count > PAGE_NAMES_MAX)
            buf_printf(out, "<li>and %zu more</li>", facts->held_count - PAGE_NAMES_MAX);
        buf_append_text(out, "</ul>");
    }
    buf_append_text(out, "</section>\n");
}

static void print_cluster(struct sync_controller *controller, struct buf *out)
{
    const struct census *census = sync_controller_census(controller);
    size_t count, total = 0;
    struct sync_kind_facts *facts = sync_controller_kinds(controller, &count);
    for (size_t i = 0; i < count; i++)
        total += facts[i].objects;
    const char *source = sync_controller_self(controller).source;
    open_card(out, "cluster", "Cluster", strcmp(source, "kube") == 0 ? "the API server" : source);
    number(out, (double)total, "objects");
    buf_append_text(out, "<ul class=\"rows\">");
    for (size_t i = 0; i < count; i++)
        if (strcmp(facts[i].state, "synced") != 0) {
            AUTO(text) char *note = xasprintf("%s %s", facts[i].state, facts[i].reason != NULL ? facts[i].reason : "");
            row(out, facts[i].kind, (double)facts[i].objects, note);
        }
    const struct store_kind *kind;
    struct census_object *const *objects;
    size_t known;
    for (size_t i = 0; census_kind(census, i, &kind, &objects, &known); i++)
        if (census_there(census, kind) != 0)
            row(out, kind->kind, (double)census_there(census, kind), "");
    buf_append_text(out, "</ul></section>\n");
    free(facts);
}

static size_t made_by(const struct census *census, const struct rules_file *file)
{
    return show_made_by(census, file) + show_changed_by(census, file);
}

/* Those that made most, the most first. */
static void print_files(struct sync_controller *controller, struct buf *out)
{
    const struct census *census = sync_controller_census(controller);
    const struct rules_file *files;
    size_t count = sync_controller_files(controller, &files), below = SIZE_MAX, shown = 0;
    while (shown < PAGE_FILES_MAX) {
        size_t most = 0;
        for (size_t i = 0; i < count; i++) {
            size_t made = made_by(census, &files[i]);
            most = made < below && made > most ? made : most;
        }
        if (most == 0)
            return;
        for (size_t i = 0; i < count && shown < PAGE_FILES_MAX; i++) {
            if (made_by(census, &files[i]) != most)
                continue;
            row(out, files[i].path, (double)most, "");
            shown++;
        }
        below = most;
    }
}

static void print_rules(struct sync_controller *controller, const struct sync_controller_facts *facts, struct buf *out)
{
    struct sync_self_facts self = sync_controller_self(controller);
    const struct rules_file *files;
    size_t count = sync_controller_files(controller, &files);
    AUTO(text)
    char *about = xasprintf("%zu files%s%s%s%s", count, self.pack[0] != '\0' ? ", pack " : "", self.pack,
                            self.overrides[0] != '\0' ? ", overrides in " : "", self.overrides);
    open_card(out, "rules", "Rules", about);
    number(out, (double)facts->translator.counters.nodes, "nodes");
    buf_append_text(out, "<ul class=\"rows\">");
    print_files(controller, out);
    buf_append_text(out, "</ul></section>\n");
}

static void print_gateway(struct sync_controller *controller, const struct sync_controller_facts *facts,
                          struct buf *out)
{
    const struct census *census = sync_controller_census(controller);
    size_t total = 0, count;
    const size_t *counts = census_entity_counts(census, NULL);
    for (int state = 0; state < CENSUS_STATES; state++)
        total += counts[state];
    open_card(out, "gateway", "Gateway", facts->gateway[0] != '\0' ? facts->gateway : "not reached yet");
    number(out, (double)total, "entities");
    buf_append_text(out, "<ul class=\"rows\">");
    const struct kong_kind *kind;
    struct census_entity *const *entities;
    for (size_t i = 0; census_entity_kind(census, i, &kind, &entities, &count); i++)
        if (count != 0)
            row(out, kind->name, (double)count, "");
    buf_append_text(out, "</ul>");
    if (strcmp(sync_controller_self(controller).role, "control_plane") == 0)
        html_element(out, "p", "foot", "Data planes: what they have is not read back yet.");
    buf_append_text(out, "</section>\n");
}

static void print_syncs(struct sync_controller *controller, struct buf *out)
{
    struct sync_record syncs[SYNCS_KEPT];
    size_t count = sync_controller_syncs(controller, syncs);
    buf_append_text(
        out, "<section class=\"card syncs\" id=\"syncs\" aria-labelledby=\"syncs-title\"><h2 id=\"syncs-title\">Last "
             "syncs</h2><table><thead><tr><th>began</th><th>took</th><th>created</th><th>updated</th>"
             "<th>deleted</th><th>refused</th><th>result</th></tr></thead><tbody>");
    for (size_t i = count; i-- > 0 && count - i <= PAGE_SYNCS_MAX;) {
        char began[CLOCK_TEXT_SIZE];
        clock_format(syncs[i].began, began);
        buf_printf(out, "<tr><td>%s</td><td>%llu ms</td><td>%u</td><td>%u</td><td>%u</td><td>%u</td><td>%s</td></tr>",
                   began, (unsigned long long)syncs[i].took_ms, syncs[i].created, syncs[i].updated, syncs[i].deleted,
                   syncs[i].refused, sync_result_name(syncs[i].result));
    }
    buf_append_text(out, "</tbody></table></section>\n");
}

static void print_problem(const struct problem *problem, struct buf *out)
{
    AUTO(text) char *title = kong_source_title(&problem->about);
    buf_printf(out, "<tr class=\"%s\"><td>%s</td>", problem_severity_name(problem->severity),
               problem_severity_name(problem->severity));
    html_element(out, "td", NULL, problem->code);
    html_element(out, "td", NULL, title);
    html_element(out, "td", NULL, problem->text);
    buf_append_text(out, "</tr>");
}

static void print_problems(const struct census *census, const struct sync_controller_facts *facts, struct buf *out)
{
    size_t shown = 0, count;
    const struct store_kind *kind;
    struct census_object *const *objects;
    const struct census_problems *loose = census_loose(census);
    bool any = facts->problems_error + facts->problems_warn != 0;
    buf_printf(out,
               "<section class=\"card problems\" id=\"problems\" aria-labelledby=\"problems-title\"%s><h2 "
               "id=\"problems-title\">"
               "Problems: %zu errors, %zu warnings</h2><table><thead><tr><th>severity</th><th>code</th><th>object</th>"
               "<th>text</th></tr></thead><tbody>",
               any ? "" : " hidden", facts->problems_error, facts->problems_warn);
    for (size_t i = 0; i < loose->count && shown < PAGE_PROBLEMS_MAX; i++, shown++)
        print_problem(loose->items[i], out);
    for (size_t k = 0; shown < PAGE_PROBLEMS_MAX && census_kind(census, k, &kind, &objects, &count); k++) {
        census_troubled(census, kind, &objects, &count);
        for (size_t i = 0; i < count; i++)
            for (size_t p = 0; p < objects[i]->problems.count && shown < PAGE_PROBLEMS_MAX; p++, shown++)
                print_problem(objects[i]->problems.items[p], out);
    }
    buf_append_text(out, "</tbody></table></section>\n");
}

static void print_self(struct sync_controller *controller, struct buf *out)
{
    struct sync_self_facts self = sync_controller_self(controller);
    html_text(out, self.identity);
    if (self.shares_lead && self.leader[0] != '\0' && strcmp(self.leader, self.identity) != 0) {
        buf_append_text(out, "; the leader is ");
        html_text(out, self.leader);
    }
}

void page_print(struct sync_controller *controller, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    const struct census *census = sync_controller_census(controller);
    buf_append_text(out, HEAD);
    buf_printf(out, "%s · kongruent", overview_state(&facts));
    buf_append_text(out, BANNER);
    print_self(controller, out);
    buf_append_text(out, TOOLS);
    print_status(controller, &facts, out);
    print_held(&facts, out);
    buf_append_text(out, "<section class=\"flow\" aria-label=\"From the cluster to the gateway\">\n");
    print_cluster(controller, out);
    print_rules(controller, &facts, out);
    print_gateway(controller, &facts, out);
    buf_append_text(out, "</section>\n");
    print_syncs(controller, out);
    print_problems(census, &facts, out);
    buf_append_text(out, EXPLORER);
    buf_printf(out,
               "<footer><span>kongruent %s</span> <a href=\"/metrics\">metrics</a> <a href=\"/status.json\">status.json"
               "</a></footer>\n</body></html>\n",
               KONGRUENT_VERSION);
}
