/* Lists with an entry for each parent: ours are made anew, those of other controllers stay where they are. */
#include <string.h>

#include "status_shape.h"

#define GATEWAY_GROUP "gateway.networking.k8s.io"

/* Adds what is ours to say beyond the rules; `before` is the entry as it stands, or NULL. */
typedef void extend_fn(const struct status_view *view, const struct json *ref, const char *subject,
                       const struct json *before, struct json *conditions);

struct subjects {
    const struct status_row *row;
    const struct status_view *view;
    extend_fn *extend;
    struct json *refs; /* by subject */
    struct json *made; /* subjects that have their entry */
    struct json *list;
};

static bool is_text(const struct json *object, const char *name, const char *expected, const char *otherwise)
{
    const char *text = json_find_text(object, name);
    return strcmp(text != NULL && text[0] != '\0' ? text : otherwise, expected) == 0;
}

static bool same_member(const struct json *left, const struct json *right, const char *name, const char *otherwise)
{
    const char *text = json_find_text(right, name);
    return is_text(left, name, text != NULL && text[0] != '\0' ? text : otherwise, otherwise);
}

static bool same_ref(const struct json *left, const struct json *right, const char *namespace)
{
    return same_member(left, right, "group", GATEWAY_GROUP) && same_member(left, right, "kind", "Gateway") &&
           same_member(left, right, "namespace", namespace) && same_member(left, right, "name", "") &&
           same_member(left, right, "sectionName", "") &&
           json_integer(json_find(left, "port"), 0) == json_integer(json_find(right, "port"), 0);
}

/* One reference for each subject, in the order of the rules' conditions. */
static struct json *refs_of(const struct status_row *row, const struct status_view *view)
{
    struct json *refs = json_new_object();
    for (size_t i = 0; i < view->condition_count; i++) {
        const struct rules_condition *condition = view->conditions[i];
        struct err err = ERR_INIT;
        AUTO(json) struct json *detail = NULL;
        if (condition->subject[0] == '\0' || json_find(refs, condition->subject) != NULL ||
            json_parse(condition->detail, strlen(condition->detail), &detail, &err) != 0)
            continue;
        struct json *ref = json_take(detail, row->ref);
        if (ref != NULL)
            json_set(refs, condition->subject, ref);
    }
    return refs;
}

static void add_entry(struct subjects *subjects, const struct json *ref, const char *subject, const struct json *before)
{
    const struct json *old = json_find(before, "conditions");
    struct json *conditions = status_conditions_about(subjects->view, subject, old, false);
    if (subjects->extend != NULL)
        subjects->extend(subjects->view, ref, subject, old, conditions);
    struct json *entry = json_new_object();
    json_set(entry, subjects->row->ref, json_copy(ref));
    json_set_text(entry, "controllerName", subjects->view->controller);
    json_set(entry, "conditions", conditions);
    json_append(subjects->list, entry);
    json_set_bool(subjects->made, subject, true);
}

static void renew_entry(struct subjects *subjects, const struct json *before)
{
    json_each (ref, subjects->refs) {
        if (json_find(subjects->made, json_name(ref)) != NULL ||
            !same_ref(json_find(before, subjects->row->ref), ref, subjects->view->namespace))
            continue;
        add_entry(subjects, ref, json_name(ref), before);
        return;
    }
}

static struct json *make_list(const struct status_row *row, const struct status_view *view, extend_fn *extend)
{
    const struct json *before = json_find(view->before, row->list);
    AUTO(json) struct json *refs = refs_of(row, view);
    AUTO(json) struct json *made = json_new_object();
    struct subjects subjects = {row, view, extend, refs, made, json_new_array()};
    bool ours = json_count(refs) != 0;
    json_each (entry, before) {
        if (is_text(entry, "controllerName", view->controller, "")) {
            ours = true;
            renew_entry(&subjects, entry);
        } else {
            json_append(subjects.list, json_copy(entry));
        }
    }
    json_each (ref, refs) {
        if (json_find(made, json_name(ref)) == NULL && json_count(subjects.list) < row->most)
            add_entry(&subjects, ref, json_name(ref), NULL);
    }
    if (!ours) {
        json_free(subjects.list);
        return NULL;
    }
    struct json *patch = json_new_object();
    json_set(patch, row->list, subjects.list);
    return patch;
}

