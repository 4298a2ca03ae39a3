/* Kubeconfig files and pod accounts: what is taken, what is merged, what is refused and how. */
#include "base/hash.h"
#include "base/json.h"
#include "certificates.h"
#include "check.h"
#include "kube/config.h"
#include "scratch.h"

#define CONTEXT                                                                                                        \
    "contexts: [{name: c, context: {cluster: k, user: u, namespace: shop}}]\n"                                         \
    "current-context: c\n"
#define CLUSTER "clusters: [{name: k, cluster: {server: 'https://host:6443/'}}]\n"

struct fixture {
    struct scratch scratch;
    struct certificate authority, client;
    struct kube_config *config;
    struct err err;
};

static int make(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    *state = fixture;
    scratch_make(&fixture->scratch);
    fixture->authority = certificate_make(NULL, "authority", NULL, true);
    fixture->client = certificate_make(&fixture->authority, "client", NULL, false);
    unsetenv("KUBECONFIG");
    unsetenv("KUBERNETES_SERVICE_HOST");
    unsetenv("KUBERNETES_SERVICE_PORT");
    setenv("HOME", fixture->scratch.path, 1);
    return 0;
}

static int drop(void **state)
{
    struct fixture *fixture = *state;
    kube_config_free(fixture->config);
    certificate_done(&fixture->authority);
    certificate_done(&fixture->client);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static char *path_of(const struct fixture *fixture, const char *name)
{
    return xasprintf("%s/%s", fixture->scratch.path, name);
}

static int load(struct fixture *fixture, const char *file, const char *context)
{
    AUTO(text) char *path = path_of(fixture, file);
    struct kube_config_options options = {.kubeconfig = path, .context = context};
    return kube_config_load(&options, &fixture->config, &fixture->err);
}

static char *encoded(const char *text)
{
    struct buf out = BUF_OWN;
    hash_base64_encode(text, strlen(text), &out);
    return buf_take(&out);
}

static void a_context_gives_server_namespace_and_token(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "config", CONTEXT CLUSTER "users: [{name: u, user: {token: secret}}]\n");

    assert_int_equal(load(fixture, "config", NULL), 0);

    assert_string_equal(fixture->config->server, "https://host:6443");
    assert_string_equal(fixture->config->namespace, "shop");
    assert_string_equal(fixture->config->token, "secret");
    assert_false(fixture->config->skip_verify);
}

static void certificates_come_as_data_or_as_files_beside_the_kubeconfig(void **state)
{
    struct fixture *fixture = *state;
    AUTO(text) char *authority = encoded(fixture->authority.cert_pem);
    AUTO(text)
    char *text = xasprintf(
        "contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\n"
        "clusters: [{name: k, cluster: {server: https://h, certificate-authority-data: %s, tls-server-name: api}}]\n"
        "users: [{name: u, user: {client-certificate: client.crt, client-key: client.key}}]\n",
        authority);
    scratch_write(&fixture->scratch, "config", text);
    scratch_write(&fixture->scratch, "client.crt", fixture->client.cert_pem);
    scratch_write(&fixture->scratch, "client.key", fixture->client.key_pem);

    assert_int_equal(load(fixture, "config", NULL), 0);

    assert_string_equal(fixture->config->ca_pem, fixture->authority.cert_pem);
    assert_string_equal(fixture->config->client_cert_pem, fixture->client.cert_pem);
    assert_string_equal(fixture->config->client_key_pem, fixture->client.key_pem);
    assert_string_equal(fixture->config->tls_server_name, "api");
    assert_string_equal(fixture->config->namespace, "default");
}

static void a_rotated_certificate_is_read_again_and_half_a_rotation_is_not(void **state)
{
    struct fixture *fixture = *state;
    certificates_come_as_data_or_as_files_beside_the_kubeconfig(state);
    struct certificate next = certificate_make(&fixture->authority, "client", NULL, false);
    bool changed = true;

    assert_int_equal(kube_config_reload(fixture->config, &changed, &fixture->err), 0);
    assert_false(changed);
    scratch_write(&fixture->scratch, "client.crt", next.cert_pem);
    assert_int_not_equal(kube_config_reload(fixture->config, &changed, &fixture->err), 0);
    assert_string_equal(fixture->config->client_cert_pem, fixture->client.cert_pem);
    scratch_write(&fixture->scratch, "client.key", next.key_pem);
    assert_int_equal(kube_config_reload(fixture->config, &changed, &fixture->err), 0);

    assert_true(changed);
    assert_string_equal(fixture->config->client_cert_pem, next.cert_pem);
    assert_string_equal(fixture->config->client_key_pem, next.key_pem);
    certificate_done(&next);
}

