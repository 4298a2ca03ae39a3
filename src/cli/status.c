/* status: asks a running controller how it stands. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
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

/* Nothing of a text acts on a terminal. */
static void print_shown(const char *text)
{
    AUTO(text) char *shown = text_shown(text != NULL ? text : "");
    fputs(shown, stdout);
}

static void print_member(const struct json *object, const char *name)
{
    print_shown(json_find_text(object, name));
}

static double number_of(const struct json *object, const char *name)
{
    return json_number(json_find(object, name), 0);
}

/* "24 programmed, 1 refused" */
static void print_counts(const char *title, const struct json *counts)
{
    const char *comma = "";
    printf("%-10s", title);
    json_each (state, counts) {
        printf("%s%.0f ", comma, json_number(state, 0));
        print_shown(json_name(state));
        comma = ", ";
    }
    printf("%s\n", comma[0] == '\0' ? "none" : "");
}

static void print_held(const struct json *held)
{
    size_t shown = 0;
    if (number_of(held, "objects") == 0)
        return;
    printf("held      %.0f objects, %.0f entities, since ", number_of(held, "objects"), number_of(held, "entities"));
    print_member(held, "since");
    json_each (name, json_find(held, "names")) {
        if (shown++ >= STATUS_NAMES)
            continue;
        fputs(shown > 1 ? ", " : ": ", stdout);
        print_shown(json_text(name));
    }
    printf("%s\napprove   ", shown > STATUS_NAMES ? ", …" : "");
    print_member(held, "command");
    printf("\n");
}

static void print_problems(const struct json *status)
{
    static const char *const parts[] = {"severity", "code", "object"};
    const struct json *counts = json_find(status, "problem_counts");
    size_t shown = 0;
    printf("problems  %.0f errors, %.0f warnings\n", number_of(counts, "errors"), number_of(counts, "warnings"));
    json_each (problem, json_find(status, "problems")) {
        if (shown++ >= STATUS_PROBLEMS)
            continue;
        printf(" ");
        for (size_t i = 0; i < COUNT_OF(parts); i++) {
            printf(" ");
            print_member(problem, parts[i]);
        }
        printf(": ");
        print_member(problem, "text");
        printf("\n");
    }
    if (shown > STATUS_PROBLEMS)
        printf("  … and more: -o json\n");
}

static void print_text(const struct json *status)
{
    const char *leader = json_find_text(status, "leader");
    bool leads = json_truth(json_find(status, "leading"), false);
    bool connected = json_truth(json_find(status, "connected"), false);
    printf("state     ");
    print_member(status, "state");
    printf("\n          ");
    print_member(status, "sentence");
    printf("\nleader    ");
    print_shown(leader != NULL && leader[0] != '\0' ? leader : "nobody");
    printf("%s\ngateway   ", leads ? " (this one)" : "");
    print_shown(connected ? json_find_text(status, "gateway") : "not connected");
    printf("\n");
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
