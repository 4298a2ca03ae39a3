/* HTTP requests on the loop: libcurl's multi interface, which connections may be reused, and when a request ends. */
#include "net/http_client.h"

#include <string.h>

#include "base/clock.h"
#include "base/x509.h"
#include "http_client_request.h"

#define HTTP_SPARE_HANDLES_MAX 64
#define HTTP_CONNECTIONS       64
#define HTTP_CONNECT_MS        5000
#define HTTP_IDLE_CLOSE_MS     60000

struct request_list {
    struct http_request *first, *last;
};

struct http_client {
    struct loop *loop;
    struct http_client_options options; /* owns its texts; `tls` is not used: see the generations */
    struct generation *current;
    struct generation *retired; /* each until its last request has ended */
    struct request_list running;
    struct request_list late;
    struct loop_timer *later;
    struct loop_timer *idle_close;
    uint64_t last_used_ms;
    int depth;        /* of callbacks under way: nothing they may stand in is freed */
    bool in_curl;     /* libcurl refuses to be called from its own callbacks */
    bool has_orphans; /* requests cancelled while in_curl */
    bool is_freed;    /* http_client_free was called while depth > 0 */
};

/* What curl wants to know about one of its sockets. */
struct socket_watch {
    struct generation *generation;
    int fd;
    int wanted;
    struct loop_watch *watch;
};

static void finish(struct http_request *request);
static void enter(struct http_client *client);
static void leave(struct http_client *client);

static void list_add(struct request_list *list, struct http_request *request)
{
    request->next = NULL;
    request->previous = list->last;
    if (list->last != NULL)
        list->last->next = request;
    else
        list->first = request;
    list->last = request;
}

static void list_remove(struct request_list *list, struct http_request *request)
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

/* Ends all requests that curl has a result for. */
static void collect(struct generation *generation)
{
    struct http_client *client = generation->client;
    CURLMsg *message;
    int left;
    while (!client->is_freed && (message = curl_multi_info_read(generation->multi, &left)) != NULL) {
        struct http_request *request = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        if (message->msg != CURLMSG_DONE || request->cancelled)
            continue;
        request_explain(request, message->data.result);
        finish(request);
    }
}

static void act(struct generation *generation, curl_socket_t fd, int flags)
{
    struct http_client *client = generation->client;
    enter(client);
    client->in_curl = true;
    int running;
    curl_multi_socket_action(generation->multi, fd, flags, &running);
    client->in_curl = false;
    collect(generation);
    leave(client);
}

static void on_socket_ready(void *user, int events)
{
    struct socket_watch *socket = user;
    act(socket->generation, socket->fd,
        ((events & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) | ((events & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0));
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
    struct generation *generation = user;
    struct socket_watch *socket = assigned;
    int wanted = what == CURL_POLL_REMOVE
                     ? 0
                     : ((what & CURL_POLL_IN) != 0 ? LOOP_READ : 0) | ((what & CURL_POLL_OUT) != 0 ? LOOP_WRITE : 0);
    if (socket == NULL && what == CURL_POLL_REMOVE)
        return 0;
    if (socket == NULL) {
        socket = xcalloc(1, sizeof(*socket));
        socket->generation = generation;
        socket->fd = fd;
        curl_multi_assign(generation->multi, fd, socket);
    }
    if (socket->wanted != wanted) {
        loop_watch_free(socket->watch);
        socket->watch =
            wanted != 0 ? loop_watch_new(generation->client->loop, fd, wanted, on_socket_ready, socket) : NULL;
        socket->wanted = wanted;
    }
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(generation->multi, fd, NULL);
        free(socket);
    }
    return 0;
}

static int on_curl_timer(CURLM *multi, long delay_ms, void *user)
{
    struct generation *generation = user;
    if (delay_ms < 0)
        loop_timer_stop(generation->timer);
    else
        loop_timer_start(generation->timer, (uint64_t)delay_ms);
    return 0;
}

static void on_generation_timer(void *user)
{
    act(user, CURL_SOCKET_TIMEOUT, 0);
}

static struct curl_blob blob_of(const char *text)
{
    return (struct curl_blob){xstrdup(text), text != NULL ? strlen(text) : 0, CURL_BLOB_NOCOPY};
}

static struct generation *generation_new(struct http_client *client, const struct http_tls *tls)
{
    struct generation *generation = xcalloc(1, sizeof(*generation));
    generation->client = client;
    generation->ca = blob_of(tls->ca_pem);
    generation->cert = blob_of(tls->client_cert_pem);
    generation->key = blob_of(tls->client_key_pem);
    generation->server_name = xstrdup(tls->server_name);
    generation->skip_verify = tls->skip_verify;
    generation->timer = loop_timer_new(client->loop, on_generation_timer, generation);
    CURLM *multi = curl_multi_init();
    require_that(multi != NULL);
    long connections = client->options.max_connections;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, generation);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, generation);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 4 * connections);
    generation->multi = multi;
    return generation;
}

