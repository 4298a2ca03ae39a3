/* translate: manifests in, decK's state format out, problems on stderr. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "command.h"
#include "files/source.h"
#include "kong/declarative.h"
#include "rules/rules.h"

struct arguments {
    struct {
        VEC(const char *);
    } inputs;
    const char *flavor, *settings, *rules, *compat, *output, *fail_on;
};

static void take_object(void *user, struct object *object)
{
    rules_put(user, object);
}

static void report_bad(void *user, const char *file, int line, const char *title, const struct err *err)
{
    fprintf(stderr, "error InvalidObject %s: %s (%s:%d)\n", title[0] != '\0' ? title : "?", err->text, file, line);
}

/* Settings files of the golden corpus: feature_flags by KIC's internal names. */
static int read_settings(const char *path, struct json *settings, struct err *err)
{
    AUTO(buf) struct buf text = BUF_INIT(1u << 20);
    AUTO(json) struct json *tree = NULL;
    int rc = file_read(path, &text, err);
    if (rc == 0)
        rc = yaml_parse(buf_text(&text), text.length, &tree, err);
    if (rc != 0)
        return err_wrap(err, "%s", path);
    struct json *gates = json_find(settings, "feature_gates");
    json_each(flag, json_find(tree, "feature_flags"))
    {
        const char *name = json_name(flag);
        bool on = json_truth(flag, false);
        if (strcmp(name, "ExpressionRoutes") == 0)
            json_set_text(settings, "router_flavor", on ? "expressions" : "traditional_compatible");
        else if (strcmp(name, "CombinedServicesFromDifferentHTTPRoutes") == 0)
            json_set_bool(settings, "combined_services", on);
        else if (strcmp(name, "SupportRedirectPlugin") == 0)
            json_set_bool(settings, "redirect_plugin", on);
        else
            json_set_bool(gates, name, on);
    }
    return 0;
}

static struct json *default_settings(const struct arguments *arguments)
{
    struct json *settings = json_new_object();
    struct json *gates = json_new_object();
    json_set_bool(gates, "FillIDs", true);
    json_set_bool(gates, "KongCustomEntity", true);
    json_set(settings, "feature_gates", gates);
    json_set_text(settings, "ingress_class", "kong");
    json_set_text(settings, "router_flavor", arguments->flavor);
    /* offline nothing tells the domain; the short name resolves in every cluster */
    json_set_text(settings, "cluster_domain", arguments->compat != NULL ? "" : "cluster.local");
    json_set_text(settings, "kong_version", "3.9.1");
    json_set_text(settings, "on_missing_plugin", arguments->compat != NULL ? "serve" : "withhold");
    json_set_bool(settings, "redirect_plugin", arguments->compat == NULL);
    json_set_bool(settings, "offline", true);
    return settings;
}

static void print_problems(struct rules *rules)
{
    size_t count;
    struct problem **problems = rules_problems(rules, &count);
    for (size_t i = 0; i < count; i++) {
        AUTO(text) char *title = kong_source_title(&problems[i]->about);
        fprintf(stderr, "%s %s %s: %s\n", problem_severity_name(problems[i]->severity), problems[i]->code, title, problems[i]->text);
    }
    free(problems);
}

static int translate(const struct arguments *arguments, struct err *err)
{
    AUTO(json) struct json *settings = default_settings(arguments);
    int rc = arguments->settings != NULL && arguments->settings[0] != '\0' ? read_settings(arguments->settings, settings, err) : 0;
    if (rc != 0)
        return rc;
    AUTO(rules) struct rules *rules = NULL;
    struct rules_options options = {.overrides = arguments->rules, .pack = arguments->compat, .settings = settings};
    rc = rules_load(&options, &rules, err);
    if (rc != 0)
        return rc;
    struct files_reader reader = {.kinds = rules_kind_table(rules), .object = take_object, .bad = report_bad, .user = rules};
    int read_rc = 0;
    for (size_t i = 0; i < arguments->inputs.count; i++) {
        rc = files_read(&reader, arguments->inputs.items[i], err);
        if (rc != 0) {
            fprintf(stderr, "error: %s\n", err->text);
            read_rc = rc;
        }
    }
    struct rules_delta delta;
    rules_run(rules, &delta);
    rules_delta_done(&delta);
    print_problems(rules);
    size_t count;
    struct kong_entity **entities = arguments->compat != NULL ? rules_emitted(rules, &count) : rules_entities(rules, &count);
    struct kong_declarative_options format = {.json = strcmp(arguments->output, "json") == 0, .unnamed_members = arguments->compat != NULL};
    AUTO(buf) struct buf out = BUF_OWN;
    kong_declarative_print(entities, count, &format, &out);
    free(entities);
    fwrite(buf_text(&out), 1, out.length, stdout);
    return read_rc;
}

int cli_translate(int argc, char **argv)
{
    static const struct option options[] = {
        {"file", required_argument, NULL, 'f'},   {"router-flavor", required_argument, NULL, 'r'}, {"settings", required_argument, NULL, 's'},
        {"rules", required_argument, NULL, 'R'},  {"compat", required_argument, NULL, 'c'},        {"output", required_argument, NULL, 'o'},
        {"fail-on", required_argument, NULL, 'F'}, {NULL, 0, NULL, 0},
    };
    struct arguments arguments = {.flavor = "traditional_compatible", .output = "yaml"};
    for (int option; (option = getopt_long(argc, argv, "f:o:", options, NULL)) != -1;) {
        switch (option) {
        case 'f':
            vec_push(&arguments.inputs, optarg);
            break;
        case 'r':
            arguments.flavor = optarg;
            break;
        case 's':
            arguments.settings = optarg;
            break;
        case 'R':
            arguments.rules = optarg;
            break;
        case 'c':
            arguments.compat = optarg;
            break;
        case 'o':
            arguments.output = optarg;
            break;
        case 'F':
            arguments.fail_on = optarg;
            break;
        default:
            return 1;
        }
    }
    struct err err = ERR_INIT;
    int rc = translate(&arguments, &err);
    if (rc != 0)
        fprintf(stderr, "error: %s\n", err.text);
    vec_done(&arguments.inputs);
    return rc == 0 ? 0 : 1;
}
