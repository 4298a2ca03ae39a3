/* Statuses of one subject: conditions, addresses, listeners. */
#include <string.h>

#include "status_shape.h"

static const struct status_condition PROGRAMMED = {"Programmed", "True", "Programmed",
                                                   "Object was successfully configured in Kong."};
static const struct status_condition INVALID = {
    "Programmed", "False", "Invalid",
    "Object failed to be configured in Kong - see its attached Events for more information."};
static const struct status_condition PENDING = {"Programmed", "False", "Pending",
                                                "Object is pending configuration in Kong."};

static struct json *patch_of(const char *name, struct json *value)
{
    struct json *patch = json_new_object();
    json_set(patch, name, value);
    return patch;
}

struct json *status_shape_conditions(const struct status_row *row, const struct status_view *view)
{
    const struct json *before = json_find(view->before, "conditions");
    bool has = status_condition_find(before, "Programmed") != NULL;
    bool silent = view->outcome == STATUS_NONE || (view->outcome == STATUS_PENDING && has);
    if (silent && view->condition_count == 0)
        return NULL;
    struct json *conditions = status_conditions_about(view, "", before, true);
    if (!silent)
        status_condition_set(conditions, view,
                             view->outcome == STATUS_PROGRAMMED ? &PROGRAMMED
                             : view->outcome == STATUS_FAILED   ? &INVALID
                                                                : &PENDING);
    return patch_of("conditions", conditions);
}

struct json *status_shape_load_balancer(const struct status_row *row, const struct status_view *view)
{
    if (!view->live || json_count(view->addresses) == 0)
        return NULL;
    return patch_of("loadBalancer", patch_of("ingress", json_copy(view->addresses)));
}

static struct json *detail_of(const struct rules_condition *condition)
{
    struct json *detail = NULL;
    struct err err = ERR_INIT;
    if (condition == NULL || condition->detail[0] == '\0' ||
        json_parse(condition->detail, strlen(condition->detail), &detail, &err) != 0)
        return NULL;
    return detail;
}

static void add_detail(struct json *target, const struct rules_condition *condition)
{
    AUTO(json) struct json *detail = detail_of(condition);
    json_each (member, detail) {
        json_set(target, json_name(member), json_copy(member));
    }
}

struct json *status_shape_class(const struct status_row *row, const struct status_view *view)
{
    if (view->condition_count == 0)
        return NULL;
    struct json *patch =
        patch_of("conditions", status_conditions_about(view, "", json_find(view->before, "conditions"), true));
    for (size_t i = 0; i < view->condition_count; i++)
        add_detail(patch, view->conditions[i]);
    return patch;
}

static const struct json *named(const struct json *list, const char *name)
{
    json_each (item, list) {
        const char *text = json_find_text(item, "name");
        if (text != NULL && strcmp(text, name) == 0)
            return item;
    }
    return NULL;
}

static struct json *listeners_of(const struct status_view *view)
{
    struct json *listeners = json_new_array();
    const struct json *before = json_find(view->before, "listeners");
    json_each (listener, json_find_path(view->object, "spec.listeners")) {
        const char *name = json_find_text(listener, "name");
        const struct rules_condition *said = name != NULL ? status_rule_condition(view, name, NULL) : NULL;
        if (said == NULL || name[0] == '\0' || json_count(listeners) >= STATUS_LISTENERS_MAX)
            continue;
        struct json *entry = json_new_object();
        json_set_text(entry, "name", name);
        add_detail(entry, said);
        json_set(entry, "conditions",
                 status_conditions_about(view, name, json_find(named(before, name), "conditions"), false));
        json_append(listeners, entry);
    }
    return listeners;
}

static struct json *gateway_addresses(const struct json *addresses)
{
    struct json *list = json_new_array();
    json_each (address, addresses) {
        const char *ip = json_find_text(address, "ip"), *hostname = json_find_text(address, "hostname");
        if ((ip == NULL && hostname == NULL) || json_count(list) >= STATUS_ADDRESSES_MAX)
            continue;
        struct json *entry = patch_of("type", json_new_text(ip != NULL ? "IPAddress" : "Hostname"));
        json_set_text(entry, "value", ip != NULL ? ip : hostname);
        json_append(list, entry);
    }
    return list;
}

struct json *status_shape_gateway(const struct status_row *row, const struct status_view *view)
{
    if (view->condition_count == 0)
        return NULL;
    struct json *patch =
        patch_of("conditions", status_conditions_about(view, "", json_find(view->before, "conditions"), true));
    if (json_find(view->before, "attachedListenerSets") != NULL)
        json_set_number(patch, "attachedListenerSets", 0);
    for (size_t i = 0; i < view->condition_count && view->conditions[i]->subject[0] == '\0'; i++)
        add_detail(patch, view->conditions[i]);
    json_set(patch, "listeners", listeners_of(view));
    if (json_find(patch, "addresses") == NULL && json_count(view->addresses) != 0)
        json_set(patch, "addresses", gateway_addresses(view->addresses));
    return patch;
}
