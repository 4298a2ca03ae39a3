/* What differs between two versions of one object. */
#include <string.h>

#include "base/json_scan.h"
#include "base/vec.h"
#include "store/object.h"

struct content {
    VEC(struct json_span); /* names and values by turns, without the status and the version */
    struct json_span status;
};

static void add(struct content *content, struct json_span name, struct json_span value)
{
    vec_push(content, name);
    vec_push(content, value);
}

static bool take_metadata(void *user, struct json_span name, struct json_span value)
{
    if (!json_span_is(name, "resourceVersion"))
        add(user, name, value);
    return true;
}

static bool take_member(void *user, struct json_span name, struct json_span value)
{
    struct content *content = user;
    if (json_span_is(name, "metadata"))
        return json_scan_object(value, take_metadata, content);
    if (json_span_is(name, "status"))
        content->status = value;
    else
        add(content, name, value);
    return true;
}

static bool same(struct json_span left, struct json_span right)
{
    return left.length == right.length && (left.length == 0 || memcmp(left.text, right.text, left.length) == 0);
}

/* Texts that cannot be scanned are taken as different: that costs a run, no more. */
static enum object_change compare(struct content *before, struct content *after, const struct object *old,
                                  const struct object *object)
{
    struct json_span left = {old->text, old->length}, right = {object->text, object->length};
    if (!json_scan_object(left, take_member, before) || !json_scan_object(right, take_member, after) ||
        before->count != after->count)
        return OBJECT_CHANGED;
    for (size_t i = 0; i < before->count; i++) {
        if (!same(before->items[i], after->items[i]))
            return OBJECT_CHANGED;
    }
    return same(before->status, after->status) ? OBJECT_SAME : OBJECT_STATUS_CHANGED;
}

enum object_change object_compare(const struct object *old, const struct object *object)
{
    if (same((struct json_span){old->text, old->length}, (struct json_span){object->text, object->length}))
        return OBJECT_SAME;
    struct content before = {0}, after = {0};
    enum object_change change = compare(&before, &after, old, object);
    vec_done(&before);
    vec_done(&after);
    return change;
}