static void generation_free(struct generation *generation)
{
    for (size_t i = 0; i < generation->spare_count; i++)
        curl_easy_cleanup(generation->spare[i]);
    free(generation->spare);
    curl_multi_cleanup(generation->multi);
    loop_timer_free(generation->timer);
    free(generation->ca.data);
    free(generation->cert.data);
    if (generation->key.data != NULL)
        explicit_bzero(generation->key.data, generation->key.len);
    free(generation->key.data);
    free(generation->server_name);
    free(generation);
}

static void begin_generation(struct http_client *client, const struct http_tls *tls)
{
    struct generation *old = client->current;
    client->current = generation_new(client, tls);
    old->next = client->retired;
    client->retired = old;
}

static CURL *take_handle(struct generation *generation)
{
    if (generation->spare_count != 0)
        return generation->spare[--generation->spare_count];
    CURL *easy = curl_easy_init();
    require_that(easy != NULL);
    return easy;
}

static void give_handle_back(struct generation *generation, CURL *easy)
{
    curl_easy_reset(easy);
    if (generation->spare == NULL)
        generation->spare = xcalloc(HTTP_SPARE_HANDLES_MAX, sizeof(CURL *));
    if (generation->spare_count < HTTP_SPARE_HANDLES_MAX)
        generation->spare[generation->spare_count++] = easy;
    else
        curl_easy_cleanup(easy);
}

/* Takes the request out of curl and of the client's lists; not while in_curl. */
static void detach(struct http_request *request)
{
    struct http_client *client = request->client;
    struct generation *generation = request->generation;
    if (request->place == REQUEST_RUNNING) {
        curl_multi_remove_handle(generation->multi, request->easy);
        list_remove(&client->running, request);
    } else {
        list_remove(&client->late, request);
    }
    request->place = REQUEST_FINISHING;
    give_handle_back(generation, request->easy);
    request->easy = NULL;
    generation->running--;
    client->last_used_ms = clock_monotonic_ms();
    if (!loop_timer_running(client->idle_close))
        loop_timer_start(client->idle_close, client->options.idle_close_ms);
}

static void discard(struct http_request *request)
{
    detach(request);
    request_free(request);
}

static void discard_orphans(struct http_client *client)
{
    client->has_orphans = false;
    struct http_request *next;
    for (struct http_request *request = client->running.first; request != NULL; request = next) {
        next = request->next;
        if (request->cancelled)
            discard(request);
    }
}

static void discard_generations(struct http_client *client)
{
    struct generation **link = &client->retired;
    while (*link != NULL) {
        struct generation *generation = *link;
        if (generation->running != 0) {
            link = &generation->next;
            continue;
        }
        *link = generation->next;
        generation_free(generation);
    }
}

static void destroy(struct http_client *client)
{
    while (client->running.first != NULL)
        discard(client->running.first);
    while (client->late.first != NULL)
        discard(client->late.first);
    discard_generations(client);
    generation_free(client->current);
    loop_timer_free(client->later);
    loop_timer_free(client->idle_close);
    free((char *)client->options.user_agent);
    free((char *)client->options.proxy_url);
    free(client);
    curl_global_cleanup();
}

static void enter(struct http_client *client)
{
    client->depth++;
}

static void leave(struct http_client *client)
{
    if (--client->depth != 0)
        return;
    if (client->is_freed) {
        destroy(client);
        return;
    }
    if (client->has_orphans)
        discard_orphans(client);
    discard_generations(client);
}

static void finish(struct http_request *request)
{
    struct http_client *client = request->client;
    long status = 0;
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    enter(client);
    detach(request);
    struct http_result result = {
        .status = status >= 200 ? (int)status : 0,
        .headers = &request->headers,
        .body = buf_text(&request->answer),
        .body_length = request->answer.length,
        .err = &request->err,
        .took_us = clock_monotonic_us() - request->started_us,
    };
    request->done(request->user, &result);
    request_free(request);
    leave(client);
}

static void start(struct http_request *request)
{
    CURLMcode code = curl_multi_add_handle(request->generation->multi, request->easy);
    require_that(code == CURLM_OK);
    request->place = REQUEST_RUNNING;
    list_add(&request->client->running, request);
}

/* What could not be done from where http_send was called. */
static void on_later(void *user)
{
    struct http_client *client = user;
    struct http_request *last = client->late.last;
    enter(client);
    for (bool more = last != NULL; more && !client->is_freed && client->late.first != NULL;) {
        struct http_request *request = client->late.first;
        more = request != last;
        if (request->err.code != 0) {
            finish(request);
        } else {
            list_remove(&client->late, request);
            start(request);
        }
    }
    if (!client->is_freed && client->late.first != NULL)
        loop_timer_start(client->later, 0);
    leave(client);
}