static bool is_accepted(const struct status_view *view, const char *subject)
{
    const struct rules_condition *accepted = status_rule_condition(view, subject, "Accepted");
    return accepted != NULL && strcmp(accepted->status, "True") == 0;
}

/* While it is not known, what was said stands. */
static void keep_or_set(const struct status_view *view, const struct json *before, struct json *conditions,
                        const struct status_condition *unknown)
{
    const struct json *present = status_condition_find(before, "Programmed");
    if (present != NULL)
        json_append(conditions, json_copy(present));
    else
        status_condition_set(conditions, view, unknown);
}

static void keep_time(const struct json *before, struct json *conditions)
{
    const struct json *present = status_condition_find(before, "Programmed");
    if (present != NULL)
        json_append(conditions, json_copy(present));
}

static void extend_parent(const struct status_view *view, const struct json *ref, const char *subject,
                          const struct json *before, struct json *conditions)
{
    static const struct status_condition configured = {"Programmed", "True", "ConfiguredInGateway", ""};
    static const struct status_condition failed = {"Programmed", "False", "TranslationError", ""};
    static const struct status_condition unknown = {"Programmed", "Unknown", "Unknown", ""};
    if (!is_accepted(view, subject))
        return;
    if (view->outcome == STATUS_PROGRAMMED || view->outcome == STATUS_FAILED) {
        keep_time(before, conditions);
        status_condition_set(conditions, view, view->outcome == STATUS_PROGRAMMED ? &configured : &failed);
    } else {
        keep_or_set(view, before, conditions, &unknown);
    }
}

struct json *status_shape_parents(const struct status_row *row, const struct status_view *view)
{
    return make_list(row, view, extend_parent);
}

struct json *status_shape_ancestors(const struct status_row *row, const struct status_view *view)
{
    return make_list(row, view, NULL);
}

const char *status_service_kind(const char *kind)
{
    return strcmp(kind, "KongServiceFacade") == 0 ? "incubator.ingress-controller.konghq.com/v1alpha1/KongServiceFacade"
                                                  : "v1/Service";
}

static enum status_outcome ancestor_outcome(const struct status_view *view, const struct json *ref)
{
    const char *kind = json_find_text(ref, "kind"), *name = json_find_text(ref, "name");
    return view->outcome_of(view->user, status_service_kind(kind != NULL ? kind : ""), view->namespace,
                            name != NULL ? name : "");
}

static void extend_service(const struct status_view *view, const struct json *ref, const char *subject,
                           const struct json *before, struct json *conditions)
{
    static const struct status_condition programmed = {"Programmed", "True", "Programmed", ""};
    static const struct status_condition pending = {"Programmed", "False", "Pending", ""};
    enum status_outcome outcome = is_accepted(view, subject) ? ancestor_outcome(view, ref) : STATUS_FAILED;
    if (outcome == STATUS_PENDING) {
        keep_or_set(view, before, conditions, &pending);
    } else {
        keep_time(before, conditions);
        status_condition_set(conditions, view, outcome == STATUS_PROGRAMMED ? &programmed : &pending);
    }
}

struct json *status_shape_service_policies(const struct status_row *row, const struct status_view *view)
{
    return make_list(row, view, extend_service);
}

/* The subject of such a condition is the controller; each instance has an entry of its own. */
struct json *status_shape_controllers(const struct status_row *row, const struct status_view *view)
{
    const struct rules_condition *said = view->condition_count != 0 ? view->conditions[0] : NULL;
    AUTO(text)
    char *ours = xasprintf("konghq.com/kong-ingress-controller/%s", view->instance);
    struct json *list = json_new_array();
    const struct json *old = NULL;
    json_each (entry, json_find(view->before, row->list)) {
        if (is_text(entry, "controllerName", ours, ""))
            old = entry;
        else
            json_append(list, json_copy(entry));
    }
    if (said == NULL && old == NULL) {
        json_free(list);
        return NULL;
    }
    if (said != NULL) {
        struct json *entry = json_new_object();
        json_set_text(entry, "controllerName", ours);
        json_set(entry, "conditions",
                 status_conditions_about(view, said->subject, json_find(old, "conditions"), false));
        json_append(list, entry);
    }
    struct json *patch = json_new_object();
    json_set(patch, row->list, list);
    return patch;
}
