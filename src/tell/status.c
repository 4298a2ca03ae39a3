/* When a status is looked at, and what is done when it cannot be written. */
#include "tell/status.h"

#include <string.h>

#include "base/clock.h"
#include "kube/status.h"
#include "publish.h"
#include "status_ledger.h"

struct status {
    struct status_options options;
    struct status_ledger ledger;
    struct publish *publish;
    struct kube_status_writer *writer; /* while leading */
    struct map complained;             /* kinds whose statuses are refused */
    struct {
        VEC(struct status_record *);
    } dirty, late, paced; /* `late`: the translator does not know their present version; `paced`: it is too early */
    size_t dirty_from;    /* those before are done */
    struct loop_timer *timer;
    uint64_t done;   /* the last change whose consequences are known */
    bool translated; /* there was a first delta */
    bool known;      /* what the gateway holds was read in this term */
    bool doubted;    /* … and not compared since */
    bool all;        /* look at everything that is not settled */
};

static void schedule(struct status *status, uint64_t delay_ms)
{
    if (!loop_timer_running(status->timer))
        loop_timer_start(status->timer, delay_ms);
}

static void mark(struct status *status, struct status_record *record)
{
    if (record->dirty)
        return;
    record->dirty = true;
    vec_push(&status->dirty, record);
}

static void change(struct status *status, struct status_record *record, uint64_t now)
{
    status_pace_changed(&record->pace, now);
    mark(status, record);
}

static void on_changed(void *user, struct status_record *record)
{
    uint64_t now = clock_monotonic_ms();
    change(user, record, now);
    for (size_t i = 0; i < record->watchers.count; i++)
        change(user, record->watchers.items[i], now);
}

static void mark_all(struct status *status, bool addressed_only)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&status->ledger.records, &at)) != NULL;) {
        struct status_record *record = entry->value;
        if (!addressed_only || record->row->addresses != STATUS_ADDRESSES_NONE)
            mark(status, record);
    }
    schedule(status, STATUS_WINDOW_MS);
}

static void addresses_changed(void *user)
{
    mark_all(user, true);
}

static enum status_outcome outcome_of(void *user, const char *kind, const char *namespace, const char *name)
{
    struct status *status = user;
    const struct status_record *record = status_ledger_record(&status->ledger, kind, namespace, name, false);
    return record != NULL ? status_record_outcome(record) : STATUS_NONE;
}

/* The status that the object has, or will have once what was sent comes back. */
static struct json *status_before(const struct status_record *record, const struct json *tree)
{
    struct json *before = json_copy(json_find(tree, "status"));
    if (!json_is(before, JSON_OBJECT)) {
        json_free(before);
        before = json_new_object();
    }
    json_each (member, record->sent) {
        json_set(before, json_name(member), json_copy(member));
    }
    return before;
}

static struct json *make_patch(struct status *status, const struct status_record *record, const struct json *tree,
                               const struct json *before)
{
    char now[CLOCK_TEXT_SIZE];
    clock_format(clock_wall(), now);
    const struct options *options = status->options.options;
    struct status_view view = {
        .object = tree,
        .before = before,
        .namespace = record->namespace,
        .generation = record->object->generation,
        .conditions = (const struct rules_condition *const *)record->conditions.items,
        .condition_count = record->conditions.count,
        .outcome = status_record_outcome(record),
        .live = record->live != 0,
        .controller = options_text(options, OPT_GATEWAY_CONTROLLER),
        .instance = options_text(options, OPT_ELECTION_ID),
        .addresses = publish_addresses(status->publish, record->row->addresses),
        .now = now,
        .outcome_of = outcome_of,
        .user = status,
    };
    struct json *patch = record->row->shape(record->row, &view);
    if (patch != NULL && !kube_status_differs(before, patch)) {
        json_free(patch);
        return NULL;
    }
    return patch;
}

/* False when it has to be tried again. */
static bool write_patch(struct status *status, struct status_record *record, struct json *patch)
{
    if (!kube_status_write(status->writer, record->object, patch, record->row->exact)) {
        json_free(patch);
        return false;
    }
    json_free(record->sent);
    free(record->sent_version);
    record->sent = patch;
    record->sent_version = xstrdup(record->object->resource_version);
    return true;
}

