/* Which request goes out when, with what credential, and what becomes of its answer. */
#include "kube/client.h"

#include <string.h>

#include "answer_parts.h"
#include "base/buf.h"
#include "credentials.h"
#include "net/http_client.h"

enum place_in { IN_QUEUE, UNDER_WAY, FINISHING };

struct kube_request {
    struct kube_client *client;
    struct kube_request *previous, *next;
    enum place_in place;
    struct kube_call call; /* texts are ours */
    uint64_t sequence;
    uint64_t serial; /* of the credential that it went with */
    bool again;      /* was refused with 401 once */
    struct http_request *http;
};

struct request_list {
    struct kube_request *first, *last;
};

struct kube_client {
    struct loop *loop;
    struct kube_config *config;
    struct http_client *calls;
    struct http_client *streams;
    struct credentials *credentials;
    struct loop_timer *later;      /* pumps */
    struct request_list queued[2]; /* calls, streams */
    struct request_list running;
    size_t queue_length;
    int calls_running;
    int concurrency;
    uint64_t last_sequence;
    uint64_t tls_serial; /* of the credential whose certificate the connections use */
};

static const struct {
    const char *method;
    const char *content_type;
} VERBS[] = {
    [KUBE_GET] = {"GET", NULL},
    [KUBE_CREATE] = {"POST", "application/json"},
    [KUBE_PUT] = {"PUT", "application/json"},
    [KUBE_PATCH_MERGE] = {"PATCH", "application/merge-patch+json"},
    [KUBE_PATCH_APPLY] = {"PATCH", "application/apply-patch+yaml"},
    [KUBE_DELETE] = {"DELETE", "application/json"},
};

static void list_insert(struct request_list *list, struct kube_request *request)
{
    /* By sequence: one that is sent again keeps its turn. */
    struct kube_request *before = list->last;
    while (before != NULL && before->sequence > request->sequence)
        before = before->previous;
    request->previous = before;
    request->next = before != NULL ? before->next : list->first;
    if (request->next != NULL)
        request->next->previous = request;
    else
        list->last = request;
    if (before != NULL)
        before->next = request;
    else
        list->first = request;
}

static void list_remove(struct request_list *list, struct kube_request *request)
{
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        list->first = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    else
        list->last = request->previous;
}

static void enqueue(struct kube_request *request)
{
    request->place = IN_QUEUE;
    list_insert(&request->client->queued[request->call.stream], request);
    request->client->queue_length++;
}

/* Out of whatever list it is in. */
static void detach(struct kube_request *request)
{
    struct kube_client *client = request->client;
    if (request->place == IN_QUEUE) {
        list_remove(&client->queued[request->call.stream], request);
        client->queue_length--;
    } else if (request->place == UNDER_WAY) {
        list_remove(&client->running, request);
        client->calls_running -= request->call.stream ? 0 : 1;
    }
    request->place = FINISHING;
}

static void request_free(struct kube_request *request)
{
    free((char *)request->call.path);
    free((char *)request->call.query);
    free((char *)request->call.accept);
    free((char *)request->call.body);
    free(request);
}

static void finish(struct kube_request *request, const struct kube_answer *answer)
{
    detach(request);
    request->call.done(request->call.user, answer);
    request_free(request);
}

static struct http_tls tls_of(const struct kube_client *client)
{
    const struct kube_config *config = client->config;
    const char *cert = client->credentials != NULL ? kube_credentials_cert_pem(client->credentials) : NULL;
    return (struct http_tls){
        .ca_pem = config->ca_pem,
        .client_cert_pem = cert != NULL ? cert : config->client_cert_pem,
        .client_key_pem = cert != NULL ? kube_credentials_key_pem(client->credentials) : config->client_key_pem,
        .server_name = config->tls_server_name,
        .skip_verify = config->skip_verify,
    };
}

static void use_tls(struct kube_client *client)
{
    struct http_tls tls = tls_of(client);
    http_client_set_tls(client->calls, &tls);
    http_client_set_tls(client->streams, &tls);
}

/* Certificates on disk may have rotated. */
static bool reload_tls(struct kube_client *client)
{
    bool changed = false;
    struct err unread = ERR_INIT;
    const struct kube_config *config = client->config;
    if (config->ca_file == NULL && config->client_cert_file == NULL)
        return false;
    if (kube_config_reload(client->config, &changed, &unread) != 0 || !changed)
        return false;
    use_tls(client);
    return true;
}

