/* One HTTP request: how a call becomes libcurl options, how its answer is collected, and what its errors are called. */
#include "http_client_request.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define HTTP_RECEIVE_BUFFER 65536L

/* "https://user@host:1/path" gives "https://host:1". */
static char *origin_of(const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL)
        return xstrdup("the URL");
    host += 3;
    size_t length = strcspn(host, "/?#");
    const char *at = memrchr(host, '@', length);
    const char *from = at != NULL ? at + 1 : host;
    return xasprintf("%.*s%.*s", (int)(host - url), url, (int)(host + length - from), from);
}

static void touch(struct http_request *request)
{
    if (request->idle_timeout_ms != 0)
        request->last_byte_ms = clock_monotonic_ms();
}

static long status_of(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    struct http_request *request = user;
    size_t length = size * count;
    if (request->cancelled)
        return 0;
    touch(request);
    request->header_bytes += length;
    if (request->header_bytes > HTTP_ANSWER_HEADERS_MAX) {
        err_set(&request->err, ERR_TOO_BIG, "%s: headers of the answer are over %u bytes", request->origin,
                HTTP_ANSWER_HEADERS_MAX);
        return 0;
    }
    /* A new status line after 1xx: only the last answer counts. */
    if (request->received == 0 && length >= 5 && memcmp(data, "HTTP/", 5) == 0)
        http_headers_done(&request->headers);
    const char *colon = memchr(data, ':', length);
    if (colon == NULL || colon == data)
        return length;
    const char *end = data + length;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t'))
        end--;
    AUTO(text) char *name = xstrndup(data, (size_t)(colon - data));
    AUTO(text) char *text = xstrndup(value, (size_t)(end - value));
    http_headers_add(&request->headers, name, text);
    return length;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct http_request *request = user;
    size_t length = size * count;
    if (request->cancelled)
        return 0;
    touch(request);
    request->received += length;
    if (request->limited && request->received > request->limit) {
        err_set(&request->err, ERR_TOO_BIG, "%s: the answer is over %zu bytes", request->origin, request->limit);
        return 0;
    }
    long status = status_of(request->easy);
    if (request->chunk == NULL || status < 200 || status > 299) {
        if (buf_append(&request->answer, data, length) == 0)
            return length;
        err_set(&request->err, ERR_TOO_BIG, "%s: the answer is over %zu bytes", request->origin, request->answer.limit);
        return 0;
    }
    int rc = request->chunk(request->user, data, length);
    if (rc != 0) {
        err_set(&request->err, ERR_CANCELLED, "%s: the answer was not wanted any further", request->origin);
        request->err.code = rc;
    }
    return rc == 0 && !request->cancelled ? length : 0;
}

static bool has_line_break(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

static int add_headers(struct http_request *request, const struct http_headers *headers, bool has_body, struct err *err)
{
    bool has_type = false;
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        const char *name = headers->items[i].name;
        const char *value = headers->items[i].value;
        if (*name == '\0' || strpbrk(name, "\r\n:; ") != NULL || has_line_break(value))
            return err_set(err, ERR_INVALID, "%s: a header of the request is malformed", request->origin);
        has_type = has_type || strcasecmp(name, "content-type") == 0;
        /* "name;" is how curl is told of an empty value */
        AUTO(text) char *line = *value != '\0' ? xasprintf("%s: %s", name, value) : xasprintf("%s;", name);
        request->header_lines = curl_slist_append(request->header_lines, line);
    }
    request->header_lines = curl_slist_append(request->header_lines, "Expect:");
    if (has_body && !has_type)
        request->header_lines = curl_slist_append(request->header_lines, "Content-Type:");
    return 0;
}