/* False when writing has to wait. */
static bool look_at(struct status *status, struct status_record *record)
{
    record->dirty = false;
    if (record->object == NULL) {
        status_ledger_release(&status->ledger, record);
        return true;
    }
    if (status->writer == NULL || record->row->shape == NULL || record->unknown)
        return true; /* a term begins with a look at everything */
    if (record->serial > status->done) {
        record->dirty = true;
        vec_push(&status->late, record);
        return true;
    }
    /* A patch for a version that is not the last any more would be refused; the object's return brings us here again. */
    if (record->row->exact && record->sent != NULL)
        return true;
    uint64_t now = clock_monotonic_ms();
    bool pending = status_record_outcome(record) == STATUS_PENDING;
    if (status_pace_due(&record->pace, pending, now) > now) {
        record->dirty = true;
        vec_push(&status->paced, record);
        return true;
    }
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(record->object->text, record->object->length, &tree, &err) != 0)
        return true;
    AUTO(json) struct json *before = status_before(record, tree);
    struct json *patch = make_patch(status, record, tree, before);
    if (patch == NULL) {
        status_pace_settled(&record->pace);
        return true;
    }
    if (write_patch(status, record, patch)) {
        status_pace_wrote(&record->pace, now);
        return true;
    }
    mark(status, record);
    return false;
}

static void look_at_dirty(struct status *status)
{
    size_t end = status->dirty_from + STATUS_BATCH;
    bool may_go_on = true;
    while (may_go_on && status->dirty_from < status->dirty.count && status->dirty_from < end)
        may_go_on = look_at(status, status->dirty.items[status->dirty_from++]);
    if (status->dirty_from < status->dirty.count) {
        schedule(status, may_go_on ? 0 : STATUS_AGAIN_MS);
        return;
    }
    status->dirty.count = status->dirty_from = 0;
    if (status->paced.count != 0)
        schedule(status, STATUS_WINDOW_MS);
}

/* Those for which it was too early are looked at again. */
static void take_paced(struct status *status)
{
    for (size_t i = 0; i < status->paced.count; i++)
        vec_push(&status->dirty, status->paced.items[i]);
    status->paced.count = 0;
}

static void on_time(void *user)
{
    struct status *status = user;
    if (!status->translated)
        return;
    if (status->writer != NULL && !status->options.may_write(status->options.user)) {
        schedule(status, STATUS_AGAIN_MS);
        return;
    }
    if (status->writer != NULL && status->known) {
        status_ledger_look(&status->ledger, kong_plan_state(kong_session_plan(status->options.session)), status->all);
        status->all = false;
    }
    take_paced(status);
    look_at_dirty(status);
}

static void complain(struct status *status, const struct store_kind *kind, const struct kube_answer *answer)
{
    if (map_find(&status->complained, kind->id) != NULL)
        return;
    map_put(&status->complained, kind->id, status);
    log_warn(status->options.log, "a status cannot be written", "kind", kind->id, "error", answer->err->text);
}

static bool is_unchanged(const struct kube_answer *answer, const char *version)
{
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(answer->body, answer->length, &tree, &err) != 0)
        return true;
    const char *now = json_text(json_find_path(tree, "metadata.resourceVersion"));
    return now == NULL || strcmp(now, version) == 0;
}

static void forget_sent(struct status_record *record)
{
    json_free(TAKE(record->sent));
    free(TAKE(record->sent_version));
}

static void on_written(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                       const struct kube_answer *answer)
{
    struct status *status = user;
    struct status_record *record = status_ledger_record(&status->ledger, kind->id, namespace, name, false);
    if (answer->failure == KUBE_OK)
        map_take(&status->complained, kind->id);
    if (record == NULL || record->sent == NULL)
        return;
    if (answer->failure == KUBE_OK) {
        if (is_unchanged(answer, record->sent_version)) /* it does not come back */
            forget_sent(record);
        return;
    }
    bool newer = record->object != NULL && strcmp(record->object->resource_version, record->sent_version) != 0;
    bool again = answer->failure == KUBE_CONFLICT ? newer : kube_failure_may_retry(answer->failure);
    forget_sent(record);
    if (answer->failure != KUBE_CONFLICT && !(answer->failure == KUBE_NOT_FOUND && record->object == NULL))
        complain(status, kind, answer);
    if (again) {
        mark(status, record);
        schedule(status, STATUS_AGAIN_MS);
    }
}

