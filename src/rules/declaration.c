/* A rule file's table is read raw, once, into texts of our own. */
#include "declaration.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loader_near.h"
#include "lua/read.h"
#include "lua/view.h"
#include "source_line.h"

typedef int nresults;

static const char *const VERBS[] = {"kind", "shared", "extends", "replaces", "adjusts"};
static const char *const LISTS[] = {"reads", "contributes", "consults"};
static const char *const WORDS[] = {"api",      "kind",    "shared",   "reads",  "contributes",
                                    "consults", "extends", "replaces", "adjusts"};

const char *declaration_verb_name(enum declaration_verb verb)
{
    return VERBS[verb];
}

int declaration_refuse(const struct declaration *declaration, int line, const char *text, const char *word,
                       struct err *err)
{
    return err_set(err, ERR_RULE, "%s:%d: %s%s%s%s", declaration->file, line != 0 ? line : declaration->line, text,
                   word != NULL ? " '" : "", word != NULL ? word : "", word != NULL ? "'" : "");
}

int declaration_refuse_word(const struct declaration *declaration, const struct word *word, const char *what,
                            const char *const *words, size_t count, struct err *err)
{
    const char *near = loader_near(word->text, words, count);
    return err_set(err, ERR_RULE, "%s:%d: unknown %s '%s'%s%s%s", declaration->file, word->line, what, word->text,
                   near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

bool declaration_has_step(const struct declaration *declaration, const char *name)
{
    for (size_t i = 0; i < declaration->steps.count; i++) {
        if (strcmp(declaration->steps.items[i].text, name) == 0)
            return true;
    }
    return false;
}

static void words_done(struct word_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    vec_done(list);
}

void declaration_done(struct declaration *declaration)
{
    free(declaration->file);
    free(declaration->target.text);
    words_done(&declaration->steps);
    for (int i = 0; i < DECLARATION_LIST_COUNT; i++)
        words_done(&declaration->lists[i]);
    *declaration = (struct declaration){0};
}

/* What is read into what, within the gate; all of it outlives an error. */
struct reading {
    struct declaration *declaration;
    struct buf text; /* the file's */
    struct err *err;
};

/* Raises what declaration_refuse or its like has put into the error. */
static RAISES void raise_error(lua_State *L, const struct reading *reading)
{
    lua_pushstring(L, reading->err->text);
    lua_error(L);
}

static RAISES void refuse(lua_State *L, const struct reading *reading, int line, const char *text, const char *word)
{
    declaration_refuse(reading->declaration, line, text, word, reading->err);
    raise_error(L, reading);
}

static int line_of_key(const struct reading *reading, const char *key)
{
    return source_line_of_key(buf_text(&reading->text), key, reading->declaration->line);
}

/* A copy of the text on top, with its place. */
static struct word word_of(const struct reading *reading, const char *text, int from_line)
{
    return (struct word){xstrdup(text), source_line_of_text(buf_text(&reading->text), text, from_line)};
}

/* The text on top of the stack; its key or list is `name`. */
static RAISES const char *check_text(lua_State *L, const struct reading *reading, const char *text, const char *name)
{
    if (lua_type(L, -1) != LUA_TSTRING)
        refuse(L, reading, line_of_key(reading, name), text, name);
    size_t length;
    const char *word = lua_tolstring(L, -1, &length);
    const char *fault = length == 0 ? "an empty text" : lua_read_fault(word, length, false);
    if (fault != NULL)
        refuse(L, reading, line_of_key(reading, name), lua_pushfstring(L, "%s is no value for", fault), name);
    return word;
}

static bool is_word(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        if (strcmp(WORDS[i], name) == 0)
            return true;
    }
    return false;
}

static RAISES void take_step(lua_State *L, const struct reading *reading, const char *name)
{
    struct declaration *declaration = reading->declaration;
    if (declaration->steps.count == DECLARATION_STEPS_MAX)
        refuse(L, reading, 0, lua_pushfstring(L, "more than %d steps", DECLARATION_STEPS_MAX), NULL);
    struct word step = {xstrdup(name), line_of_key(reading, name)};
    vec_push(&declaration->steps, step);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(((const struct word *)left)->text, ((const struct word *)right)->text);
}

/* Every member is a step or one of the known words. */
static RAISES void read_names(lua_State *L, const struct reading *reading, int table)
{
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            refuse(L, reading, 0, "the table must have named members only", NULL);
        size_t length;
        const char *name = lua_tolstring(L, -2, &length);
        if (lua_read_fault(name, length, false) != NULL)
            refuse(L, reading, 0, "the name of a member is no sound text", NULL);
        if (lua_isfunction(L, -1)) {
            take_step(L, reading, name);
        } else if (!is_word(name)) {
            struct word word = {(char *)(uintptr_t)name, line_of_key(reading, name)};
            declaration_refuse_word(reading->declaration, &word, "key", WORDS, COUNT_OF(WORDS), reading->err);
            raise_error(L, reading);
        }
    }
    struct word_list *steps = &reading->declaration->steps;
    if (steps->count > 1)
        qsort(steps->items, steps->count, sizeof(*steps->items), by_text);
}

