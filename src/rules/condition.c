/* What a rule says of an object, from its making to its end. */
#include <string.h>

#include "base/alloc.h"
#include "rules/said.h"

struct rules_condition *rules_condition_new(const struct kong_source *about, const struct rules_condition_texts *texts)
{
    const char *const given[] = {texts->subject, texts->type,    texts->status,
                                 texts->reason,  texts->message, texts->detail};
    size_t sizes[COUNT_OF(given)], total = 0;
    for (size_t i = 0; i < COUNT_OF(given); i++)
        total += sizes[i] = given[i] != NULL ? strlen(given[i]) + 1 : 1;
    struct rules_condition *condition = xmalloc(sizeof(*condition) + total);
    *condition = (struct rules_condition){0};
    atomic_init(&condition->references, 1);
    kong_source_copy(&condition->about, about);
    const char **const targets[] = {&condition->subject, &condition->type,    &condition->status,
                                    &condition->reason,  &condition->message, &condition->detail};
    char *block = (char *)(condition + 1);
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        *targets[i] = memcpy(block, given[i] != NULL ? given[i] : "", sizes[i]);
        block += sizes[i];
    }
    return condition;
}

struct rules_condition *rules_condition_ref(struct rules_condition *condition)
{
    atomic_fetch_add_explicit(&condition->references, 1, memory_order_relaxed);
    return condition;
}

void rules_condition_unref(struct rules_condition *condition)
{
    if (condition == NULL || atomic_fetch_sub_explicit(&condition->references, 1, memory_order_acq_rel) != 1)
        return;
    kong_source_done(&condition->about);
    free(condition);
}

int rules_condition_compare(const struct rules_condition *left, const struct rules_condition *right)
{
    const char *const pairs[][2] = {{left->about.kind, right->about.kind},
                                    {left->about.namespace, right->about.namespace},
                                    {left->about.name, right->about.name},
                                    {left->subject, right->subject},
                                    {left->type, right->type},
                                    {left->reason, right->reason},
                                    {left->message, right->message},
                                    {left->status, right->status},
                                    {left->detail, right->detail},
                                    {left->about.uid, right->about.uid}};
    int order = 0;
    for (size_t i = 0; order == 0 && i < COUNT_OF(pairs); i++)
        order = strcmp(pairs[i][0], pairs[i][1]);
    return order;
}
