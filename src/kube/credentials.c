/* When a credential is good, and where the next one comes from. */
#include "credentials.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/vec.h"
#include "exec_credential.h"
#include "net/process.h"
#include "place.h"

struct credentials {
    struct loop *loop;
    const struct kube_config *config;
    credentials_fn *settled;
    void *user;
    struct loop_timer *later; /* tells `settled` */
    struct process *process;
    struct exec_credential exec;
    char *authorization;
    bool usable;
    uint64_t serial;
    uint64_t fetched_ms; /* when the file was read or the program ended; 0: never */
    struct err err;      /* of the last try */
};

static void tell(void *user)
{
    struct credentials *credentials = user;
    credentials->settled(credentials->user, &credentials->err);
}

static void set_authorization(struct credentials *credentials, char *value)
{
    free(credentials->authorization);
    credentials->authorization = value;
    credentials->usable = true;
    credentials->serial++;
    credentials->err.code = 0;
}

static char *basic_value(const char *username, const char *password)
{
    AUTO(text) char *plain = xasprintf("%s:%s", username != NULL ? username : "", password != NULL ? password : "");
    struct buf encoded = BUF_OWN;
    hash_base64_encode(plain, strlen(plain), &encoded);
    char *value = xasprintf("Basic %s", buf_text(&encoded));
    buf_done(&encoded);
    return value;
}

static bool from_file(const struct credentials *credentials)
{
    return credentials->config->token_file != NULL;
}

struct credentials *kube_credentials_new(struct loop *loop, const struct kube_config *config, credentials_fn *settled,
                                         void *user)
{
    struct credentials *credentials = xcalloc(1, sizeof(*credentials));
    credentials->loop = loop;
    credentials->config = config;
    credentials->settled = settled;
    credentials->user = user;
    credentials->later = loop_timer_new(loop, tell, credentials);
    if (config->token_file != NULL || config->exec != NULL)
        return credentials;
    if (config->token != NULL)
        set_authorization(credentials, xasprintf("Bearer %s", config->token));
    else if (config->username != NULL || config->password != NULL)
        set_authorization(credentials, basic_value(config->username, config->password));
    credentials->usable = true;
    return credentials;
}

void kube_credentials_free(struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    if (credentials->process != NULL)
        process_kill(credentials->process);
    loop_timer_free(credentials->later);
    kube_exec_credential_done(&credentials->exec);
    free(credentials->authorization);
    free(credentials);
}

static int check_token(const char *token, struct err *err)
{
    for (const char *at = token; *at != '\0'; at++) {
        if (*at <= ' ' || *at == 0x7f)
            return err_set(err, ERR_INVALID, "a token has no spaces or control characters");
    }
    return *token == '\0' ? err_set(err, ERR_INVALID, "the token is empty") : 0;
}

/* A moment without a good file is a rotation under way: the last token stays. */
static void read_file(struct credentials *credentials)
{
    const char *path = credentials->config->token_file;
    AUTO(text) char *token = NULL;
    struct err err = ERR_INIT;
    int rc = kube_place_read_file(path, &token, &err);
    if (rc == 0) {
        size_t length = strlen(token);
        while (length > 0 && strchr(" \t\r\n", token[length - 1]) != NULL)
            token[--length] = '\0';
        rc = check_token(token, &err);
    }
    credentials->fetched_ms = clock_monotonic_ms();
    if (rc != 0) {
        err_wrap(&err, "token file '%s'", path);
        credentials->err = err;
        if (credentials->usable || credentials->config->token == NULL)
            return;
    }
    char *value = xasprintf("Bearer %s", rc == 0 ? token : credentials->config->token);
    if (credentials->usable && strcmp(value, credentials->authorization) == 0)
        free(value);
    else
        set_authorization(credentials, value);
}

bool kube_credentials_ready(struct credentials *credentials)
{
    uint64_t now = clock_monotonic_ms();
    if (from_file(credentials) && (credentials->fetched_ms == 0 ||
                                   (credentials->usable && now - credentials->fetched_ms > CREDENTIALS_FILE_FRESH_MS)))
        read_file(credentials);
    /* Not at once, whatever it says: a program whose clock is wrong would be run without end. */
    if (credentials->config->exec != NULL && credentials->exec.expires > 0 &&
        clock_wall() >= credentials->exec.expires && now - credentials->fetched_ms >= CREDENTIALS_EVERY_MS)
        credentials->usable = false;
    return credentials->usable;
}