static void in_a_list_of_files_the_first_that_names_something_counts(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "one", "users: [{name: u, user: {token: first}}]\n");
    scratch_write(&fixture->scratch, "two",
                  CONTEXT CLUSTER
                  "users: [{name: u, user: {token: second, username: x}}, {name: v, user: {token: v}}]\n");
    scratch_write(&fixture->scratch, "three",
                  "current-context: other\nclusters: [{name: k, cluster: {server: https://no}}]\n");
    AUTO(text)
    char *list = xasprintf("%s/absent:%s/one::%s/two:%s/three", fixture->scratch.path, fixture->scratch.path,
                           fixture->scratch.path, fixture->scratch.path);
    setenv("KUBECONFIG", list, 1);

    int rc = kube_config_load(&(struct kube_config_options){0}, &fixture->config, &fixture->err);

    assert_int_equal(rc, 0);
    assert_string_equal(fixture->config->token, "first");
    assert_string_equal(fixture->config->server, "https://host:6443");
}

static void a_named_context_wins_over_the_current_one(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "config",
                  CONTEXT
                  "clusters: [{name: k, cluster: {server: https://a}}, {name: l, cluster: {server: https://b}}]\n"
                  "users: [{name: u, user: {}}]\n");
    scratch_write(&fixture->scratch, "second",
                  "contexts: [{name: d, context: {cluster: l}}]\n"
                  "clusters: [{name: l, cluster: {server: http://b:1}}]\n");

    assert_int_equal(load(fixture, "second", "d"), 0);

    assert_string_equal(fixture->config->server, "http://b:1");
    assert_null(fixture->config->token);
}

static void a_credential_program_knows_the_cluster_when_asked_to(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "config",
                  CONTEXT "clusters: [{name: k, cluster: {server: https://h, extensions: [{name: "
                          "client.authentication.k8s.io/exec, extension: {audience: x}}]}}]\n"
                          "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: "
                          "./bin/get, args: [a, b], env: [{name: NAME, value: V}], interactiveMode: Never, "
                          "provideClusterInfo: true}}}]\n");

    assert_int_equal(load(fixture, "config", NULL), 0);

    const struct kube_exec *exec = fixture->config->exec;
    AUTO(text) char *command = path_of(fixture, "./bin/get");
    assert_string_equal(exec->command, command);
    assert_string_equal(exec->arguments[1], "b");
    assert_null(exec->arguments[2]);
    assert_string_equal(exec->environment[1], "NAME=V");
    assert_int_equal(strncmp(exec->environment[0], "KUBERNETES_EXEC_INFO=", 21), 0);
    AUTO(json) struct json *info = NULL;
    assert_int_equal(json_parse(exec->environment[0] + 21, strlen(exec->environment[0] + 21), &info, &fixture->err), 0);
    assert_string_equal(json_text(json_find_path(info, "spec.cluster.server")), "https://h");
    assert_string_equal(json_text(json_find_path(info, "spec.cluster.config.audience")), "x");
    assert_false(json_truth(json_find_path(info, "spec.interactive"), true));
}

