/* How a fixture case is run and compared. */
#include "case.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "kong/declarative.h"
#include "line_diff.h"
#include "offline.h"

#define CASE_FILE_MAX (16u << 20)
#define CASE_GROUPS   (OPTION_TRANSLATION | OPTION_CASES)

struct words {
    VEC(char *);
};

static bool exists(const char *folder, const char *name)
{
    AUTO(text) char *path = xasprintf("%s/%s", folder, name);
    struct stat facts;
    return stat(path, &facts) == 0;
}

bool case_is(const char *folder)
{
    return exists(folder, "in.yaml") || exists(folder, "in");
}

static int read_text(const char *folder, const char *name, struct buf *ret_text, struct err *err)
{
    AUTO(text) char *path = xasprintf("%s/%s", folder, name);
    return file_read(path, ret_text, err);
}

/* options.yaml as flags behind those of the command line, so that they win. */
static int add_flags(const char *folder, struct words *words, struct err *err)
{
    if (exists(folder, "settings.yaml"))
        vec_push(words, xasprintf("--settings=%s/settings.yaml", folder));
    if (exists(folder, "rules.d"))
        vec_push(words, xasprintf("--rules=%s/rules.d", folder));
    if (!exists(folder, "options.yaml"))
        return 0;
    AUTO(buf) struct buf text = BUF_INIT(CASE_FILE_MAX);
    AUTO(json) struct json *flags = NULL;
    int rc = read_text(folder, "options.yaml", &text, err);
    if (rc == 0)
        rc = yaml_parse(buf_text(&text), text.length, &flags, err);
    if (rc == 0 && flags != NULL && !json_is(flags, JSON_OBJECT))
        rc = err_set(err, ERR_INVALID, "a mapping of flags is expected");
    if (rc != 0)
        return err_wrap(err, "%s/options.yaml", folder);
    json_each (flag, flags) {
        AUTO(text) char *printed = json_print_text(flag);
        const char *value = json_text(flag) != NULL ? json_text(flag) : printed;
        vec_push(words, xasprintf("--%s=%s", json_name(flag), value));
    }
    return 0;
}

static void print_entities(struct offline *offline, struct buf *out)
{
    size_t count;
    struct kong_entity **entities = offline_entities(offline, &count);
    struct kong_declarative_options format = {.unnamed_members = offline->kic};
    kong_declarative_print(entities, count, &format, out);
    free(entities);
}

static int translate(const char *folder, const struct options *options, struct case_outcome *outcome, struct err *err)
{
    struct offline offline = OFFLINE_INIT;
    offline.root = folder;
    int rc = offline_open(&offline, options, NULL, err);
    if (rc == 0) {
        AUTO(text) char *in = xasprintf("%s/%s", folder, exists(folder, "in.yaml") ? "in.yaml" : "in");
        offline_read(&offline, in);
        offline_run(&offline);
        print_entities(&offline, &outcome->out);
        buf_append(&outcome->problems, buf_text(&offline.lines), offline.lines.length);
    }
    offline_done(&offline);
    return rc;
}

int case_run(const char *folder, int argc, char **argv, struct case_outcome *outcome, struct err *err)
{
    struct words words = {0};
    for (int i = 0; i < argc; i++)
        vec_push(&words, xstrdup(argv[i]));
    AUTO(options) struct options *options = NULL;
    int rc = add_flags(folder, &words, err);
    if (rc == 0)
        rc = options_parse((int)words.count, words.items, CASE_GROUPS, &options, err);
    if (rc == 0)
        rc = translate(folder, options, outcome, err);
    for (size_t i = 0; i < words.count; i++)
        free(words.items[i]);
    vec_done(&words);
    return rc;
}

void case_outcome_done(struct case_outcome *outcome)
{
    buf_done(&outcome->out);
    buf_done(&outcome->problems);
}

/* Both sides in one layout, so that only values can differ. */
static int normalise(const char *text, struct buf *out, struct err *err)
{
    AUTO(json) struct json *value = NULL;
    int rc = yaml_parse(text, strlen(text), &value, err);
    if (rc == 0 && value != NULL)
        yaml_print(value, out);
    return rc;
}

static void print_difference(const char *name, const char *expected, const char *actual, bool colour, struct buf *out)
{
    struct line_diff_style style = {"    ", colour};
    size_t before = out->length;
    buf_printf(out, "  %s (- expected, + now)\n", name);
    size_t title = out->length;
    line_diff_print(expected, actual, &style, out);
    if (out->length == title && title != 0) {
        out->length = before;
        out->data[before] = '\0';
    }
}

int case_compare(const char *folder, const struct case_outcome *outcome, bool colour, struct buf *out, struct err *err)
{
    AUTO(buf) struct buf expected = BUF_INIT(CASE_FILE_MAX);
    AUTO(buf) struct buf wanted = BUF_OWN;
    AUTO(buf) struct buf now = BUF_OWN;
    int rc = read_text(folder, "out.yaml", &expected, err);
    if (rc == 0)
        rc = normalise(buf_text(&expected), &wanted, err);
    if (rc != 0)
        return err_wrap(err, "the expected out.yaml");
    rc = normalise(buf_text(&outcome->out), &now, err);
    if (rc != 0)
        return rc;
    print_difference("out.yaml", buf_text(&wanted), buf_text(&now), colour, out);

    AUTO(buf) struct buf problems = BUF_INIT(CASE_FILE_MAX);
    if (exists(folder, "problems.txt"))
        rc = read_text(folder, "problems.txt", &problems, err);
    if (rc == 0)
        print_difference("problems.txt", buf_text(&problems), buf_text(&outcome->problems), colour, out);
    return rc;
}

static int update_file(const char *folder, const char *name, const struct buf *text, bool keep_empty, bool *ret_changed,
                       struct err *err)
{
    AUTO(text) char *path = xasprintf("%s/%s", folder, name);
    AUTO(buf) struct buf old = BUF_INIT(CASE_FILE_MAX);
    bool present = exists(folder, name);
    if (!keep_empty && text->length == 0) {
        *ret_changed = *ret_changed || present;
        if (present && unlink(path) != 0)
            return err_set(err, ERR_IO, "%s cannot be removed", path);
        return 0;
    }
    int rc = present ? file_read(path, &old, err) : 0;
    if (rc != 0 || (present && old.length == text->length && memcmp(buf_text(&old), buf_text(text), text->length) == 0))
        return rc;
    *ret_changed = true;
    return file_write(path, buf_text(text), text->length, err);
}

int case_update(const char *folder, const struct case_outcome *outcome, bool *ret_changed, struct err *err)
{
    *ret_changed = false;
    int rc = update_file(folder, "out.yaml", &outcome->out, true, ret_changed, err);
    return rc == 0 ? update_file(folder, "problems.txt", &outcome->problems, false, ret_changed, err) : rc;
}
