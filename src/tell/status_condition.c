/* Lists of conditions: which stay, which change, and when a time changes. */
#include <string.h>

#include "status_shape.h"

const struct json *status_condition_find(const struct json *conditions, const char *type)
{
    json_each (condition, conditions) {
        const char *name = json_find_text(condition, "type");
        if (name != NULL && strcmp(name, type) == 0)
            return condition;
    }
    return NULL;
}

/* The server refuses what is too long; a sentence is cut between characters. */
static void set_cut(struct json *condition, const char *name, const char *text, size_t most)
{
    size_t length = strlen(text);
    if (length > most) {
        length = most;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    AUTO(text) char *cut = xstrndup(text, length);
    json_set_text(condition, name, cut);
}

void status_condition_set(struct json *conditions, const struct status_view *view,
                          const struct status_condition *condition)
{
    struct json *entry = (struct json *)status_condition_find(conditions, condition->type);
    if (entry == NULL) {
        entry = json_new_object();
        json_set_text(entry, "type", condition->type);
        json_append(conditions, entry);
    }
    const char *status = json_find_text(entry, "status");
    if (status == NULL || strcmp(status, condition->status) != 0 || json_find_text(entry, "lastTransitionTime") == NULL)
        json_set_text(entry, "lastTransitionTime", view->now);
    json_set_text(entry, "status", condition->status);
    set_cut(entry, "reason", condition->reason, STATUS_REASON_MAX);
    set_cut(entry, "message", condition->message, STATUS_MESSAGE_MAX);
    json_set_number(entry, "observedGeneration", (double)view->generation);
}

const struct rules_condition *status_rule_condition(const struct status_view *view, const char *subject,
                                                    const char *type)
{
    for (size_t i = 0; i < view->condition_count; i++) {
        const struct rules_condition *condition = view->conditions[i];
        if (strcmp(condition->subject, subject) == 0 && (type == NULL || strcmp(condition->type, type) == 0))
            return condition;
    }
    return NULL;
}

struct json *status_conditions_about(const struct status_view *view, const char *subject, const struct json *before,
                                     bool keep_others)
{
    struct json *conditions = json_new_array();
    json_each (condition, before) {
        const char *type = json_find_text(condition, "type");
        if (type != NULL && (keep_others || status_rule_condition(view, subject, type) != NULL))
            json_append(conditions, json_copy(condition));
    }
    for (size_t i = 0; i < view->condition_count; i++) {
        const struct rules_condition *said = view->conditions[i];
        struct status_condition condition = {said->type, said->status, said->reason, said->message};
        if (strcmp(said->subject, subject) == 0)
            status_condition_set(conditions, view, &condition);
    }
    return conditions;
}
