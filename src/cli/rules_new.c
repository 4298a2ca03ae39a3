/* The texts of new rule files: they load as they are and change nothing yet. */
#include "rules_new.h"

#include <string.h>

#define COMMENT_COLUMNS 100

static void print_steps(const struct rules_file *rule, FILE *out)
{
    size_t column = COMMENT_COLUMNS;
    for (const char *const *step = rule->steps; *step != NULL; step++) {
        if (column + strlen(*step) + 1 > COMMENT_COLUMNS) {
            fprintf(out, "\n--  ");
            column = 0;
        }
        fprintf(out, " %s", *step);
        column += strlen(*step) + 1;
    }
}

void rules_new_extends(const struct rules_file *rule, FILE *out)
{
    fprintf(out,
            "-- Wraps steps of %s. A step is given what the bundled one is given, with `super` in front: call it,\n"
            "-- change what it returns, or return something else. The steps of this rule:",
            rule->path);
    print_steps(rule, out);
    fprintf(out,
            "\nreturn {\n"
            "  api = 1,\n"
            "  extends = '%s',\n\n"
            "  %s = function(super, ctx, ...)\n"
            "    return super(ctx, ...)\n"
            "  end,\n"
            "}\n",
            rule->target, rule->steps[0] != NULL ? rule->steps[0] : "translate");
}

void rules_new_adjusts(const char *entity_kind, FILE *out)
{
    fprintf(out,
            "-- Sees every %s before it is taken: change its fields and return it, or return nil to drop it.\n"
            "-- `object` is the Kubernetes object that it came from, or nil.\n"
            "return {\n"
            "  api = 1,\n"
            "  adjusts = '%s',\n\n"
            "  adjust = function(ctx, entity, object)\n"
            "    return entity\n"
            "  end,\n"
            "}\n",
            entity_kind, entity_kind);
}

void rules_new_kind(const char *kind, FILE *out)
{
    fprintf(
        out,
        "-- What a %s means in Kong: called for each object, and again whenever something that it read has changed.\n"
        "local M = {\n"
        "  api = 1,\n"
        "  kind = '%s',\n"
        "  reads = {}, -- further kinds, for ctx:lookup and ctx:list\n"
        "}\n\n"
        "-- Functions in M are steps, which overrides can wrap.\n"
        "function M:fields(ctx, object)\n"
        "  return { name = object.metadata.namespace .. '.' .. object.metadata.name, host = 'example.com', port = 80 "
        "}\n"
        "end\n\n"
        "function M:translate(ctx, object)\n"
        "  ctx:emit('service', self:fields(ctx, object))\n"
        "end\n\n"
        "return M\n",
        strrchr(kind, '/') + 1, kind);
}
