/* Reading the Admin API's options once, at start. */
#include "gateway_options.h"

#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "base/x509.h"
#include "sandbox/server.h"

#define CREDENTIAL_BYTES_MAX (1u << 20)
#define SANDBOX_URL          "sandbox:"

struct credentials {
    char *ca, *cert, *key, *token;
};

struct gateway_options {
    struct kong_gateways *addresses;
    struct kong_admin_options admin;
    struct http_headers headers;
    struct credentials credentials;
    char *server_name;
    char *service_namespace, *service_name; /* of --kong-admin-svc; NULL: fixed addresses */
    struct {
        VEC(char *);
    } tags;
    struct sandbox *sandbox;
    struct sandbox_server *server;
};

static void credentials_done(struct credentials *credentials)
{
    free(credentials->ca);
    free(credentials->cert);
    free(credentials->key);
    free(credentials->token);
}

void gateway_options_free(struct gateway_options *gateway)
{
    if (gateway == NULL)
        return;
    sandbox_server_free(gateway->server);
    sandbox_free(gateway->sandbox);
    kong_gateways_free(gateway->addresses);
    http_headers_done(&gateway->headers);
    credentials_done(&gateway->credentials);
    free(gateway->server_name);
    free(gateway->service_namespace);
    free(gateway->service_name);
    for (size_t i = 0; i < gateway->tags.count; i++)
        free(gateway->tags.items[i]);
    vec_done(&gateway->tags);
    free(gateway);
}

/* A value that is given as text or as a file, never both; trailing line ends of a token are no part of it. */
static int read_either(const struct options *options, enum option_id text_id, const char *text_flag,
                       enum option_id file_id, const char *file_flag, char **ret_value, struct err *err)
{
    const char *text = options_text(options, text_id), *file = options_text(options, file_id);
    if (text[0] != '\0' && file[0] != '\0')
        return err_set(err, ERR_INVALID, "--%s and --%s exclude each other", text_flag, file_flag);
    if (text[0] != '\0')
        *ret_value = xstrdup(text);
    if (file[0] == '\0')
        return 0;
    AUTO(buf) struct buf content = BUF_INIT(CREDENTIAL_BYTES_MAX);
    if (file_read(file, &content, err) != 0)
        return err_wrap(err, "--%s", file_flag);
    *ret_value = buf_take(&content);
    return 0;
}

static void cut_line_end(char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r' || text[length - 1] == ' '))
        text[--length] = '\0';
}

static int read_headers(struct gateway_options *gateway, const struct options *options, struct err *err)
{
    for (const char *const *word = options_list(options, OPT_KONG_ADMIN_HEADER); *word != NULL; word++) {
        const char *colon = strchr(*word, ':');
        if (colon == NULL || colon == *word)
            return err_set(err, ERR_INVALID, "--kong-admin-header: write Name:Value");
        AUTO(text) char *name = xstrndup(*word, (size_t)(colon - *word));
        http_headers_add(&gateway->headers, name, colon + 1 + strspn(colon + 1, " "));
    }
    return 0;
}

static int read_credentials(struct credentials *credentials, const struct options *options, struct err *err)
{
    int rc = read_either(options, OPT_KONG_ADMIN_TOKEN, "kong-admin-token", OPT_KONG_ADMIN_TOKEN_FILE,
                         "kong-admin-token-file", &credentials->token, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_CA, "kong-admin-ca-cert", OPT_KONG_ADMIN_CA_FILE,
                         "kong-admin-ca-cert-file", &credentials->ca, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_CERT, "kong-admin-tls-client-cert", OPT_KONG_ADMIN_CERT_FILE,
                         "kong-admin-tls-client-cert-file", &credentials->cert, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_KEY, "kong-admin-tls-client-key", OPT_KONG_ADMIN_KEY_FILE,
                         "kong-admin-tls-client-key-file", &credentials->key, err);
    if (rc == 0 && (credentials->cert == NULL) != (credentials->key == NULL))
        rc = err_set(
            err, ERR_INVALID,
            "a client certificate for the Admin API needs both --kong-admin-tls-client-cert and -key (or their files)");
    if (rc == 0 && credentials->cert != NULL)
        rc = x509_check_pair(NULL, credentials->cert, credentials->key, err);
    cut_line_end(credentials->token);
    return rc;
}

