/* Replays recorded exchanges with a real gateway's Admin API against the sandbox: status and body must agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "replay_table.h"
#include "sandbox/sandbox.h"

#define EXCHANGES_BYTES_MAX (64u << 20)
#define IDS_MAX             16

struct replay {
    struct sandbox *sandbox;
    char ids[IDS_MAX][37]; /* that the gateway gave, for the sandbox to give too */
    size_t id_count, id_next;
    unsigned made;
    struct map sni_ids; /* server name → id, from the lists of a file */
    struct map secrets; /* what the gateway made up → what the sandbox made up */
    size_t replayed, left_out, failed;
};

static char *folder(void)
{
    const char *shared = getenv("KONGRUENT_SHARED");
    return shared != NULL ? xasprintf("%s/kong/exchanges", shared)
                          : xstrdup(KONGRUENT_SOURCE_DIR "/../shared/kong/exchanges");
}

static void give_id(void *user, char ret_uuid[37])
{
    struct replay *replay = user;
    if (replay->id_next < replay->id_count)
        memcpy(ret_uuid, replay->ids[replay->id_next++], 37);
    else
        snprintf(ret_uuid, 37, "ffffffff-0000-4000-8000-%012x", ++replay->made);
}

static void renew(struct replay *replay, enum sandbox_flavour flavour, bool control_plane)
{
    sandbox_free(replay->sandbox);
    struct sandbox_options options = {
        .flavour = flavour, .control = true, .control_plane = control_plane, .make_id = give_id, .user = replay};
    replay->sandbox = sandbox_new(&options);
}