static bool worth_another_try(struct kube_request *request, const struct http_result *result)
{
    struct kube_client *client = request->client;
    if (result->status == 0 && err_is(result->err->code, ERR_TLS))
        reload_tls(client); /* for the next one: whoever sent this decides */
    if (result->status != 401 || request->again)
        return false;
    bool reloaded = reload_tls(client);
    return kube_credentials_refuse(client->credentials, request->serial) || reloaded;
}

static int on_chunk(void *user, const char *data, size_t length)
{
    const struct kube_request *request = user;
    return request->call.chunk(request->call.user, data, length);
}

static void on_http_done(void *user, const struct http_result *result)
{
    struct kube_request *request = user;
    struct kube_client *client = request->client;
    request->http = NULL;
    loop_timer_start(client->later, 0);
    if (worth_another_try(request, result)) {
        detach(request);
        request->again = true;
        enqueue(request);
        return;
    }
    struct answer answer;
    kube_answer_init(&answer, VERBS[request->call.verb].method, request->call.path, result);
    finish(request, &answer.facts);
    kube_answer_done(&answer);
}

static void add_identity(const struct kube_client *client, struct http_headers *headers)
{
    const struct kube_config *config = client->config;
    const char *authorization = kube_credentials_authorization(client->credentials);
    if (authorization != NULL)
        http_headers_add(headers, "Authorization", authorization);
    if (config->act_as != NULL)
        http_headers_add(headers, "Impersonate-User", config->act_as);
    if (config->act_as_uid != NULL)
        http_headers_add(headers, "Impersonate-Uid", config->act_as_uid);
    for (size_t i = 0; config->act_as_groups != NULL && config->act_as_groups[i] != NULL; i++)
        http_headers_add(headers, "Impersonate-Group", config->act_as_groups[i]);
}

static void launch(struct kube_request *request)
{
    struct kube_client *client = request->client;
    const struct kube_call *call = &request->call;
    const char *type = VERBS[call->verb].content_type;
    AUTO(text)
    char *url = xasprintf("%s%s%s%s", client->config->server, call->path, call->query != NULL ? "?" : "",
                          call->query != NULL ? call->query : "");
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Accept", call->accept != NULL ? call->accept : "application/json");
    if (type != NULL && call->body != NULL)
        http_headers_add(&headers, "Content-Type", type);
    add_identity(client, &headers);

    detach(request);
    request->place = UNDER_WAY;
    list_insert(&client->running, request);
    client->calls_running += call->stream ? 0 : 1;
    request->serial = kube_credentials_serial(client->credentials);
    uint64_t timeout = call->timeout_ms != 0 || call->stream ? call->timeout_ms : KUBE_REQUEST_TIMEOUT_MS;
    struct http_call http = {
        .method = VERBS[call->verb].method,
        .url = url,
        .headers = &headers,
        .body = call->body,
        .body_length = call->body_length,
        .answer_limit = call->chunk != NULL ? 0 : KUBE_ANSWER_MAX,
        .timeout_ms = timeout,
        .idle_timeout_ms = call->idle_timeout_ms,
        .chunk = call->chunk != NULL ? on_chunk : NULL,
        .done = on_http_done,
        .user = request,
    };
    request->http = http_send(call->stream ? client->streams : client->calls, &http);
    http_headers_done(&headers);
}

static void use_new_certificate(struct kube_client *client)
{
    uint64_t serial = kube_credentials_serial(client->credentials);
    if (client->tls_serial != serial && kube_credentials_cert_pem(client->credentials) != NULL)
        use_tls(client);
    client->tls_serial = serial;
}

static void pump(void *user)
{
    struct kube_client *client = user;
    if (client->queue_length == 0)
        return;
    if (!kube_credentials_ready(client->credentials)) {
        kube_credentials_renew(client->credentials);
        return;
    }
    use_new_certificate(client);
    while (client->queued[true].first != NULL)
        launch(client->queued[true].first);
    while (client->queued[false].first != NULL && client->calls_running < client->concurrency)
        launch(client->queued[false].first);
}

