/* What the engine asks for most often, found in one pass over the text; nine objects of ten are that plain. */
#include "object_parts.h"

#include <stdlib.h>
#include <string.h>

struct field {
    const char *name;
    struct json_span *target;
};

/* True when the member is none of these, or was taken; the first of two members of one name counts, as in json_find. */
static bool take_field(const struct field *fields, size_t count, struct json_span name, struct json_span value)
{
    for (size_t i = 0; i < count; i++) {
        if (json_span_is(name, fields[i].name))
            return fields[i].target->text != NULL || json_scan_text(value, fields[i].target);
    }
    return true;
}

static bool take_label(void *user, struct json_span name, struct json_span value)
{
    struct object_parts *parts = user;
    struct object_part_label label = {.name = name};
    if (!json_scan_text(value, &label.value))
        return false;
    vec_push(&parts->labels, label);
    return true;
}

static bool check_string(void *user, struct json_span name, struct json_span value)
{
    return json_scan_is_string(value);
}

static bool take_generation(struct object_parts *parts, struct json_span value)
{
    char text[24];
    if (value.length >= sizeof(text))
        return false;
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    char *end = NULL;
    parts->generation = strtoll(text, &end, 10);
    return *end == '\0' && end != text;
}

static bool take_metadata_member(void *user, struct json_span name, struct json_span value)
{
    struct object_parts *parts = user;
    const struct field fields[] = {
        {"name", &parts->name},
        {"namespace", &parts->namespace},
        {"uid", &parts->uid},
        {"resourceVersion", &parts->resource_version},
        {"creationTimestamp", &parts->creation},
    };
    if (json_span_is(name, "labels"))
        return parts->labels.count == 0 && json_scan_object(value, take_label, parts);
    if (json_span_is(name, "annotations"))
        return json_scan_object(value, check_string, NULL);
    if (json_span_is(name, "generation"))
        return take_generation(parts, value);
    if (json_span_is(name, "managedFields"))
        parts->managed_fields =
            (struct json_span){name.text - 1, (size_t)(value.text + value.length - (name.text - 1))};
    return take_field(fields, COUNT_OF(fields), name, value);
}

/* The member takes the comma behind it along, or else the one in front of it. */
static void take_comma(struct json_span *member, const char *end)
{
    const char *at = member->text + member->length;
    while (at < end && strchr(" \t\r\n", *at) != NULL)
        at++;
    if (at < end && *at == ',') {
        member->length = (size_t)(at + 1 - member->text);
        return;
    }
    for (at = member->text; strchr(" \t\r\n", at[-1]) != NULL;)
        at--;
    if (at[-1] == ',')
        at--;
    member->length += (size_t)(member->text - at);
    member->text = at;
}

static bool take_member(void *user, struct json_span name, struct json_span value)
{
    struct object_parts *parts = user;
    const struct field fields[] = {{"apiVersion", &parts->api_version}, {"kind", &parts->kind}};
    if (json_span_is(name, "metadata") && parts->metadata.text == NULL)
        parts->metadata = value;
    return take_field(fields, COUNT_OF(fields), name, value);
}

bool object_parts_scan(struct object_parts *parts, const char *text, size_t length)
{
    struct json_span object = {text, length};
    if (!json_scan_object(object, take_member, parts) || parts->api_version.text == NULL || parts->kind.text == NULL)
        return false;
    return parts->metadata.text != NULL && object_parts_scan_metadata(parts, object, parts->metadata);
}

bool object_parts_scan_metadata(struct object_parts *parts, struct json_span text, struct json_span metadata)
{
    parts->metadata = metadata;
    if (!json_scan_object(metadata, take_metadata_member, parts))
        return false;
    if (parts->managed_fields.text != NULL)
        take_comma(&parts->managed_fields, text.text + text.length);
    return parts->name.length != 0;
}

void object_parts_done(struct object_parts *parts)
{
    vec_done(&parts->labels);
}