static void wrong_files_are_refused_with_file_and_field(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"{", "config: line"},
        {"[]", "mapping"},
        {"kind: Pod", "kind: expected Config"},
        {"{}", "current-context: not set"},
        {"current-context: 7", "current-context: expected a text"},
        {"current-context: c", "contexts: there is no 'c'"},
        {"contexts: {}\ncurrent-context: c", "contexts: expected a list"},
        {"contexts: [{}]\ncurrent-context: c", "an entry without a name"},
        {"contexts: [{name: c, context: {user: u}}]\ncurrent-context: c", "contexts 'c': cluster: not set"},
        {CONTEXT, "clusters: there is no 'k'"},
        {CONTEXT "clusters: [{name: k, cluster: {}}]", "clusters 'k': server: not set"},
        {CONTEXT "clusters: [{name: k, cluster: {server: 'host:1'}}]", "server: expected https://"},
        {CONTEXT "clusters: [{name: k, cluster: {server: https://h, insecure-skip-tls-verify: 'yes'}}]",
         "insecure-skip-tls-verify: expected true or false"},
        {CONTEXT "clusters: [{name: k, cluster: {server: https://h, certificate-authority-data: '%%'}}]",
         "certificate-authority-data: expected base64"},
        {CONTEXT "clusters: [{name: k, cluster: {server: https://h, certificate-authority-data: aGVsbG8=}}]",
         "certificate-authority-data: expected PEM"},
        {CONTEXT "clusters: [{name: k, cluster: {server: https://h, certificate-authority: absent.crt}}]",
         "absent.crt"},
        {CONTEXT "clusters: [{name: k, cluster: {server: https://h, proxy-url: 'ftp://x'}}]", "proxy-url: expected"},
        {CONTEXT CLUSTER, "users: there is no 'u'"},
        {CONTEXT CLUSTER "users: [{name: u, user: {password: 12345}}]", "users 'u': password: expected a text"},
        {CONTEXT CLUSTER "users: [{name: u, user: {token: a, username: b}}]", "token: cannot be set beside"},
        {CONTEXT CLUSTER "users: [{name: u, user: {client-certificate-data: LS0tLS1CRUdJTg==}}]",
         "client-key: not set"},
        {CONTEXT CLUSTER "users: [{name: u, user: {auth-provider: {name: gcp}}}]", "auth-provider"},
        {CONTEXT CLUSTER "users: [{name: u, user: {as-groups: [g]}}]", "as: not set"},
        {CONTEXT CLUSTER "users: [{name: u, user: {exec: {command: x}}}]", "exec: apiVersion: not set"},
        {CONTEXT CLUSTER
         "users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}}]",
         "apiVersion: expected"},
        {CONTEXT CLUSTER "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]",
         "command: not set"},
        {CONTEXT CLUSTER "users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1, "
                         "interactiveMode: Always}}}]",
         "no terminal"},
        {CONTEXT CLUSTER
         "users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1, env: [{name: "
         "a}]}}}]",
         "env: each entry needs"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        scratch_write(&fixture->scratch, "config", cases[i].text);

        assert_int_not_equal(load(fixture, "config", NULL), 0);

        assert_null(fixture->config);
        if (strstr(fixture->err.text, cases[i].says) == NULL || strstr(fixture->err.text, "/config") == NULL)
            fail_msg("case %zu: '%s' does not say '%s'", i, fixture->err.text, cases[i].says);
    }
}

static void a_wrong_value_is_never_shown(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "config",
                  CONTEXT CLUSTER "users: [{name: u, user: {token: hush, password: hush}}]\n");

    assert_int_not_equal(load(fixture, "config", NULL), 0);

    assert_null(strstr(fixture->err.text, "hush"));
}

static void a_pod_uses_its_account(void **state)
{
    struct fixture *fixture = *state;
    scratch_write(&fixture->scratch, "token", "t\n");
    scratch_write(&fixture->scratch, "namespace", "shop\n");
    scratch_write(&fixture->scratch, "ca.crt", fixture->authority.cert_pem);
    setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    setenv("KUBERNETES_SERVICE_PORT", "443", 1);
    struct kube_config_options options = {.account_folder = fixture->scratch.path};

    assert_int_equal(kube_config_load(&options, &fixture->config, &fixture->err), 0);

    AUTO(text) char *token = path_of(fixture, "token");
    assert_string_equal(fixture->config->server, "https://[fd00::1]:443");
    assert_string_equal(fixture->config->namespace, "shop");
    assert_string_equal(fixture->config->token_file, token);
    assert_string_equal(fixture->config->ca_pem, fixture->authority.cert_pem);
}

static void without_any_way_all_places_are_named(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(kube_config_load(&(struct kube_config_options){0}, &fixture->config, &fixture->err),
                     -ERR_NOT_FOUND);

    assert_non_null(strstr(fixture->err.text, "KUBECONFIG"));
    assert_non_null(strstr(fixture->err.text, "/.kube/config"));
}

static void an_address_alone_is_enough_and_overrides(void **state)
{
    struct fixture *fixture = *state;
    struct kube_config_options options = {.server = "http://localhost:8001/"};

    assert_int_equal(kube_config_load(&options, &fixture->config, &fixture->err), 0);

    assert_string_equal(fixture->config->server, "http://localhost:8001");
    assert_string_equal(fixture->config->namespace, "default");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_context_gives_server_namespace_and_token),
        TEST(certificates_come_as_data_or_as_files_beside_the_kubeconfig),
        TEST(a_rotated_certificate_is_read_again_and_half_a_rotation_is_not),
        TEST(in_a_list_of_files_the_first_that_names_something_counts),
        TEST(a_named_context_wins_over_the_current_one),
        TEST(a_credential_program_knows_the_cluster_when_asked_to),
        TEST(wrong_files_are_refused_with_file_and_field),
        TEST(a_wrong_value_is_never_shown),
        TEST(a_pod_uses_its_account),
        TEST(without_any_way_all_places_are_named),
        TEST(an_address_alone_is_enough_and_overrides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