static void fail_queued(struct kube_client *client, struct request_list *list, const struct err *err)
{
    uint64_t last = client->last_sequence;
    while (list->first != NULL && list->first->sequence <= last) {
        struct kube_request *request = list->first;
        struct answer answer;
        kube_answer_init_failed(&answer, VERBS[request->call.verb].method, request->call.path, KUBE_NO_CREDENTIALS,
                                err);
        finish(request, &answer.facts);
        kube_answer_done(&answer);
    }
}

static void on_credentials(void *user, const struct err *err)
{
    struct kube_client *client = user;
    if (err->code == 0 || kube_credentials_ready(client->credentials)) {
        pump(client);
        return;
    }
    struct err why = *err;
    fail_queued(client, &client->queued[false], &why);
    fail_queued(client, &client->queued[true], &why);
}

static int open_connections(struct kube_client *client, const struct kube_client_options *options, struct err *err)
{
    struct http_client_options http = {
        .tls = tls_of(client),
        .user_agent = options->user_agent != NULL ? options->user_agent : "kongruent/" KONGRUENT_VERSION,
        .proxy_url = client->config->proxy_url,
        .max_connections = client->concurrency,
    };
    int rc = http_client_new(client->loop, &http, &client->calls, err);
    http.max_connections = KUBE_STREAMS_MAX;
    return rc != 0 ? rc : http_client_new(client->loop, &http, &client->streams, err);
}

int kube_client_new(struct loop *loop, struct kube_config *config, const struct kube_client_options *options,
                    struct kube_client **ret_client, struct err *err)
{
    struct kube_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    client->config = config;
    client->concurrency = options->concurrency > 0 ? options->concurrency : KUBE_CONCURRENCY;
    client->later = loop_timer_new(loop, pump, client);
    int rc = open_connections(client, options, err);
    if (rc != 0) {
        kube_client_free(client);
        return rc;
    }
    client->credentials = kube_credentials_new(loop, config, on_credentials, client);
    *ret_client = client;
    return 0;
}

static void drop_all(struct request_list *list)
{
    while (list->first != NULL)
        kube_client_cancel(list->first);
}

void kube_client_free(struct kube_client *client)
{
    if (client == NULL)
        return;
    drop_all(&client->running);
    drop_all(&client->queued[false]);
    drop_all(&client->queued[true]);
    kube_credentials_free(client->credentials);
    http_client_free(client->calls);
    http_client_free(client->streams);
    loop_timer_free(client->later);
    kube_config_free(client->config);
    free(client);
}

struct loop *kube_client_loop(struct kube_client *client)
{
    return client->loop;
}

const struct kube_config *kube_client_config(const struct kube_client *client)
{
    return client->config;
}

struct kube_request *kube_client_send(struct kube_client *client, const struct kube_call *call)
{
    if (client->queue_length >= KUBE_QUEUE_MAX)
        return NULL;
    struct kube_request *request = xcalloc(1, sizeof(*request));
    request->client = client;
    request->call = *call;
    request->call.path = xstrdup(call->path);
    request->call.query = xstrdup(call->query);
    request->call.accept = xstrdup(call->accept);
    request->call.body = call->body != NULL ? xmemdup(call->body, call->body_length) : NULL;
    request->sequence = ++client->last_sequence;
    enqueue(request);
    loop_timer_start(client->later, 0);
    return request;
}

void kube_client_cancel(struct kube_request *request)
{
    if (request == NULL || request->place == FINISHING)
        return;
    struct kube_client *client = request->client;
    if (request->place == UNDER_WAY)
        loop_timer_start(client->later, 0);
    detach(request);
    http_cancel(request->http);
    request_free(request);
}

char *kube_path(const char *group, const char *version, const char *plural, const char *namespace, const char *name,
                const char *subresource)
{
    struct buf path = BUF_OWN;
    if (group[0] == '\0')
        buf_printf(&path, "/api/%s", version);
    else
        buf_printf(&path, "/apis/%s/%s", group, version);
    if (namespace != NULL && namespace[0] != '\0')
        buf_printf(&path, "/namespaces/%s", namespace);
    buf_printf(&path, "/%s", plural);
    if (name != NULL && name[0] != '\0')
        buf_printf(&path, "/%s", name);
    if (subresource != NULL && subresource[0] != '\0')
        buf_printf(&path, "/%s", subresource);
    return buf_take(&path);
}
