/* Compares the kinds that are waited for with the tags of what the gateway holds. */
#include "missing_kind.h"

#include <string.h>

#include "kong/problem.h"

static bool removed_on_purpose(const struct store_kind *kind, const struct options *options)
{
    for (const char *const *word = options_list(options, OPT_REMOVED_KINDS); *word != NULL; word++) {
        if (strcmp(*word, kind->kind) == 0)
            return true;
    }
    return false;
}

const struct store_kind *missing_kind_find(struct kube_source *source, struct kong_session *session,
                                           const struct options *options)
{
    size_t count = source != NULL ? kube_source_count(source) : 0;
    for (size_t i = 0; i < count; i++) {
        struct kube_source_status status = kube_source_status(source, i);
        if (status.total.state != KUBE_WAITING || removed_on_purpose(status.kind, options))
            continue;
        AUTO(text) char *tag = xasprintf("k8s-kind:%s", status.kind->kind);
        if (kong_session_holds_tag(session, tag))
            return status.kind;
    }
    return NULL;
}

struct problem *missing_kind_problem(const struct store_kind *kind)
{
    struct kong_source about = {(char *)kind->id, (char *)"", (char *)kind->kind, (char *)""};
    AUTO(text)
    char *text = xasprintf("the API server does not serve %s, but the gateway holds what was made from such "
                           "objects: nothing is deleted (--removed-kinds %s when that is meant)",
                           kind->id, kind->kind);
    return problem_new(PROBLEM_ERROR, "KindMissing", &about, text);
}
