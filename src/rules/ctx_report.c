/* What a running rule says of objects: problems and conditions.  All that may raise comes before what is made of it. */
#include <lauxlib.h>
#include <string.h>

#include "ctx.h"
#include "kong/problem_codes.h"
#include "lua/convert.h"
#include "lua/read.h"
#include "lua/view.h"

#define REPORT_COST 256 /* bytes that a report takes beside its texts */
#define CODE_MAX    100 /* bytes of a code, a type, a reason */

typedef int nresults;

/* The object at index 2 that a report is about; nil: the node's own. */
static RAISES void source_of_argument(struct ctx *ctx, lua_State *L, struct kong_source *ret_source)
{
    if (lua_isnoneornil(L, 2)) {
        ctx_node_source(ctx->run.node, ret_source);
        return;
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    ctx_source_of(L, 2, ret_source);
}

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* A word that others compare and print: letters and digits, and those of `more` within. */
static bool is_code(const char *text, const char *more)
{
    size_t length = strlen(text), at = 0;
    while (at < length && (strchr(LETTERS, text[at]) != NULL || strchr(more, text[at]) != NULL))
        at++;
    return length > 0 && length <= CODE_MAX && at == length && strchr(more, text[0]) == NULL &&
           strchr(more, text[length - 1]) == NULL;
}

/* ctx:problem(object, code, text) */
RAISES nresults ctx_problem(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const char *code = lua_read_argument(L, 3, "code");
    luaL_argcheck(L, is_code(code, ""), 3, "a code of letters and digits is expected");
    const char *text = lua_read_clean(L, 4);
    ctx_collect(ctx, L, REPORT_COST + strlen(text));
    struct kong_source about;
    source_of_argument(ctx, L, &about);
    const struct problem_code *row = problem_code_find(code);
    struct problem *problem = problem_new(row != NULL ? row->severity : PROBLEM_WARN, code, &about, text);
    kong_source_done(&about);
    vec_push(&ctx->run.problems, problem);
    return 0;
}

/* Pushes a member of the condition at index 3 that is a word. */
static RAISES const char *push_code(lua_State *L, const char *name, const char *more)
{
    const char *text = lua_read_text(L, 3, name, "condition", true);
    if (!is_code(text, more))
        luaL_error(L, "condition.%s: '%s' is no word of letters and digits", name, text);
    return text;
}

static RAISES const char *push_status(lua_State *L)
{
    const char *text = lua_read_text(L, 3, "status", "condition", true);
    if (strcmp(text, "True") != 0 && strcmp(text, "False") != 0 && strcmp(text, "Unknown") != 0)
        luaL_error(L, "condition.status: True, False or Unknown is expected");
    return text;
}

static RAISES const char *push_message(lua_State *L)
{
    int type = lua_read_member(L, 3, "message");
    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(L, "condition.message: a text is expected, not %s", luaL_typename(L, -1));
    return type == LUA_TSTRING ? lua_read_clean(L, -1) : "";
}

/* Prints the detail into ctx->text, or nothing. */
static RAISES void print_detail(struct ctx *ctx, lua_State *L)
{
    static const struct convert_print_options options = {.what = "condition.detail", .storable = true};
    buf_clear(&ctx->text);
    if (lua_read_member(L, 3, "detail") != LUA_TNIL)
        convert_print(L, -1, &options, &ctx->text);
}

/* ctx:condition(object, { type, status, reason, message, subject, detail }) */
RAISES nresults ctx_condition(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 3);
    luaL_checkstack(L, 20, "a condition");
    lua_view_open(L, 3);
    const char *type = push_code(L, "type", "-_./");
    const char *status = push_status(L);
    const char *reason = push_code(L, "reason", "_,:");
    const char *subject = lua_read_text(L, 3, "subject", "condition", false);
    const char *message = push_message(L);
    print_detail(ctx, L);
    ctx_collect(ctx, L, REPORT_COST + ctx->text.length + strlen(message) + (subject != NULL ? strlen(subject) : 0));
    struct kong_source about;
    source_of_argument(ctx, L, &about);
    const struct rules_condition_texts texts = {.subject = subject,
                                                .type = type,
                                                .status = status,
                                                .reason = reason,
                                                .message = message,
                                                .detail = buf_text(&ctx->text)};
    struct rules_condition *condition = rules_condition_new(&about, &texts);
    kong_source_done(&about);
    vec_push(&ctx->run.conditions, condition);
    return 0;
}