static RAISES void read_verb(lua_State *L, const struct reading *reading, int table)
{
    struct declaration *declaration = reading->declaration;
    int found = 0;
    for (int i = 0; i < DECLARATION_VERB_COUNT; i++) {
        if (lua_read_member(L, table, VERBS[i]) != LUA_TNIL) {
            const char *target = check_text(L, reading, "a text is expected for", VERBS[i]);
            if (found++ == 0) {
                declaration->verb = (enum declaration_verb)i;
                declaration->target = (struct word){xstrdup(target), line_of_key(reading, VERBS[i])};
            }
        }
        lua_pop(L, 1);
    }
    if (found != 1)
        refuse(L, reading, 0, "exactly one of 'kind', 'shared', 'extends', 'replaces', 'adjusts' is needed", NULL);
}

static RAISES void read_list(lua_State *L, const struct reading *reading, int table, enum declaration_list which)
{
    static const char texts[] = "a list of strings is expected for";
    const char *name = LISTS[which];
    struct word_list *list = &reading->declaration->lists[which];
    list->line = line_of_key(reading, name);
    if (lua_read_member(L, table, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        refuse(L, reading, list->line, "a list is expected for", name);
    lua_view_open(L, -1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    if (count > DECLARATION_WORDS_MAX)
        refuse(L, reading, list->line, lua_pushfstring(L, "more than %d words in", DECLARATION_WORDS_MAX), name);
    lua_pushnil(L);
    if (count == 0 && lua_next(L, -2) != 0)
        refuse(L, reading, list->line, texts, name);
    lua_settop(L, table + 1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        struct word word = word_of(reading, check_text(L, reading, texts, name), list->line);
        vec_push(list, word);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Within the gate; arguments: the reading, and what the file returned. */
static RAISES nresults read_table(lua_State *L)
{
    const struct reading *reading = lua_touserdata(L, 1);
    if (!lua_istable(L, 2))
        refuse(L, reading, 0, "the file must return a table", NULL);
    lua_pushvalue(L, 2);
    reading->declaration->table_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_view_open(L, 2);
    read_names(L, reading, 2);
    if (lua_read_member(L, 2, "api") != LUA_TNUMBER || !lua_isinteger(L, -1) || lua_tointeger(L, -1) != 1)
        refuse(L, reading, line_of_key(reading, "api"), "'api = 1' is needed: no other version is known", NULL);
    lua_pop(L, 1);
    read_verb(L, reading, 2);
    for (int i = 0; i < DECLARATION_LIST_COUNT; i++)
        read_list(L, reading, 2, (enum declaration_list)i);
    return 0;
}

static int read_result(struct lua_host *host, struct reading *reading)
{
    int rc = lua_host_run(host, &reading->text, reading->declaration->file, reading->err);
    if (rc != 0)
        return rc;
    reading->declaration->line = source_line_of_return(buf_text(&reading->text));
    lua_pushcfunction(host->L, read_table);
    lua_insert(host->L, -2);
    lua_pushlightuserdata(host->L, reading);
    lua_insert(host->L, -2);
    return lua_host_call(host, 2, 0, reading->err);
}

int declaration_read(struct declaration *ret_declaration, struct lua_host *host, const char *path, const char *shown,
                     struct err *err)
{
    struct reading reading = {ret_declaration, BUF_INIT(LUA_HOST_FILE_MAX), err};
    *ret_declaration = (struct declaration){.file = xstrdup(shown), .line = 1, .table_ref = LUA_NOREF};
    int rc = lua_host_read_file(path, &reading.text, err);
    if (rc == 0)
        rc = read_result(host, &reading);
    else
        err_wrap(err, "%s:1", shown);
    buf_done(&reading.text);
    return rc;
}