static void on_deadline(void *user)
{
    struct http_request *request = user;
    err_set(&request->err, ERR_TIMEOUT, "%s: not done within %llu ms", request->origin,
            (unsigned long long)request->timeout_ms);
    finish(request);
}

static void on_idle(void *user)
{
    struct http_request *request = user;
    uint64_t now = clock_monotonic_ms();
    curl_off_t uploaded = 0;
    curl_easy_getinfo(request->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (uploaded != request->uploaded) {
        request->uploaded = uploaded;
        request->last_byte_ms = now;
    }
    uint64_t due = request->last_byte_ms + request->idle_timeout_ms;
    if (now < due) {
        loop_timer_start(request->idle, due - now);
        return;
    }
    err_set(&request->err, ERR_TIMEOUT, "%s: nothing was received for %llu ms", request->origin,
            (unsigned long long)request->idle_timeout_ms);
    finish(request);
}

static void on_idle_close(void *user)
{
    struct http_client *client = user;
    uint64_t due = client->last_used_ms + client->options.idle_close_ms;
    uint64_t now = clock_monotonic_ms();
    struct generation *current = client->current;
    if (now < due || current->running != 0) {
        loop_timer_start(client->idle_close, now < due ? due - now : client->options.idle_close_ms);
        return;
    }
    enter(client);
    struct http_tls tls = {current->ca.data, current->cert.data, current->key.data, current->server_name,
                           current->skip_verify};
    begin_generation(client, &tls);
    leave(client);
}

int http_client_new(struct loop *loop, const struct http_client_options *options, struct http_client **ret_client,
                    struct err *err)
{
    const struct http_tls *tls = &options->tls;
    if ((tls->client_cert_pem == NULL) != (tls->client_key_pem == NULL))
        return err_set(err, ERR_INVALID, "a client certificate and its key must be given together");
    if (tls->client_cert_pem != NULL && x509_check_pair(NULL, tls->client_cert_pem, tls->client_key_pem, err) != 0)
        return err_wrap(err, "client certificate");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, ERR_UNSUPPORTED, "the HTTP library cannot be initialised");

    struct http_client *client = xcalloc(1, sizeof(*client));
    client->loop = loop;
    client->options = (struct http_client_options){
        .user_agent = xstrdup(options->user_agent),
        .proxy_url = xstrdup(options->proxy_url),
        .max_connections = options->max_connections > 0 ? options->max_connections : HTTP_CONNECTIONS,
        .connect_timeout_ms = options->connect_timeout_ms != 0 ? options->connect_timeout_ms : HTTP_CONNECT_MS,
        .idle_close_ms = options->idle_close_ms != 0 ? options->idle_close_ms : HTTP_IDLE_CLOSE_MS,
    };
    client->later = loop_timer_new(loop, on_later, client);
    client->idle_close = loop_timer_new(loop, on_idle_close, client);
    client->current = generation_new(client, tls);
    *ret_client = client;
    return 0;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL || client->is_freed)
        return;
    client->is_freed = true;
    for (struct http_request *request = client->running.first; request != NULL; request = request->next)
        request->cancelled = true;
    if (client->depth == 0)
        destroy(client);
}

void http_client_set_tls(struct http_client *client, const struct http_tls *tls)
{
    enter(client);
    begin_generation(client, tls);
    leave(client);
}

struct http_request *http_send(struct http_client *client, const struct http_call *call)
{
    struct http_request *request = xcalloc(1, sizeof(*request));
    request->client = client;
    request->generation = client->current;
    request->generation->running++;
    request->easy = take_handle(request->generation);
    request->done = call->done;
    request->user = call->user;
    request->started_us = clock_monotonic_us();
    request->last_byte_ms = request->started_us / 1000;
    int rc = request_prepare(request, call, &client->options, &request->err);
    if (rc != 0 || client->in_curl) {
        request->place = REQUEST_LATE;
        list_add(&client->late, request);
        loop_timer_start(client->later, 0);
    } else {
        start(request);
    }
    if (rc == 0 && request->timeout_ms != 0) {
        request->deadline = loop_timer_new(client->loop, on_deadline, request);
        loop_timer_start(request->deadline, request->timeout_ms);
    }
    if (rc == 0 && request->idle_timeout_ms != 0) {
        request->idle = loop_timer_new(client->loop, on_idle, request);
        loop_timer_start(request->idle, request->idle_timeout_ms);
    }
    return request;
}

void http_cancel(struct http_request *request)
{
    if (request == NULL || request->place == REQUEST_FINISHING || request->cancelled)
        return;
    struct http_client *client = request->client;
    if (client->in_curl && request->place == REQUEST_RUNNING) {
        request->cancelled = true;
        client->has_orphans = true;
        return;
    }
    enter(client);
    discard(request);
    leave(client);
}
