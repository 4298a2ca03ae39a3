/* Decides how requests to the Admin API are put together, and follows the pages of lists. */
#include "gateway/admin.h"

#include <string.h>

#include "admin_answer.h"
#include "base/clock.h"

#define TIMEOUT_MS      30000
#define CONNECTIONS_MAX 64

static const double DURATIONS[] = {0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
static const char *const METHODS[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

struct kong_admin {
    struct kong_gateways *gateways;
    struct loop *loop;
    struct http_client *client;
    struct http_headers headers; /* further ones */
    char *workspace;
    char *token;
    uint64_t timeout_ms;
    struct kong_admin_counters counters;
    struct histogram durations[KONG_METHODS];
    struct call *calls; /* under way */
};

/* One request; `each` is set for lists, whose pages follow one another in the same call. */
struct call {
    struct call *next, *previous;
    struct kong_admin *admin;
    char *gateway;
    kong_answer_fn *done;
    kong_each_fn *each;
    void *user;
    enum kong_method method;
    unsigned pages;
    struct http_request *request;
    struct loop_timer *soon; /* answers that are known at once come from the loop all the same */
};

static void call_free(struct call *call)
{
    if (call->previous != NULL)
        call->previous->next = call->next;
    else if (call->admin->calls == call)
        call->admin->calls = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
    loop_timer_free(call->soon);
    free(call->gateway);
    free(call);
}

static struct call *call_new(struct kong_admin *admin, kong_answer_fn *done, kong_each_fn *each, void *user)
{
    struct call *call = xcalloc(1, sizeof(*call));
    call->admin = admin;
    call->done = done;
    call->each = each;
    call->user = user;
    call->next = admin->calls;
    if (admin->calls != NULL)
        admin->calls->previous = call;
    admin->calls = call;
    return call;
}

int kong_admin_new(struct loop *loop, struct kong_gateways *gateways, const struct kong_admin_options *options,
                   struct kong_admin **ret_admin, struct err *err)
{
    struct http_client_options client_options = {
        .tls = options->tls,
        .user_agent = options->user_agent,
        .max_connections = options->max_connections > 0 ? options->max_connections : CONNECTIONS_MAX,
    };
    struct http_client *client = NULL;
    int rc = http_client_new(loop, &client_options, &client, err);
    if (rc < 0)
        return err_wrap(err, "Admin API client");

    struct kong_admin *admin = xcalloc(1, sizeof(*admin));
    admin->gateways = gateways;
    admin->loop = loop;
    admin->client = client;
    admin->workspace = xstrdup(options->workspace != NULL ? options->workspace : "");
    admin->token = xstrdup(options->token);
    admin->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
    for (size_t i = 0; i < KONG_METHODS; i++)
        histogram_init_bounds(&admin->durations[i], DURATIONS, COUNT_OF(DURATIONS));
    for (size_t i = 0; options->headers != NULL && i < options->headers->count; i++)
        http_headers_add(&admin->headers, options->headers->items[i].name, options->headers->items[i].value);
    *ret_admin = admin;
    return 0;
}

void kong_admin_cancel(struct kong_admin *admin)
{
    while (admin->calls != NULL) {
        http_cancel(admin->calls->request);
        call_free(admin->calls);
    }
}

void kong_admin_free(struct kong_admin *admin)
{
    if (admin == NULL)
        return;
    kong_admin_cancel(admin);
    http_client_free(admin->client);
    http_headers_done(&admin->headers);
    free(admin->workspace);
    free(admin->token);
    free(admin);
}

void kong_admin_set_token(struct kong_admin *admin, const char *token)
{
    free(admin->token);
    admin->token = xstrdup(token);
}

void kong_admin_set_tls(struct kong_admin *admin, const struct http_tls *tls)
{
    http_client_set_tls(admin->client, tls);
}

struct kong_admin_counters kong_admin_counters(const struct kong_admin *admin)
{
    return admin->counters;
}

const struct histogram *kong_admin_durations(const struct kong_admin *admin, enum kong_method method)
{
    return &admin->durations[method];
}

const char *kong_method_name(enum kong_method method)
{
    return METHODS[method];
}

static enum kong_method method_of(const char *name)
{
    int method = 0;
    while (method < KONG_METHODS - 1 && strcmp(METHODS[method], name) != 0)
        method++;
    return (enum kong_method)method;
}

static void count_sent(struct kong_admin_counters *counters, enum kong_method method)
{
    uint64_t *const counts[] = {
        [KONG_METHOD_GET] = &counters->gets,       [KONG_METHOD_POST] = &counters->posts,
        [KONG_METHOD_PUT] = &counters->puts,       [KONG_METHOD_PATCH] = &counters->patches,
        [KONG_METHOD_DELETE] = &counters->deletes,
    };
    ++*counts[method];
}

static void count_answer(struct kong_admin_counters *counters, enum kong_class class)
{
    if (class == KONG_DONE)
        counters->done++;
    else if (class == KONG_UNAVAILABLE || class == KONG_UNSURE)
        counters->unavailable++;
    else
        counters->refused++;
}

static void call_send(struct call *call, const char *method, const char *path, const char *body);

/* True when another page is on its way. */
static bool read_page(struct call *call, const struct kong_answer *answer)
{
    json_each (entity, json_find(answer->body, "data")) {
        call->each(call->user, entity);
    }
    const char *next = json_find_text(answer->body, "next");
    if (next == NULL || next[0] != '/' || ++call->pages >= KONG_PAGES_MAX)
        return false;

    /* Some lists forget the page size in `next`. */
    bool sized = strstr(next, "size=") != NULL;
    AUTO(text)
    char *path =
        sized ? xstrdup(next) : xasprintf("%s%csize=%d", next, strchr(next, '?') != NULL ? '&' : '?', KONG_PAGE_SIZE);
    size_t workspace = strlen(call->admin->workspace);
    bool prefixed =
        workspace > 0 && strncmp(path + 1, call->admin->workspace, workspace) == 0 && path[1 + workspace] == '/';
    call_send(call, "GET", prefixed ? path + 1 + workspace : path, NULL);
    return true;
}

static void on_result(void *user, const struct http_result *result)
{
    struct call *call = user;
    struct kong_admin *admin = call->admin;
    call->request = NULL; /* over */
    AUTO(buf) struct buf message = BUF_OWN;
    AUTO(json) struct json *body = NULL;
    struct kong_answer answer;

    admin_answer_read(result, &answer, &body, &message);
    answer.gateway = call->gateway;
    if (answer.class == KONG_DONE && call->each != NULL && !json_is(json_find(body, "data"), JSON_ARRAY)) {
        answer.class = KONG_UNAVAILABLE;
        answer.message = "the answer is no list of entities";
    }
    count_answer(&admin->counters, answer.class);
    histogram_add(&admin->durations[call->method], (double)answer.took_us / 1e6);
    if (answer.class == KONG_UNAVAILABLE || answer.class == KONG_UNSURE)
        kong_gateways_failed(admin->gateways, call->gateway, clock_monotonic_ms());
    else
        kong_gateways_worked(admin->gateways, call->gateway);

    if (answer.class == KONG_DONE && call->each != NULL && read_page(call, &answer))
        return;
    kong_answer_fn *done = call->done;
    void *done_user = call->user;
    char *gateway = TAKE(call->gateway);
    call_free(call); /* first: the callback may free everything */
    done(done_user, &answer);
    free(gateway);
}

static void on_no_gateway(void *user)
{
    struct call *call = user;
    kong_answer_fn *done = call->done;
    void *done_user = call->user;
    call_free(call);
    done(done_user,
         &(struct kong_answer){.class = KONG_UNAVAILABLE, .message = "no Admin API endpoint is known", .gateway = ""});
}

static void call_send(struct call *call, const char *method, const char *path, const char *body)
{
    struct kong_admin *admin = call->admin;
    const char *gateway = kong_gateways_pick(admin->gateways, clock_monotonic_ms());
    if (gateway == NULL) {
        call->soon = loop_timer_new(admin->loop, on_no_gateway, call);
        loop_timer_start(call->soon, 0);
        return;
    }
    free(call->gateway);
    call->gateway = xstrdup(gateway);

    bool prefixed = admin->workspace[0] != '\0';
    AUTO(text) char *url = xasprintf("%s%s%s%s", gateway, prefixed ? "/" : "", admin->workspace, path);
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Accept", "application/json");
    if (body != NULL)
        http_headers_add(&headers, "Content-Type", "application/json");
    if (admin->token != NULL)
        http_headers_add(&headers, "Kong-Admin-Token", admin->token);
    for (size_t i = 0; i < admin->headers.count; i++)
        http_headers_add(&headers, admin->headers.items[i].name, admin->headers.items[i].value);

    struct http_call http = {
        .method = method,
        .url = url,
        .headers = &headers,
        .body = body,
        .body_length = body != NULL ? strlen(body) : 0,
        .answer_limit = KONG_ANSWER_LIMIT,
        .timeout_ms = admin->timeout_ms,
        .done = on_result,
        .user = call,
    };
    call->method = method_of(method);
    count_sent(&admin->counters, call->method);
    call->request = http_send(admin->client, &http);
    http_headers_done(&headers);
}

void kong_admin_send(struct kong_admin *admin, const char *method, const char *path, const char *body,
                     kong_answer_fn *done, void *user)
{
    call_send(call_new(admin, done, NULL, user), method, path, body);
}

void kong_admin_list(struct kong_admin *admin, const char *path, kong_each_fn *each, kong_answer_fn *done, void *user)
{
    AUTO(text) char *first = xasprintf("%s%csize=%d", path, strchr(path, '?') != NULL ? '&' : '?', KONG_PAGE_SIZE);
    call_send(call_new(admin, done, each, user), "GET", first, NULL);
}
