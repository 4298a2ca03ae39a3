/* status: asks a running controller how it stands. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "config/options.h"
#include "net/http_client.h"

#define STATUS_GROUPS     (OPTION_STATUS | OPTION_OUTPUT)
#define STATUS_TIMEOUT_MS 10000
#define STATUS_ANSWER_MAX (8u << 20)
#define STATUS_PROBLEMS   20 /* as text */
#define STATUS_NAMES      10 /* of what is held */

struct asking {
    struct loop *loop;
    const char *url;
    struct json *status;
    struct err *err;
};

static void on_answer(void *user, const struct http_result *result)
{
    struct asking *asking = user;
    struct err ignored = ERR_INIT;
    if (result->status == 0)
        err_set(asking->err, ERR_CONNECT, "%s does not answer: %s", asking->url, result->err->text);
    else if (result->status != 200 || json_parse(result->body, result->body_length, &asking->status, &ignored) != 0 ||
             json_find_text(asking->status, "state") == NULL)
        err_set(asking->err, ERR_PROTOCOL,
                "%s is no controller's status page (status %d); --address is what --metrics-bind-address listens on",
                asking->url, result->status);
    loop_stop(asking->loop);
}

static int ask(struct asking *asking, struct err *err)
{
    struct http_client *client = NULL;
    struct http_client_options options = {.user_agent = "kongruent"};
    int rc = loop_new(&asking->loop, err);
    if (rc == 0)
        rc = http_client_new(asking->loop, &options, &client, err);
    if (rc == 0) {
        struct http_call call = {.method = "GET",
                                 .url = asking->url,
                                 .answer_limit = STATUS_ANSWER_MAX,
                                 .timeout_ms = STATUS_TIMEOUT_MS,
                                 .done = on_answer,
                                 .user = asking};
        http_send(client, &call);
        loop_run(asking->loop);
    }
    http_client_free(client);
    loop_free(asking->loop);
    return err->code;
}

static const char *text_of(const struct json *object, const char *name)
{
    const char *text = json_find_text(object, name);
    return text != NULL ? text : "";
}

/* "24 programmed, 1 refused" */
static void print_counts(const char *title, const struct json *counts)
{
    const char *comma = "";
    printf("%-10s", title);
    json_each (state, counts) {
        printf("%s%.0f %s", comma, json_number(state, 0), json_name(state));
        comma = ", ";
    }
    printf("%s\n", comma[0] == '\0' ? "none" : "");
}

static void print_held(const struct json *held)
{
    const struct json *names = json_find(held, "names");
    size_t shown = 0;
    if (json_number(json_find(held, "objects"), 0) == 0)
        return;
    printf("held      %.0f objects, %.0f entities, since %s: ", json_number(json_find(held, "objects"), 0),
           json_number(json_find(held, "entities"), 0), text_of(held, "since"));
    json_each (name, names) {
        if (shown++ < STATUS_NAMES)
            printf("%s%s", shown > 1 ? ", " : "", json_text(name));
    }
    printf("%s\napprove   %s\n", shown > STATUS_NAMES ? ", …" : "", text_of(held, "command"));
}

static void print_problems(const struct json *status)
{
    const struct json *counts = json_find(status, "problem_counts");
    size_t shown = 0;
    printf("problems  %.0f errors, %.0f warnings\n", json_number(json_find(counts, "errors"), 0),
           json_number(json_find(counts, "warnings"), 0));
    json_each (problem, json_find(status, "problems")) {
        if (shown++ >= STATUS_PROBLEMS)
            continue;
        printf("  %s %s %s: %s\n", text_of(problem, "severity"), text_of(problem, "code"), text_of(problem, "object"),
               text_of(problem, "text"));
    }
    if (shown > STATUS_PROBLEMS)
        printf("  … and more: -o json\n");
}

static void print_text(const struct json *status)
{
    const char *leader = text_of(status, "leader");
    printf("state     %s\n          %s\n", text_of(status, "state"), text_of(status, "sentence"));
    printf("leader    %s%s\n", leader[0] != '\0' ? leader : "nobody",
           json_truth(json_find(status, "leading"), false) ? " (this one)" : "");
    printf("gateway   %s\n",
           json_truth(json_find(status, "connected"), false) ? text_of(status, "gateway") : "not connected");
    print_counts("objects", json_find(status, "objects"));
    print_counts("entities", json_find(status, "entities"));
    print_held(json_find(status, "held"));
    print_problems(status);
}

static int run(const struct options *options, struct err *err)
{
    const char *format = options_text(options, OPT_OUTPUT), *address = options_text(options, OPT_ADDRESS);
    bool json = strcmp(format, "json") == 0;
    if (!json && format[0] != '\0' && strcmp(format, "text") != 0)
        return err_set(err, ERR_INVALID, "--output: '%s' is none of text|json", format);
    if (options_words(options)[0] != NULL)
        return err_set(err, ERR_INVALID, "'%s' is no flag", options_words(options)[0]);
    size_t length = strlen(address);
    while (length > 0 && address[length - 1] == '/')
        length--;
    AUTO(text) char *url = xasprintf("%.*s/status.json", (int)length, address);
    struct asking asking = {.url = url, .err = err};
    int rc = ask(&asking, err);
    if (rc == 0 && json) {
        AUTO(buf) struct buf out = BUF_OWN;
        json_print_pretty(asking.status, &out);
        printf("%s\n", buf_text(&out));
    } else if (rc == 0) {
        print_text(asking.status);
    }
    json_free(asking.status);
    return rc;
}

int cli_status(int argc, char **argv)
{
    AUTO(options) struct options *options = NULL;
    struct err err = ERR_INIT;
    int rc = options_parse(argc, argv, STATUS_GROUPS, &options, &err);
    if (rc == 0)
        rc = run(options, &err);
    if (rc != 0)
        fprintf(stderr, "kongruent status: %s\n", err.text);
    return rc != 0 ? 1 : 0;
}
