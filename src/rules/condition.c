/* What a rule says of an object, from its making to its end. */
#include "rules/rules.h"

void rules_condition_copy(struct rules_condition *target, const struct rules_condition *source)
{
    *target = (struct rules_condition){.subject = xstrdup(source->subject),
                                       .type = xstrdup(source->type),
                                       .status = xstrdup(source->status),
                                       .reason = xstrdup(source->reason),
                                       .message = xstrdup(source->message),
                                       .detail = xstrdup(source->detail)};
    kong_source_copy(&target->about, &source->about);
}

void rules_condition_done(struct rules_condition *condition)
{
    kong_source_done(&condition->about);
    free(condition->subject);
    free(condition->type);
    free(condition->status);
    free(condition->reason);
    free(condition->message);
    free(condition->detail);
}