static int set_method(struct http_request *request, const struct http_call *call, struct err *err)
{
    CURL *easy = request->easy;
    if (*call->method == '\0' || call->method[strspn(call->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_")] != '\0')
        return err_set(err, ERR_INVALID, "%s: the method of the request is malformed", request->origin);
    bool may_have_body =
        strcmp(call->method, "POST") == 0 || strcmp(call->method, "PUT") == 0 || strcmp(call->method, "PATCH") == 0;
    bool has_body = call->body != NULL || may_have_body;
    if (has_body) {
        request->body = call->body != NULL ? xmemdup(call->body, call->body_length) : xstrdup("");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         call->body != NULL ? (curl_off_t)call->body_length : (curl_off_t)0);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    } else if (strcmp(call->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    int rc = add_headers(request, call->headers, has_body, err);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->header_lines);
    return rc;
}

/* The server's name takes the place of the URL's host, so that SNI, verification and the Host header agree; the
 * connection still goes to the host that the URL names. */
static int rename_host(struct http_request *request, CURLU *url, struct err *err)
{
    const char *name = request->generation->server_name;
    char *host = NULL, *port = NULL;
    int rc = 0;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_set(url, CURLUPART_HOST, name, 0) != CURLUE_OK) {
        rc = err_set(err, ERR_INVALID, "%s: '%s' cannot be used as a server name", request->origin, name);
    } else if (strcasecmp(host, name) != 0) {
        AUTO(text) char *route = xasprintf("%s:%s:%s:%s", name, port, host, port);
        request->connect_to = curl_slist_append(NULL, route);
        curl_easy_setopt(request->easy, CURLOPT_CONNECT_TO, request->connect_to);
    }
    curl_free(port);
    curl_free(host);
    return rc;
}

static int set_url(struct http_request *request, const char *text, struct err *err)
{
    if (request->generation->server_name == NULL || strncasecmp(text, "https:", 6) != 0) {
        curl_easy_setopt(request->easy, CURLOPT_URL, text);
        return 0;
    }
    CURLU *url = curl_url();
    require_that(url != NULL);
    char *renamed = NULL;
    int rc = 0;
    if (curl_url_set(url, CURLUPART_URL, text, CURLU_PATH_AS_IS) != CURLUE_OK)
        rc = err_set(err, ERR_INVALID, "%s: the URL is malformed", request->origin);
    if (rc == 0)
        rc = rename_host(request, url, err);
    if (rc == 0 && curl_url_get(url, CURLUPART_URL, &renamed, 0) != CURLUE_OK)
        rc = err_set(err, ERR_INVALID, "%s: the URL is malformed", request->origin);
    if (rc == 0)
        curl_easy_setopt(request->easy, CURLOPT_URL, renamed);
    curl_free(renamed);
    curl_url_cleanup(url);
    return rc;
}

static void set_tls(CURL *easy, struct generation *generation)
{
    if (generation->ca.data != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &generation->ca);
        /* else the system's authorities would be trusted beside ours */
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (generation->cert.data != NULL)
        curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &generation->cert);
    if (generation->key.data != NULL)
        curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &generation->key);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, generation->skip_verify ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, generation->skip_verify ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static void set_transport(CURL *easy, const struct http_client_options *options)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* else ending a request would wait for a resolver that hangs */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, HTTP_RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)((options->idle_close_ms + 999) / 1000));
    /* Set, even if empty, so that the environment is not asked. */
    curl_easy_setopt(easy, CURLOPT_PROXY, options->proxy_url != NULL ? options->proxy_url : "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (options->user_agent != NULL)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, options->user_agent);
}

int request_prepare(struct http_request *request, const struct http_call *call,
                    const struct http_client_options *options, struct err *err)
{
    CURL *easy = request->easy;
    request->origin = origin_of(call->url);
    request->chunk = call->chunk;
    request->limited = call->chunk == NULL || call->answer_limit != 0;
    request->limit = call->answer_limit != 0 ? call->answer_limit : HTTP_ANSWER_LIMIT;
    request->answer = (struct buf)BUF_INIT(request->limit);
    request->timeout_ms = call->timeout_ms;
    request->idle_timeout_ms = call->idle_timeout_ms;
    set_transport(easy, options);
    set_tls(easy, request->generation);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->curl_text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    int rc = set_method(request, call, err);
    return rc == 0 ? set_url(request, call->url, err) : rc;
}

static enum err_code kind_of(CURLcode code, const char *text)
{
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ERR_INVALID;
    case CURLE_OPERATION_TIMEDOUT:
        return ERR_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return ERR_TLS;
    case CURLE_RECV_ERROR:
        /* TLS 1.3 lets a client finish its handshake before the server has looked at the client's certificate */
        return strstr(text, "alert") != NULL ? ERR_TLS : ERR_CONNECT;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        return ERR_PROTOCOL;
    default:
        return ERR_CONNECT;
    }
}

void request_explain(struct http_request *request, CURLcode code)
{
    if (request->err.code != 0 || code == CURLE_OK)
        return;
    const char *text = request->curl_text[0] != '\0' ? request->curl_text : curl_easy_strerror(code);
    err_set(&request->err, kind_of(code, text), "%s: %s", request->origin, text);
}

void request_free(struct http_request *request)
{
    loop_timer_free(request->deadline);
    loop_timer_free(request->idle);
    curl_slist_free_all(request->header_lines);
    curl_slist_free_all(request->connect_to);
    http_headers_done(&request->headers);
    buf_done(&request->answer);
    free(request->body);
    free(request->origin);
    free(request);
}