int status_new(const struct status_options *options, struct status **ret_status, struct err *err)
{
    struct status *status = xcalloc(1, sizeof(*status));
    const struct store_kinds *kinds = options->kinds;
    status->options = *options;
    status_ledger_init(&status->ledger, kinds, on_changed, status);
    map_init(&status->complained, NULL);
    status->timer = loop_timer_new(options->loop, on_time, status);
    struct publish_options publish = {options->options,  options->log, options->client, options->discovery, kinds,
                                      addresses_changed, status};
    int rc = publish_new(&publish, &status->publish, err);
    if (rc != 0) {
        status_free(status);
        return rc;
    }
    *ret_status = status;
    return 0;
}

void status_free(struct status *status)
{
    if (status == NULL)
        return;
    kube_status_free(status->writer);
    publish_free(status->publish);
    loop_timer_free(status->timer);
    vec_done(&status->dirty);
    vec_done(&status->late);
    vec_done(&status->paced);
    map_done(&status->complained);
    status_ledger_done(&status->ledger);
    free(status);
}

void status_object(struct status *status, const struct object *object, uint64_t serial)
{
    if (status == NULL)
        return;
    publish_object(status->publish, object);
    const struct status_row *row = status_row_find(object->kind->id);
    if (row == NULL || row->shape == NULL)
        return;
    struct status_record *record =
        status_ledger_record(&status->ledger, object->kind->id, object->namespace, object->name, true);
    object_unref(record->object);
    record->object = object_ref((struct object *)object);
    record->serial = serial;
    forget_sent(record);
    mark(status, record);
    schedule(status, STATUS_WINDOW_MS);
}

void status_gone(struct status *status, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct status_record *record =
        status != NULL ? status_ledger_record(&status->ledger, kind->id, namespace, name, false) : NULL;
    if (record == NULL || record->object == NULL)
        return;
    if (status->writer != NULL)
        kube_status_forget(status->writer, kind, namespace, name);
    object_unref(TAKE(record->object));
    forget_sent(record);
    mark(status, record);
    schedule(status, STATUS_WINDOW_MS);
}

void status_delta(struct status *status, const struct rules_delta *delta, uint64_t done)
{
    if (status == NULL)
        return;
    status->done = done;
    for (size_t i = 0; i < delta->change_count; i++)
        status_ledger_want(&status->ledger, delta->changes[i].kind, delta->changes[i].key, delta->changes[i].entity);
    for (size_t i = 0; i < delta->said_count; i++)
        status_ledger_said(&status->ledger, &delta->said[i]);
    for (size_t i = 0; i < status->late.count; i++)
        vec_push(&status->dirty, status->late.items[i]);
    status->late.count = 0;
    status->translated = true;
    schedule(status, STATUS_WINDOW_MS);
}

void status_item(struct status *status, const struct kong_item *item)
{
    if (status == NULL)
        return;
    status_ledger_touch(&status->ledger, item->kind, item->key);
    schedule(status, STATUS_WINDOW_MS);
}

void status_read(struct status *status)
{
    if (status == NULL)
        return;
    status->known = status->doubted = true;
    status_ledger_doubt(&status->ledger);
}

void status_idle(struct status *status)
{
    if (status == NULL || !status->doubted)
        return;
    status->doubted = false;
    status->all = true;
    schedule(status, STATUS_WINDOW_MS);
}

void status_lead(struct status *status, bool leading)
{
    if (status == NULL || leading == (status->writer != NULL))
        return;
    status->known = false;
    if (leading) {
        status->writer = kube_status_new(status->options.client, status->options.discovery, on_written, status);
        mark_all(status, false);
        return;
    }
    kube_status_free(TAKE(status->writer));
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&status->ledger.records, &at)) != NULL;)
        forget_sent(entry->value);
}
