/* Reading the Admin API's options once, at start. */
#include "gateway.h"

#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "sandbox/server.h"

#define CREDENTIAL_BYTES_MAX (1u << 20)
#define SANDBOX_URL          "sandbox:"

struct gateway {
    struct kong_gateways *addresses;
    struct kong_admin_options admin;
    struct http_headers headers;
    char *ca, *cert, *key, *token;
    struct {
        VEC(char *);
    } tags;
    struct sandbox *sandbox;
    struct sandbox_server *server;
};

void gateway_free(struct gateway *gateway)
{
    if (gateway == NULL)
        return;
    sandbox_server_free(gateway->server);
    sandbox_free(gateway->sandbox);
    kong_gateways_free(gateway->addresses);
    http_headers_done(&gateway->headers);
    free(gateway->ca);
    free(gateway->cert);
    free(gateway->key);
    free(gateway->token);
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

static int read_headers(struct gateway *gateway, const struct options *options, struct err *err)
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

static int read_credentials(struct gateway *gateway, const struct options *options, struct err *err)
{
    int rc = read_either(options, OPT_KONG_ADMIN_TOKEN, "kong-admin-token", OPT_KONG_ADMIN_TOKEN_FILE,
                         "kong-admin-token-file", &gateway->token, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_CA, "kong-admin-ca-cert", OPT_KONG_ADMIN_CA_FILE,
                         "kong-admin-ca-cert-file", &gateway->ca, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_CERT, "kong-admin-tls-client-cert", OPT_KONG_ADMIN_CERT_FILE,
                         "kong-admin-tls-client-cert-file", &gateway->cert, err);
    if (rc == 0)
        rc = read_either(options, OPT_KONG_ADMIN_KEY, "kong-admin-tls-client-key", OPT_KONG_ADMIN_KEY_FILE,
                         "kong-admin-tls-client-key-file", &gateway->key, err);
    if (rc == 0 && (gateway->cert == NULL) != (gateway->key == NULL))
        rc = err_set(
            err, ERR_INVALID,
            "a client certificate for the Admin API needs both --kong-admin-tls-client-cert and -key (or their files)");
    cut_line_end(gateway->token);
    return rc == 0 ? read_headers(gateway, options, err) : rc;
}

static int start_sandbox(struct gateway *gateway, struct loop *loop, const struct options *options, struct err *err)
{
    bool expressions = strcmp(options_text(options, OPT_ROUTER_FLAVOR), "expressions") == 0;
    struct sandbox_options sandbox = {.flavour = expressions ? SANDBOX_EXPRESSIONS : SANDBOX_TRADITIONAL_COMPATIBLE};
    struct sandbox_server_options server = {.listen = "127.0.0.1:0"};
    gateway->sandbox = sandbox_new(&sandbox);
    return sandbox_server_new(loop, gateway->sandbox, &server, &gateway->server, err);
}

static int read_addresses(struct gateway *gateway, struct loop *loop, const struct options *options, struct err *err)
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
static int set_tags(struct gateway *gateway, const struct options *options, const char *lease_namespace,
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

int gateway_new(struct loop *loop, const struct options *options, const char *lease_namespace,
                struct gateway **ret_gateway, struct err *err)
{
    struct gateway *gateway = xcalloc(1, sizeof(*gateway));
    gateway->addresses = kong_gateways_new();
    int rc = read_credentials(gateway, options, err);
    if (rc == 0)
        rc = read_addresses(gateway, loop, options, err);
    if (rc == 0)
        rc = set_tags(gateway, options, lease_namespace, err);
    if (rc != 0) {
        gateway_free(gateway);
        return rc;
    }
    const char *server_name = options_text(options, OPT_KONG_ADMIN_SERVER_NAME);
    gateway->admin = (struct kong_admin_options){
        .tls = {gateway->ca, gateway->cert, gateway->key, server_name[0] != '\0' ? server_name : NULL,
                options_truth(options, OPT_KONG_ADMIN_SKIP_VERIFY)},
        .workspace = options_text(options, OPT_KONG_WORKSPACE),
        .token = gateway->token,
        .headers = &gateway->headers,
        .user_agent = "kongruent/" KONGRUENT_VERSION,
        .timeout_ms = (uint64_t)options_duration_ms(options, OPT_REQUEST_TIMEOUT),
    };
    *ret_gateway = gateway;
    return 0;
}

struct kong_gateways *gateway_addresses(struct gateway *gateway)
{
    return gateway->addresses;
}

const struct kong_admin_options *gateway_admin(const struct gateway *gateway)
{
    return &gateway->admin;
}

const char *const *gateway_tags(const struct gateway *gateway, size_t *ret_count)
{
    *ret_count = gateway->tags.count;
    return (const char *const *)gateway->tags.items;
}
