/* The status page.  Everything that comes from the cluster is escaped; no secret is ever part of the facts. */
#include "page.h"

#include "base/clock.h"
#include "base/json.h"

#define PAGE_PROBLEMS_MAX 200

static void escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            buf_append_text(out, "&lt;");
            break;
        case '>':
            buf_append_text(out, "&gt;");
            break;
        case '&':
            buf_append_text(out, "&amp;");
            break;
        case '"':
            buf_append_text(out, "&quot;");
            break;
        default:
            buf_append_char(out, *text);
        }
    }
}

static void row(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "<tr><th>%s</th><td>", name);
    escaped(out, value);
    buf_append_text(out, "</td></tr>\n");
}

static void number_row(struct buf *out, const char *name, uint64_t value)
{
    buf_printf(out, "<tr><th>%s</th><td>%llu</td></tr>\n", name, (unsigned long long)value);
}

static const char *summary(const struct sync_controller_facts *facts)
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

static void print_held(const struct sync_controller_facts *facts, struct buf *out)
{
    char since[CLOCK_TEXT_SIZE];
    clock_format(facts->held_since, since);
    AUTO(buf) struct buf objects = BUF_OWN;
    for (size_t i = 0; i < facts->held_count && i < PAGE_PROBLEMS_MAX; i++)
        buf_printf(&objects, "%s%s", i > 0 ? ", " : "", facts->held_titles[i]);
    AUTO(text) char *command = xasprintf("kongruent approve %s", facts->held.hash);
    number_row(out, "objects whose deletes are held", facts->held.objects);
    number_row(out, "entities held with them", facts->held.entities);
    row(out, "held since", since);
    row(out, "held", buf_text(&objects));
    row(out, "approve with", command);
}

static void print_facts(const struct sync_controller_facts *facts, struct buf *out)
{
    buf_append_text(out, "<h2>Gateway</h2><table>\n");
    row(out, "state", summary(facts));
    row(out, "gateway", facts->gateway);
    row(out, "router", facts->flavor);
    row(out, "ownership tag", facts->tag != NULL ? facts->tag : "");
    number_row(out, "created", facts->session.created);
    number_row(out, "updated", facts->session.updated);
    number_row(out, "deleted", facts->session.deleted);
    number_row(out, "refused at present", facts->session.plan.refused);
    number_row(out, "withheld at present", facts->session.plan.withheld);
    if (facts->held.objects != 0)
        print_held(facts, out);
    buf_append_text(out, "</table>\n<h2>Translation</h2><table>\n");
    number_row(out, "nodes", facts->translator.counters.nodes);
    number_row(out, "runs", facts->translator.counters.nodes_run);
    number_row(out, "last wave, microseconds", facts->translator.wave_us);
    buf_append_text(out, "</table>\n");
}

static void print_kinds(struct sync_controller *controller, struct buf *out)
{
    size_t count;
    struct sync_kind_facts *kinds = sync_controller_kinds(controller, &count);
    buf_append_text(out, "<h2>Objects</h2><table><tr><th>kind</th><th>state</th><th>objects</th><th></th></tr>\n");
    for (size_t i = 0; i < count; i++) {
        buf_append_text(out, "<tr><td>");
        escaped(out, kinds[i].kind);
        buf_printf(out, "</td><td>%s</td><td>%zu</td><td>", kinds[i].state, kinds[i].objects);
        escaped(out, kinds[i].reason != NULL ? kinds[i].reason : "");
        buf_append_text(out, "</td></tr>\n");
    }
    buf_append_text(out, "</table>\n");
    free(kinds);
}

static void print_problems(struct sync_controller *controller, struct buf *out)
{
    size_t count;
    struct problem **problems = sync_controller_problems(controller, &count);
    buf_printf(out, "<h2>Problems: %zu</h2><table>\n", count);
    for (size_t i = 0; i < count; i++) {
        if (i < PAGE_PROBLEMS_MAX) {
            AUTO(text) char *title = kong_source_title(&problems[i]->about);
            buf_printf(out, "<tr class=\"%s\"><td>%s</td><td>", problem_severity_name(problems[i]->severity),
                       problem_severity_name(problems[i]->severity));
            escaped(out, problems[i]->code);
            buf_append_text(out, "</td><td>");
            escaped(out, title);
            buf_append_text(out, "</td><td>");
            escaped(out, problems[i]->text);
            buf_append_text(out, "</td></tr>\n");
        }
        problem_unref(problems[i]);
    }
    buf_append_text(out, "</table>\n");
    free(problems);
}

void page_print_html(struct sync_controller *controller, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    buf_append_text(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">"
        "<title>kongruent</title><style>body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;"
        "padding:0 "
        "1em;color:#222}h1{font-size:1.5em}h2{font-size:1.1em;margin-top:1.6em}table{border-collapse:collapse}"
        "th,td{text-align:left;vertical-align:top;padding:.15em 1.2em .15em 0;border-bottom:1px solid #e5e5e5}"
        "th{font-weight:600;color:#555}.error td:first-child{color:#b00020}.warn "
        "td:first-child{color:#9a6700}</style></head><body>\n");
    buf_printf(out, "<h1>kongruent: %s</h1>\n", summary(&facts));
    print_facts(&facts, out);
    print_problems(controller, out);
    print_kinds(controller, out);
    buf_append_text(out, "</body></html>\n");
}

static struct json *held_json(const struct sync_controller_facts *facts)
{
    struct json *held = json_new_object(), *objects = json_new_array();
    json_set_number(held, "objects", (double)facts->held.objects);
    json_set_number(held, "entities", (double)facts->held.entities);
    json_set_text(held, "hash", facts->held.hash);
    if (facts->held.objects != 0) {
        char since[CLOCK_TEXT_SIZE];
        clock_format(facts->held_since, since);
        json_set_text(held, "since", since);
    }
    for (size_t i = 0; i < facts->held_count; i++)
        json_append(objects, json_new_text(facts->held_titles[i]));
    json_set(held, "names", objects);
    return held;
}

void page_print_json(struct sync_controller *controller, struct buf *out)
{
    struct sync_controller_facts facts = sync_controller_facts(controller);
    struct json *page = json_new_object();
    json_set_text(page, "state", summary(&facts));
    json_set_text(page, "gateway", facts.gateway);
    json_set_text(page, "router_flavor", facts.flavor);
    json_set_text(page, "tag", facts.tag != NULL ? facts.tag : "");
    json_set_bool(page, "leading", facts.leading);
    json_set_bool(page, "connected", facts.connected);
    json_set_bool(page, "converged", facts.converged);
    json_set(page, "held", held_json(&facts));
    struct json *list = json_new_array();
    size_t count;
    struct problem **problems = sync_controller_problems(controller, &count);
    for (size_t i = 0; i < count; i++) {
        AUTO(text) char *title = kong_source_title(&problems[i]->about);
        struct json *item = json_new_object();
        json_set_text(item, "severity", problem_severity_name(problems[i]->severity));
        json_set_text(item, "code", problems[i]->code);
        json_set_text(item, "object", title);
        json_set_text(item, "text", problems[i]->text);
        struct problem_place place = problem_place(problems[i], sync_controller_place(controller, &problems[i]->about));
        if (place.file[0] != '\0')
            json_set_text(item, "file", place.file);
        if (place.file[0] != '\0' && place.line != 0)
            json_set_number(item, "line", place.line);
        json_append(list, item);
        problem_unref(problems[i]);
    }
    free(problems);
    json_set(page, "problems", list);
    json_print_pretty(page, out);
    buf_append_char(out, '\n');
    json_free(page);
}
