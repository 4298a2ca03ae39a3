/* Where an approval is left: in the Lease, or in a file. */
#include "sync/approval.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "origin.h"
#include "tell/held.h"

struct approval {
    struct loop *loop;
    struct kube_client *client;
    const char *hash;
    char *path;
    struct buf *text;
    struct err *err;
    int rc;
};

static void end(struct approval *approval, int rc)
{
    approval->rc = rc;
    loop_stop(approval->loop);
}

static int refused(struct approval *approval, const struct kube_answer *answer)
{
    return err_set(approval->err, ERR_IO, "the Lease %s cannot be read or changed: %s", approval->path,
                   answer->err->text);
}

static void on_patched(void *user, const struct kube_answer *answer)
{
    struct approval *approval = user;
    if (answer->failure != KUBE_OK) {
        end(approval, refused(approval, answer));
        return;
    }
    buf_printf(approval->text, "approved; the controller deletes within seconds");
    end(approval, 0);
}

/* Nothing is approved that nobody holds: a slip of the finger would otherwise wait for its plan. */
static int check(struct approval *approval, const struct kube_answer *answer)
{
    struct err ignored = ERR_INIT;
    AUTO(json) struct json *lease = NULL;
    AUTO(json) struct json *noted = NULL;
    if (json_parse(answer->body, answer->length, &lease, &ignored) != 0)
        return err_set(approval->err, ERR_INVALID, "the Lease %s cannot be read", approval->path);
    const char *text = json_find_text(json_find_path(lease, "metadata.annotations"), HELD_ANNOTATION);
    if (text == NULL || json_parse(text, strlen(text), &noted, &ignored) != 0)
        return err_set(approval->err, ERR_NOT_FOUND, "the controller of the Lease %s holds nothing", approval->path);
    const char *held = json_find_text(noted, "hash");
    if (held == NULL || strcmp(held, approval->hash) != 0)
        return err_set(
            approval->err, ERR_NOT_FOUND, "the controller holds another plan: %.0f objects, since %s, with the hash %s",
            json_number(json_find(noted, "objects"), 0),
            json_find_text(noted, "since") != NULL ? json_find_text(noted, "since") : "?", held != NULL ? held : "?");
    return 0;
}

static void on_lease(void *user, const struct kube_answer *answer)
{
    struct approval *approval = user;
    int rc = answer->failure != KUBE_OK ? refused(approval, answer) : check(approval, answer);
    if (rc != 0) {
        end(approval, rc);
        return;
    }
    AUTO(text)
    char *body = xasprintf("{\"metadata\":{\"annotations\":{\"" APPROVE_ANNOTATION "\":\"%s\"}}}", approval->hash);
    struct kube_call call = {.verb = KUBE_PATCH_MERGE,
                             .path = approval->path,
                             .body = body,
                             .body_length = strlen(body),
                             .done = on_patched,
                             .user = approval};
    if (kube_client_send(approval->client, &call) == NULL)
        end(approval, err_set(approval->err, ERR_IO, "the request cannot be sent"));
}

static int approve_in_lease(const struct options *options, const struct log *log, struct approval *approval)
{
    int rc = loop_new(&approval->loop, approval->err);
    if (rc != 0)
        return rc;
    rc = origin_connect(approval->loop, options, log, &approval->client, approval->err);
    if (rc == 0) {
        const char *given = options_text(options, OPT_ELECTION_NAMESPACE);
        const char *own = kube_client_config(approval->client)->namespace;
        approval->path = kube_path("coordination.k8s.io", "v1", "leases", given[0] != '\0' ? given : own,
                                   options_text(options, OPT_ELECTION_ID), NULL);
        struct kube_call call = {.verb = KUBE_GET, .path = approval->path, .done = on_lease, .user = approval};
        rc = kube_client_send(approval->client, &call) != NULL
                 ? 0
                 : err_set(approval->err, ERR_IO, "the request cannot be sent");
    }
    if (rc == 0) {
        loop_run(approval->loop);
        rc = approval->rc;
    }
    kube_client_free(approval->client);
    loop_free(approval->loop);
    free(approval->path);
    return rc;
}

static int approve_in_file(const char *path, const char *hash, struct buf *ret_text, struct err *err)
{
    AUTO(text) char *line = xasprintf("%s\n", hash);
    int rc = file_write(path, line, strlen(line), err);
    if (rc == 0)
        buf_printf(ret_text, "written to %s, where the controller looks while it holds something", path);
    return rc;
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_HEX_SIZE - 1 && strspn(text, "0123456789abcdef") == strlen(text);
}

int sync_approve(const struct options *options, const struct log *log, const char *hash, struct buf *ret_text,
                 struct err *err)
{
    if (!is_hash(hash))
        return err_set(err, ERR_INVALID, "'%s' is no hash of a held plan: 64 digits of 0-9 and a-f", hash);
    const char *file = options_text(options, OPT_APPROVAL_FILE), *source = options_text(options, OPT_SOURCE);
    AUTO(text) char *inside = held_file(source);
    if (file[0] != '\0' || inside != NULL)
        return approve_in_file(file[0] != '\0' ? file : inside, hash, ret_text, err);
    struct approval approval = {.hash = hash, .text = ret_text, .err = err};
    return approve_in_lease(options, log, &approval);
}