static int start_sandbox(struct gateway_options *gateway, struct loop *loop, const struct options *options,
                         struct err *err)
{
    bool expressions = strcmp(options_text(options, OPT_ROUTER_FLAVOR), "expressions") == 0;
    struct sandbox_options sandbox = {.flavour = expressions ? SANDBOX_EXPRESSIONS : SANDBOX_TRADITIONAL_COMPATIBLE};
    struct sandbox_server_options server = {.listen = "127.0.0.1:0"};
    gateway->sandbox = sandbox_new(&sandbox);
    return sandbox_server_new(loop, gateway->sandbox, &server, &gateway->server, err);
}

static int read_addresses(struct gateway_options *gateway, struct loop *loop, const struct options *options,
                          struct err *err)
{
    struct {
        VEC(char *);
    } urls = {0};
    int rc = 0;
    for (const char *const *word = options_list(options, OPT_KONG_ADMIN_URL); rc == 0 && *word != NULL; word++) {
        size_t length = strlen(*word);
        if (strcmp(*word, SANDBOX_URL) == 0) {
            rc = gateway->server == NULL ? start_sandbox(gateway, loop, options, err) : 0;
            if (rc == 0)
                vec_push(&urls, xasprintf("http://127.0.0.1:%d", sandbox_server_port(gateway->server)));
            continue;
        }
        if (strncmp(*word, "http://", 7) != 0 && strncmp(*word, "https://", 8) != 0)
            rc = err_set(err, ERR_INVALID,
                         "--kong-admin-url: '%s' begins with neither http:// nor https:// (nor is it sandbox:)", *word);
        while (length > 8 && (*word)[length - 1] == '/')
            length--;
        vec_push(&urls, xstrndup(*word, length));
    }
    kong_gateways_set(gateway->addresses, (const char *const *)urls.items, urls.count);
    for (size_t i = 0; i < urls.count; i++)
        free(urls.items[i]);
    vec_done(&urls);
    return rc;
}

/* A tag cannot contain what Kong uses to combine tags in a filter. */
static int set_tags(struct gateway_options *gateway, const struct options *options, const char *lease_namespace,
                    struct err *err)
{
    for (const char *const *tag = options_list(options, OPT_FILTER_TAG); *tag != NULL; tag++) {
        if (strpbrk(*tag, ",/") != NULL)
            return err_set(err, ERR_INVALID,
                           "--kong-admin-filter-tag: '%s' contains ',' or '/', which Kong does not allow in tags",
                           *tag);
        vec_push(&gateway->tags, xstrdup(*tag));
    }
    if (gateway->tags.count == 0 && strcmp(options_text(options, OPT_COMPAT), "kic") == 0)
        vec_push(&gateway->tags, xstrdup("managed-by-ingress-controller"));
    if (gateway->tags.count == 0)
        vec_push(&gateway->tags,
                 xasprintf("managed-by:kongruent.%s.%s", lease_namespace, options_text(options, OPT_ELECTION_ID)));
    return 0;
}

