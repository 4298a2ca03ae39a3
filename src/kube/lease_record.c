/* What stands in a Lease, field by field. */
#include "lease_record.h"

#include <string.h>

#include "base/clock.h"

const char *kube_lease_record_holder(const struct json *lease)
{
    const char *holder = json_text(json_find_path(lease, "spec.holderIdentity"));
    return holder != NULL ? holder : "";
}

uint64_t kube_lease_record_ms(const struct json *lease)
{
    int64_t seconds = json_integer(json_find_path(lease, "spec.leaseDurationSeconds"), 0);
    return seconds > 0 && seconds < 86400 ? (uint64_t)seconds * 1000 : 0;
}

bool kube_lease_record_same(const struct json *left, const struct json *right)
{
    return json_equal(json_find(left, "spec"), json_find(right, "spec"));
}

static struct json *new_lease(const char *namespace, const char *name)
{
    struct json *lease = json_new_object();
    struct json *metadata = json_new_object();
    json_set_text(lease, "apiVersion", "coordination.k8s.io/v1");
    json_set_text(lease, "kind", "Lease");
    json_set_text(metadata, "namespace", namespace);
    json_set_text(metadata, "name", name);
    json_set(lease, "metadata", metadata);
    return lease;
}

static struct json *own_spec(struct json *lease)
{
    if (!json_is(json_find(lease, "spec"), JSON_OBJECT))
        json_set(lease, "spec", json_new_object());
    return json_find(lease, "spec");
}

struct json *kube_lease_record_take(const struct json *present, const char *namespace, const char *name,
                                    const char *identity, uint64_t lease_ms)
{
    struct json *lease = present != NULL ? json_copy(present) : new_lease(namespace, name);
    char now[CLOCK_TEXT_SIZE];
    clock_format_micro(clock_wall(), now);
    bool changes_hands = strcmp(kube_lease_record_holder(lease), identity) != 0;
    struct json *spec = own_spec(lease);
    if (changes_hands) {
        int64_t transitions = json_integer(json_find(spec, "leaseTransitions"), 0);
        json_set_number(spec, "leaseTransitions", (double)(transitions + (present != NULL)));
        json_set_text(spec, "holderIdentity", identity);
        json_set_text(spec, "acquireTime", now);
    }
    json_set_number(spec, "leaseDurationSeconds", (double)((lease_ms + 999) / 1000));
    json_set_text(spec, "renewTime", now);
    return lease;
}

struct json *kube_lease_record_release(const struct json *present)
{
    struct json *lease = json_copy(present);
    char now[CLOCK_TEXT_SIZE];
    clock_format_micro(clock_wall(), now);
    struct json *spec = own_spec(lease);
    json_set_text(spec, "holderIdentity", "");
    json_set_number(spec, "leaseDurationSeconds", 1);
    json_set_text(spec, "acquireTime", now);
    json_set_text(spec, "renewTime", now);
    return lease;
}

void kube_lease_record_annotate(struct json *lease, const struct json *wanted)
{
    struct json *metadata = json_find(lease, "metadata");
    if (json_count(wanted) == 0 || metadata == NULL)
        return;
    if (!json_is(json_find(metadata, "annotations"), JSON_OBJECT))
        json_set(metadata, "annotations", json_new_object());
    struct json *annotations = json_find(metadata, "annotations");
    json_each (one, wanted) {
        if (json_text(one) != NULL)
            json_set_text(annotations, json_name(one), json_text(one));
        else
            json_remove(annotations, json_name(one));
    }
}

const char *kube_lease_record_annotation(const struct json *lease, const char *name)
{
    return json_find_text(json_find_path(lease, "metadata.annotations"), name);
}