/* Bodies are recorded as JSON, or as the text that was sent; one is only described by its size. */
static char *body_text(const struct json *body)
{
    size_t size;
    if (json_type(body) == JSON_NULL)
        return NULL;
    if (json_text(body) == NULL)
        return json_print_text(body);
    if (sscanf(json_text(body), "<%zu bytes>", &size) != 1)
        return xstrdup(json_text(body));
    char *text = xmalloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

static void ask(struct replay *replay, const char *method, const char *target, const char *content_type,
                const char *body, struct sandbox_answer *answer)
{
    struct sandbox_request request = {method, target, content_type, body, body != NULL ? strlen(body) : 0};
    sandbox_handle(replay->sandbox, &request, answer);
}

static bool has_sni(struct replay *replay, const char *name)
{
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    AUTO(text) char *target = xasprintf("/snis/%s", name);
    ask(replay, "GET", target, NULL, NULL, &answer);
    bool has = answer.status == 200;
    sandbox_answer_done(&answer);
    return has;
}

static void queue_id(struct replay *replay, const char *id)
{
    if (replay->id_count < IDS_MAX && strlen(id) == 36)
        memcpy(replay->ids[replay->id_count++], id, 37);
}

static void queue_ids(struct replay *replay, const struct json *request, const struct json *response)
{
    replay->id_count = replay->id_next = 0;
    const char *id = json_text(json_find_path(response, "body.id"));
    const char *sent = json_text(json_find_path(request, "body.id"));
    const char *path = json_find_text(request, "path");
    if (id != NULL && strstr(path, id) == NULL && (sent == NULL || strcmp(sent, id) != 0))
        queue_id(replay, id);
    json_each (name, json_find_path(request, "body.snis")) {
        const char *sni_id = json_text(name) != NULL ? map_find(&replay->sni_ids, json_text(name)) : NULL;
        if (sni_id != NULL && !has_sni(replay, json_text(name)))
            queue_id(replay, sni_id);
    }
}

static bool is_time(const char *name)
{
    return strcmp(name, "created_at") == 0 || strcmp(name, "updated_at") == 0 || strcmp(name, "ttl") == 0;
}

static bool is_secret(const char *name)
{
    return strcmp(name, "key") == 0 || strcmp(name, "secret") == 0 || strcmp(name, "client_id") == 0 ||
           strcmp(name, "client_secret") == 0;
}

static bool same(struct replay *replay, const struct json *theirs, const struct json *ours, const char *request);

static bool same_secret(struct replay *replay, const struct json *theirs, const struct json *ours, const char *request)
{
    const char *their_text = json_text(theirs);
    const char *our_text = json_text(ours);
    if (json_equal(theirs, ours))
        return true;
    if (their_text == NULL || our_text == NULL || strstr(request, their_text) != NULL)
        return false;
    const char *known = map_find(&replay->secrets, their_text);
    if (known == NULL)
        map_put(&replay->secrets, their_text, xstrdup(our_text));
    return known == NULL ? strlen(their_text) == strlen(our_text) : strcmp(known, our_text) == 0;
}

static bool same_member(struct replay *replay, const struct json *theirs, const struct json *ours, const char *request)
{
    const char *name = json_name(theirs);
    if (is_time(name) && ours != NULL)
        return json_type(theirs) == json_type(ours);
    return is_secret(name) ? same_secret(replay, theirs, ours, request) : same(replay, theirs, ours, request);
}

static bool same(struct replay *replay, const struct json *theirs, const struct json *ours, const char *request)
{
    if (json_type(theirs) != json_type(ours) || (theirs == NULL) != (ours == NULL))
        return false;
    if (!json_is(theirs, JSON_ARRAY) && !json_is(theirs, JSON_OBJECT))
        return json_equal(theirs, ours);
    if (json_count(theirs) != json_count(ours))
        return false;
    const struct json *our_item = json_first(ours);
    json_each (item, theirs) {
        const char *name = json_name(item);
        if (name != NULL ? !same_member(replay, item, json_find(ours, name), request)
                         : !same(replay, item, our_item, request))
            return false;
        our_item = json_after(our_item);
    }
    return true;
}

/* What a schema says, without words for people and without what Lua's tables leave to chance. */
static struct json *schema_essence(const struct json *value)
{
    if (json_is(value, JSON_OBJECT)) {
        struct json *object = json_new_object();
        json_each (item, value) {
            bool words = strcmp(json_name(item), "description") == 0 && json_text(item) != NULL;
            bool implied = strcmp(json_name(item), "len_min") == 0 && json_number(item, 0) == 1;
            if (!words && !implied)
                json_set(object, json_name(item), schema_essence(item));
        }
        return object;
    }
    if (!json_is(value, JSON_ARRAY))
        return json_copy(value);
    struct json *list = json_new_array();
    while (json_count(list) < json_count(value)) {
        struct json *least = NULL;
        const struct json *last = json_at(list, json_count(list) - 1);
        json_each (item, value) {
            AUTO(json) struct json *essence = schema_essence(item);
            size_t before = 0;
            json_each (other, list)
                before += json_equal(other, essence) ? 1 : 0;
            if (before == 0 && (last == NULL || json_compare(essence, last) > 0) &&
                (least == NULL || json_compare(essence, least) < 0)) {
                json_free(least);
                least = TAKE(essence);
            }
        }
        if (least == NULL)
            break;
        json_append(list, least);
    }
    return list;
}

/* What is different for every node, and how soon one knows what was written: the sandbox does at once. */
static bool is_own(const char *name)
{
    static const char *const names[] = {"node_id",
                                        "hostname",
                                        "total_requests",
                                        "worker_consistency",
                                        "db_update_frequency",
                                        "db_update_propagation",
                                        "worker_state_update_frequency"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* The node's own facts are a part of what a gateway tells: every one that the sandbox gives must be the gateway's. */
static bool is_part(const struct json *ours, const struct json *theirs)
{
    if (!json_is(ours, JSON_OBJECT))
        return json_equal(ours, theirs);
    json_each (item, ours) {
        const char *name = json_name(item);
        if (!is_own(name) && !is_part(item, json_find(theirs, name)))
            return false;
    }
    return true;
}

static bool bodies_agree(struct replay *replay, const char *path, const struct json *theirs, const struct json *ours,
                         const char *request)
{
    if (strcmp(path, "/") == 0 || strcmp(path, "/status") == 0)
        return is_part(ours, theirs);
    if (strncmp(path, "/schemas/", 9) != 0 && strncmp(path, "/plugins/schema/", 16) != 0)
        return same(replay, theirs, ours, request);
    AUTO(json) struct json *their_essence = schema_essence(theirs);
    AUTO(json) struct json *our_essence = schema_essence(ours);
    return json_equal(their_essence, our_essence);
}

static bool agrees(struct replay *replay, const struct json *request, const struct json *response,
                   const struct sandbox_answer *answer, const char *sent)
{
    if (json_integer(json_find(response, "status"), 0) != answer->status)
        return false;
    const struct json *theirs = json_find(response, "body");
    if (strcmp(json_find_text(request, "method"), "HEAD") == 0 || json_type(theirs) == JSON_NULL)
        return true;
    if (json_text(theirs) != NULL)
        return strcmp(json_text(theirs), buf_text(&answer->body)) == 0;
    struct err err = ERR_INIT;
    struct json *parsed = NULL;
    if (json_parse(buf_text(&answer->body), answer->body.length, &parsed, &err) < 0)
        return false;
    AUTO(json) struct json *ours = parsed;
    return bodies_agree(replay, json_find_text(request, "path"), theirs, ours, sent != NULL ? sent : "");
}

static const char *exception_for(const char *file, int sequence)
{
    for (size_t i = 0; i < COUNT_OF(exceptions); i++) {
        if (strcmp(exceptions[i].file, file) == 0 && sequence >= exceptions[i].first && sequence <= exceptions[i].last)
            return exceptions[i].reason;
    }
    return NULL;
}

static void do_unrecorded(struct replay *replay, const char *file, int sequence)
{
    for (size_t i = 0; i < COUNT_OF(unrecorded); i++) {
        if (strcmp(unrecorded[i].file, file) != 0 || unrecorded[i].before != sequence)
            continue;
        struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
        replay->id_count = 0;
        ask(replay, unrecorded[i].method, unrecorded[i].target, "application/json", unrecorded[i].body, &answer);
        if (answer.status >= 300)
            print_error("%s before %d: %s %s: %d %s\n", file, sequence, unrecorded[i].method, unrecorded[i].target,
                        answer.status, buf_text(&answer.body));
        replay->failed += answer.status >= 300 ? 1 : 0;
        sandbox_answer_done(&answer);
    }
}

static void replay_one(struct replay *replay, const char *file, const struct json *exchange)
{
    int sequence = (int)json_integer(json_find(exchange, "seq"), 0);
    const struct json *request = json_find(exchange, "request");
    const struct json *response = json_find(exchange, "response");
    do_unrecorded(replay, file, sequence);
    queue_ids(replay, request, response);
    AUTO(text) char *body = body_text(json_find(request, "body"));
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;

    ask(replay, json_find_text(request, "method"), json_find_text(request, "path"),
        json_text(json_find_path(request, "headers.Content-Type")), body, &answer);

    bool fine = agrees(replay, request, response, &answer, body);
    const char *reason = exception_for(file, sequence);
    replay->replayed += reason == NULL ? 1 : 0;
    replay->left_out += reason != NULL ? 1 : 0;
    if (fine == (reason == NULL)) {
        sandbox_answer_done(&answer);
        return;
    }
    replay->failed++;
    AUTO(text) char *theirs = json_print_text(json_find(response, "body"));
    print_error("%s %d: %s %s\n  %s\n  sent     %.100s\n  recorded %d %.300s\n  sandbox  %d %.300s\n", file, sequence,
                json_find_text(request, "method"), json_find_text(request, "path"),
                reason != NULL ? "agrees now, take it off the list" : "differs", body != NULL ? body : "",
                (int)json_integer(json_find(response, "status"), 0), theirs, answer.status, buf_text(&answer.body));
    sandbox_answer_done(&answer);
}

static void learn_sni_ids(struct replay *replay, const char *file, const struct json *exchange)
{
    (void)file;
    json_each (item, json_find_path(exchange, "response.body.data")) {
        if (json_find(item, "certificate") != NULL)
            map_put(&replay->sni_ids, json_find_text(item, "name"), xstrdup(json_find_text(item, "id")));
    }
}

static void each_exchange(struct replay *replay, const char *file, struct buf *text,
                          void (*visit)(struct replay *replay, const char *file, const struct json *exchange))
{
    const char *line = buf_text(text);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        struct err err = ERR_INIT;
        struct json *parsed = NULL;
        assert_int_equal(json_parse(line, length, &parsed, &err), 0);
        visit(replay, file, parsed);
        json_free(parsed);
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

static size_t replay_all(const char *root)
{
    struct replay replay = {0};
    map_init(&replay.sni_ids, free);
    map_init(&replay.secrets, free);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(text) char *path = xasprintf("%s/%s.jsonl", root, files[i].name);
        AUTO(buf) struct buf text = BUF_INIT(EXCHANGES_BYTES_MAX);
        struct err err = ERR_INIT;
        if (file_read(path, &text, &err) < 0) {
            print_error("%s\n", err.text);
            replay.failed++;
        }
        if (files[i].renews)
            renew(&replay, files[i].flavour, files[i].control_plane);
        each_exchange(&replay, files[i].name, &text, learn_sni_ids);
        each_exchange(&replay, files[i].name, &text, replay_one);
    }
    print_message("%zu exchanges replayed, %zu of them as listed: answered otherwise; %zu wrong\n",
                  replay.replayed + replay.left_out, replay.left_out, replay.failed);
    sandbox_free(replay.sandbox);
    map_done(&replay.sni_ids);
    map_done(&replay.secrets);
    return replay.failed;
}

static void recorded_exchanges_get_the_same_answers(void **state)
{
    (void)state;
    char *root = folder();
    bool there = file_exists(root);
    if (!there)
        print_message("SKIPPED BY: there are no recordings at %s (set KONGRUENT_SHARED)\n", root);

    size_t failed = there ? replay_all(root) : 0;

    free(root);
    assert_int_equal(failed, 0);
    if (!there)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_exchanges_get_the_same_answers),
    };
    return cmocka_run_group_tests_name("sandbox replay", tests, NULL, NULL);
}