/* Every pod of the Service has a certificate for this name; its own name is not known before it is found. */
static int read_service(struct gateway_options *gateway, const struct options *options, struct err *err)
{
    const char *service = options_text(options, OPT_KONG_ADMIN_SVC), *slash = strchr(service, '/');
    const char *server_name = options_text(options, OPT_KONG_ADMIN_SERVER_NAME);
    if (server_name[0] != '\0')
        gateway->server_name = xstrdup(server_name);
    if (service[0] == '\0')
        return 0;
    if (options_given(options, OPT_KONG_ADMIN_URL))
        return err_set(err, ERR_INVALID, "--kong-admin-svc and --kong-admin-url exclude each other");
    if (slash == NULL || slash == service || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
        return err_set(err, ERR_INVALID, "--kong-admin-svc: '%s' is not NAMESPACE/NAME", service);
    gateway->service_namespace = xstrndup(service, (size_t)(slash - service));
    gateway->service_name = xstrdup(slash + 1);
    if (gateway->server_name == NULL)
        gateway->server_name = xasprintf("pod.%s.%s.svc", gateway->service_name, gateway->service_namespace);
    return 0;
}

static struct http_tls tls_of(const struct gateway_options *gateway, const struct options *options)
{
    const struct credentials *credentials = &gateway->credentials;
    return (struct http_tls){credentials->ca, credentials->cert, credentials->key, gateway->server_name,
                             options_truth(options, OPT_KONG_ADMIN_SKIP_VERIFY)};
}

int gateway_options_new(struct loop *loop, const struct options *options, const char *lease_namespace,
                        struct gateway_options **ret_gateway, struct err *err)
{
    struct gateway_options *gateway = xcalloc(1, sizeof(*gateway));
    gateway->addresses = kong_gateways_new();
    int rc = read_credentials(&gateway->credentials, options, err);
    if (rc == 0)
        rc = read_headers(gateway, options, err);
    if (rc == 0)
        rc = read_service(gateway, options, err);
    if (rc == 0 && gateway->service_name == NULL)
        rc = read_addresses(gateway, loop, options, err);
    if (rc == 0)
        rc = set_tags(gateway, options, lease_namespace, err);
    if (rc != 0) {
        gateway_options_free(gateway);
        return rc;
    }
    gateway->admin = (struct kong_admin_options){
        .tls = tls_of(gateway, options),
        .workspace = options_text(options, OPT_KONG_WORKSPACE),
        .token = gateway->credentials.token,
        .headers = &gateway->headers,
        .user_agent = "kongruent/" KONGRUENT_VERSION,
        .timeout_ms = (uint64_t)options_duration_ms(options, OPT_REQUEST_TIMEOUT),
    };
    *ret_gateway = gateway;
    return 0;
}

struct kong_gateways *gateway_options_addresses(struct gateway_options *gateway)
{
    return gateway->addresses;
}

const struct kong_admin_options *gateway_options_admin(const struct gateway_options *gateway)
{
    return &gateway->admin;
}

const char *const *gateway_options_tags(const struct gateway_options *gateway, size_t *ret_count)
{
    *ret_count = gateway->tags.count;
    return (const char *const *)gateway->tags.items;
}

bool gateway_options_service(const struct gateway_options *gateway, const char **ret_namespace, const char **ret_name)
{
    *ret_namespace = gateway->service_namespace;
    *ret_name = gateway->service_name;
    return gateway->service_name != NULL;
}

static bool same_text(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

int gateway_options_reload(struct gateway_options *gateway, const struct options *options, struct kong_admin *admin,
                           bool *ret_changed, struct err *err)
{
    struct credentials next = {0}, *now = &gateway->credentials;
    int rc = read_credentials(&next, options, err);
    bool other_tls = !same_text(now->ca, next.ca) || !same_text(now->cert, next.cert) || !same_text(now->key, next.key);
    bool other_token = !same_text(now->token, next.token);
    *ret_changed = rc == 0 && (other_tls || other_token);
    if (!*ret_changed) {
        credentials_done(&next);
        return rc;
    }
    credentials_done(now);
    *now = next;
    gateway->admin.tls = tls_of(gateway, options);
    gateway->admin.token = now->token;
    if (other_token)
        kong_admin_set_token(admin, now->token);
    if (other_tls)
        kong_admin_set_tls(admin, &gateway->admin.tls);
    return 0;
}

static void add_listens(struct json *texts, const struct json *listeners, bool stream)
{
    json_each (listener, listeners) {
        int64_t port = json_integer(json_find(listener, "port"), 0);
        bool ssl = json_truth(json_find(listener, "ssl"), false), udp = json_truth(json_find(listener, "udp"), false);
        const char *use = !stream ? (ssl ? "ssl" : "http") : udp ? "udp" : ssl ? "tls" : "tcp";
        AUTO(text) char *text = xasprintf("%lld/%s", (long long)port, use);
        if (port > 0)
            json_append(texts, json_new_text(text));
    }
}

struct json *gateway_options_listens(const struct kong_gateway_info *info)
{
    struct json *texts = json_new_array();
    if (strcmp(info->role, "control_plane") != 0) { /* its data planes listen, and it does not know where */
        add_listens(texts, info->proxy_listeners, false);
        add_listens(texts, info->stream_listeners, true);
    }
    return texts;
}
