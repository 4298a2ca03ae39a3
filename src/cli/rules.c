/* rules list, show, check and new: what is loaded, and a start for what is to be written. */
#include "rules/rules.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "kong/kind.h"
#include "offline.h"
#include "rules_new.h"

#define GROUPS (OPTION_TRANSLATION | OPTION_OUTPUT)

/* "Ingress" of "networking.k8s.io/v1/Ingress"; shared rules have no slash. */
static const char *short_name(const char *target)
{
    const char *slash = strrchr(target, '/');
    return slash != NULL ? slash + 1 : target;
}

static struct json *steps_json(const struct rules_file *file)
{
    struct json *steps = json_new_array();
    for (const char *const *step = file->steps; *step != NULL; step++)
        json_append(steps, json_new_text(*step));
    return steps;
}

static int list_json(const struct rules_file *files, size_t count)
{
    AUTO(json) struct json *list = json_new_array();
    for (size_t i = 0; i < count; i++) {
        struct json *item = json_new_object();
        json_set_text(item, "file", files[i].path);
        json_set_text(item, "verb", files[i].verb);
        json_set_text(item, "target", files[i].target);
        json_set(item, "steps", steps_json(&files[i]));
        json_append(list, item);
    }
    AUTO(buf) struct buf out = BUF_OWN;
    json_print_pretty(list, &out);
    printf("%s\n", buf_text(&out));
    return 0;
}

static int list(const struct rules *rules, const struct options *options)
{
    const struct rules_file *files;
    size_t count = rules_files(rules, &files);
    if (strcmp(options_text(options, OPT_OUTPUT), "json") == 0)
        return list_json(files, count);
    for (size_t i = 0; i < count; i++)
        printf("%-32s %-9s %s\n", files[i].path, files[i].verb, files[i].target);
    return 0;
}

static void show_file(const struct rules_file *file)
{
    printf("%s\n  %s %s\n", file->path, file->verb, file->target);
    if (file->level >= 0)
        printf("  runs at level %d\n", file->level);
    for (const char *const *step = file->steps; *step != NULL; step++)
        printf("  step %s\n", *step);
}

static bool concerns(const struct rules_file *file, const char *name)
{
    return strcmp(file->target, name) == 0 || strcmp(short_name(file->target), name) == 0 ||
           strcmp(file->path, name) == 0;
}

/* Every file that makes, wraps, replaces or adjusts what is called so, in load order. */
static int show(const struct rules *rules, const char *name)
{
    const struct rules_file *files;
    size_t count = rules_files(rules, &files);
    int found = 0;
    for (size_t i = 0; i < count; i++) {
        if (concerns(&files[i], name)) {
            show_file(&files[i]);
            found++;
        }
    }
    if (found != 0)
        return 0;
    AUTO(text) char *text = xasprintf("no rule is called '%s'; see kongruent rules list", name);
    return command_fail(text);
}

static int check(const struct rules *rules, const char *folder)
{
    const struct rules_file *files;
    size_t count = rules_files(rules, &files);
    size_t length = strlen(folder);
    int own = 0;
    for (size_t i = 0; i < count; i++) {
        if (length != 0 && strncmp(files[i].path, folder, length) == 0) {
            printf("ok %s: %s %s\n", files[i].path, files[i].verb, files[i].target);
            own++;
        }
    }
    printf("%zu rule files loaded, %d of them from %s\n", count, own,
           length != 0 ? folder : "no folder of your own (--rules)");
    return 0;
}

static int new (const struct rules *rules, const char *target)
{
    const struct rules_file *files;
    size_t count = rules_files(rules, &files);
    for (size_t i = 0; i < count; i++) {
        bool rule = strcmp(files[i].verb, "kind") == 0 || strcmp(files[i].verb, "shared") == 0;
        if (rule && (strcmp(files[i].target, target) == 0 || strcmp(short_name(files[i].target), target) == 0)) {
            rules_new_extends(&files[i], stdout);
            return 0;
        }
    }
    if (kong_kind_find(target) != NULL) {
        rules_new_adjusts(target, stdout);
        return 0;
    }
    if (strchr(target, '/') != NULL) {
        rules_new_kind(target, stdout);
        return 0;
    }
    AUTO(text)
    char *text =
        xasprintf("'%s' is no rule and no entity kind; for a kind of your own write group/version/Kind", target);
    return command_fail(text);
}

static int run(const struct rules *rules, const struct options *options)
{
    const char *const *words = options_words(options);
    const char *verb = words[0], *name = words[0] != NULL ? words[1] : NULL;
    if (verb == NULL || strcmp(verb, "list") == 0)
        return list(rules, options);
    if (strcmp(verb, "check") == 0)
        return check(rules, name != NULL ? name : options_text(options, OPT_RULES));
    bool known = strcmp(verb, "show") == 0 || strcmp(verb, "new") == 0;
    if (!known || name == NULL)
        return command_fail("write rules list, rules show NAME, rules check DIR or rules new KIND");
    return strcmp(verb, "show") == 0 ? show(rules, name) : new (rules, name);
}

int cli_rules(int argc, char **argv)
{
    struct err err = ERR_INIT;
    AUTO(options) struct options *options = NULL;
    if (options_parse(argc, argv, GROUPS, &options, &err) != 0)
        return command_fail(err.text);
    const char *const *words = options_words(options);
    bool checks = words[0] != NULL && strcmp(words[0], "check") == 0;
    struct offline offline = OFFLINE_INIT;
    int rc = offline_open(&offline, options, checks ? words[1] : NULL, &err);
    int code = rc == 0 ? run(offline.rules, options) : command_fail(err.text);
    offline_done(&offline);
    return code;
}