static void take_exec(struct credentials *credentials, int exit_status, const char *output, size_t length,
                      const struct err *err)
{
    const struct kube_exec *call = credentials->config->exec;
    struct exec_credential fresh = {0};
    struct err why = *err;
    if (why.code == 0 && exit_status != 0)
        err_set(&why, ERR_IO, "it ended with status %d", exit_status);
    if (why.code == 0)
        kube_exec_credential_parse(call->api_version, output, length, &fresh, &why);
    if (why.code == 0 && fresh.token != NULL && check_token(fresh.token, &why) != 0)
        kube_exec_credential_done(&fresh);
    if (why.code != 0) {
        if (call->install_hint != NULL && err_is(why.code, ERR_NOT_FOUND))
            err_wrap(&why, "credential program '%s' (%s)", call->command, call->install_hint);
        else
            err_wrap(&why, "credential program '%s'", call->command);
        credentials->err = why;
        return;
    }
    kube_exec_credential_done(&credentials->exec);
    credentials->exec = fresh;
    set_authorization(credentials, fresh.token != NULL ? xasprintf("Bearer %s", fresh.token) : NULL);
}

static void on_exec_done(void *user, int exit_status, const char *output, size_t length, const struct err *err)
{
    struct credentials *credentials = user;
    credentials->process = NULL;
    credentials->fetched_ms = clock_monotonic_ms();
    take_exec(credentials, exit_status, output, length, err);
    tell(credentials);
}

static void run_program(struct credentials *credentials)
{
    const struct kube_exec *call = credentials->config->exec;
    struct {
        VEC(const char *);
    } argv = {0};
    vec_push(&argv, call->command);
    for (size_t i = 0; call->arguments != NULL && call->arguments[i] != NULL; i++)
        vec_push(&argv, call->arguments[i]);
    vec_push(&argv, NULL);
    struct process_call start = {
        .argv = argv.items,
        .environment = (const char *const *)call->environment,
        .output_limit = KUBE_CREDENTIAL_MAX,
        .timeout_ms = CREDENTIALS_EXEC_TIMEOUT_MS,
        .done = on_exec_done,
        .user = credentials,
    };
    struct err err = ERR_INIT;
    int rc = process_start(credentials->loop, &start, &credentials->process, &err);
    vec_done(&argv);
    if (rc == 0)
        return;
    credentials->process = NULL;
    credentials->fetched_ms = clock_monotonic_ms();
    take_exec(credentials, 0, "", 0, &err);
    loop_timer_start(credentials->later, 0);
}

void kube_credentials_renew(struct credentials *credentials)
{
    if (credentials->process != NULL || loop_timer_running(credentials->later))
        return;
    bool tried_just_now = credentials->fetched_ms != 0 && credentials->err.code != 0 &&
                          clock_monotonic_ms() - credentials->fetched_ms < CREDENTIALS_EVERY_MS;
    if (credentials->config->exec != NULL && !tried_just_now) {
        run_program(credentials);
        return;
    }
    if (from_file(credentials))
        read_file(credentials);
    loop_timer_start(credentials->later, 0);
}

bool kube_credentials_refuse(struct credentials *credentials, uint64_t serial)
{
    if (serial != credentials->serial)
        return true;
    if (from_file(credentials)) {
        read_file(credentials);
        return serial != credentials->serial;
    }
    if (credentials->config->exec == NULL || clock_monotonic_ms() - credentials->fetched_ms < CREDENTIALS_EVERY_MS)
        return false;
    credentials->usable = false;
    return true;
}

uint64_t kube_credentials_serial(const struct credentials *credentials)
{
    return credentials->serial;
}

const char *kube_credentials_authorization(const struct credentials *credentials)
{
    return credentials->authorization;
}

const char *kube_credentials_cert_pem(const struct credentials *credentials)
{
    return credentials->exec.cert_pem;
}

const char *kube_credentials_key_pem(const struct credentials *credentials)
{
    return credentials->exec.key_pem;
}
