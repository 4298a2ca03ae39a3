/* Digests, encodings and certificates for rules.  Arguments are checked before anything is owned, because errors longjmp. */
#include "host_lib.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/x509.h"
#include "base/yaml.h"
#include "convert.h"
#include "host_regex.h"
#include "lua_budget.h"
#include "lua_read.h"
#include "lua_sort.h"
#include "lua_view.h"

#define BUFFER_NAME           "kongruent.buf"
#define BYTES_PER_INSTRUCTION 4 /* digests and encodings */
#define PEM_TOO_LONG          "the text is longer than a certificate or a key can be"
#define REGEX_COST            500  /* instructions; a pattern that is compiled and thrown away */
#define CERTIFICATE_COST      5000 /* instructions; a look at a certificate or a key, whatever its length */

typedef int nresults;

/* A buffer that goes with the Lua state, because what fills it, and what is made of it, may raise. */
static RAISES struct buf *push_buffer(lua_State *L)
{
    struct buf *buf = lua_newuserdatauv(L, sizeof(*buf), 0);
    *buf = (struct buf)BUF_INIT(HOST_LIB_TEXT_MAX);
    luaL_setmetatable(L, BUFFER_NAME);
    return buf;
}

static RAISES void push_text(lua_State *L, const struct buf *buf)
{
    lua_pushlstring(L, buf_text(buf), buf->length);
}

/* A text argument that C reads from beginning to end. */
static RAISES const char *take_text(lua_State *L, int index, size_t most, size_t *ret_length)
{
    const char *text = luaL_checklstring(L, index, ret_length);
    if (*ret_length > most)
        luaL_error(L, "a text of %d bytes is over the limit of %d", (int)*ret_length, (int)most);
    lua_budget_charge(lua_budget_of(L), L, *ret_length / BYTES_PER_INSTRUCTION);
    return text;
}

static RAISES nresults fail(lua_State *L, const char *text)
{
    luaL_pushfail(L);
    lua_pushstring(L, text);
    return 2;
}

static RAISES nresults host_sha256(lua_State *L)
{
    size_t length;
    const char *text = take_text(L, 1, HOST_LIB_TEXT_MAX, &length);
    char hex[HASH_HEX_SIZE];
    hash_sha256_hex(text, length, hex);
    lua_pushstring(L, hex);
    return 1;
}

static RAISES nresults host_uuid5(lua_State *L)
{
    size_t length;
    const char *namespace = luaL_checkstring(L, 1);
    const char *name = take_text(L, 2, HOST_LIB_TEXT_MAX, &length);
    char uuid[HASH_UUID_SIZE];
    luaL_argcheck(L, hash_uuid5(namespace, name, length, uuid), 1, "a UUID is expected");
    lua_pushstring(L, uuid);
    return 1;
}

static RAISES nresults host_base64_decode(lua_State *L)
{
    size_t length;
    const char *text = take_text(L, 1, HOST_LIB_TEXT_MAX, &length);
    struct buf *out = push_buffer(L);
    if (!hash_base64_decode(text, length, out))
        return fail(L, "broken base64");
    push_text(L, out);
    return 1;
}

static RAISES nresults host_base64_encode(lua_State *L)
{
    size_t length;
    const char *text = take_text(L, 1, HOST_LIB_TEXT_MAX / 4 * 3, &length);
    struct buf *out = push_buffer(L);
    hash_base64_encode(text, length, out);
    push_text(L, out);
    return 1;
}

static RAISES nresults host_json_decode(lua_State *L)
{
    size_t length;
    const char *text = take_text(L, 1, HOST_LIB_TEXT_MAX, &length);
    const char *problem = NULL;
    if (!convert_push(L, text, length, true, &problem))
        return fail(L, problem);
    return 1;
}

static RAISES nresults host_json_encode(lua_State *L)
{
    static const struct convert_print_options options = {.what = "value"};
    luaL_checkany(L, 1);
    struct buf *out = push_buffer(L);
    convert_print(L, 1, &options, out);
    push_text(L, out);
    return 1;
}

static nresults buf_collect(lua_State *L)
{
    buf_done(lua_touserdata(L, 1));
    return 0;
}

static int take_document(void *user, const struct yaml_document *document, struct err *err)
{
    struct buf *out = user;
    if (out->length != 0)
        return err_set(err, ERR_PARSE, "line %d: only one YAML document is expected", document->line);
    return buf_append(out, document->text, document->length);
}

static RAISES nresults host_check_regex(lua_State *L)
{
    size_t length;
    struct err err = ERR_INIT;
    const char *pattern = take_text(L, 1, HOST_LIB_TEXT_MAX, &length);
    const char *flavor = luaL_checkstring(L, 2);
    lua_budget_charge(lua_budget_of(L), L, REGEX_COST);
    if (host_regex_check(pattern, length, flavor, &err) != 0)
        return fail(L, err.text);
    lua_pushboolean(L, 1);
    return 1;
}

static RAISES nresults host_yaml_decode(lua_State *L)
{
    size_t length;
    struct err err = ERR_INIT;
    const char *text = take_text(L, 1, HOST_LIB_YAML_MAX, &length);
    struct yaml_input input = {.text = text, .length = length, .limit = HOST_LIB_YAML_JSON_MAX};
    struct buf *json = push_buffer(L);
    if (yaml_each_document(&input, take_document, json, NULL, &err) != 0)
        return fail(L, err.text);
    if (json->length == 0) {
        convert_push_null(L);
        return 1;
    }
    const char *problem = NULL;
    if (!convert_push(L, json->data, json->length, true, &problem))
        return fail(L, problem);
    return 1;
}

/* Only a table of the rule's own: its metatable is exchanged. */
static RAISES nresults host_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        lua_newtable(L);
    else
        luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (convert_is_array(L, 1))
        return 1;
    if (lua_getmetatable(L, 1))
        return luaL_error(L, "host.array: a table with a metatable, or a read-only one, cannot be marked");
    convert_mark_array(L);
    return 1;
}

static nresults host_is_array(lua_State *L)
{
    lua_view_open(L, 1);
    lua_pushboolean(L, lua_istable(L, 1) && (lua_rawlen(L, 1) > 0 || convert_is_array(L, 1)));
    return 1;
}

static RAISES nresults host_trim(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    static const char space[] = " \t\n\r\v\f";
    while (length > 0 && strchr(space, text[0]) != NULL && text[0] != '\0') {
        text++;
        length--;
    }
    while (length > 0 && strchr(space, text[length - 1]) != NULL && text[length - 1] != '\0')
        length--;
    lua_pushlstring(L, text, length);
    return 1;
}

static RAISES nresults host_split(lua_State *L)
{
    size_t length, size;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *separator = luaL_checklstring(L, 2, &size);
    struct lua_budget *budget = lua_budget_of(L);
    luaL_argcheck(L, size > 0, 2, "an empty separator");
    lua_budget_charge_bytes(budget, L, length);
    lua_newtable(L);
    const char *end = text + length;
    for (lua_Integer i = 1;; i++) {
        const char *found = memmem(text, (size_t)(end - text), separator, size);
        lua_budget_charge(budget, L, 1);
        lua_pushlstring(L, text, (size_t)((found != NULL ? found : end) - text));
        lua_rawseti(L, -2, i);
        if (found == NULL)
            return 1;
        text = found + size;
    }
}

/* PEM texts come from objects: what is too long is refused like what is broken. */
static RAISES const char *take_pem(lua_State *L, int index)
{
    size_t length;
    const char *text = luaL_checklstring(L, index, &length);
    lua_budget_charge(lua_budget_of(L), L, CERTIFICATE_COST + length / BYTES_PER_INSTRUCTION);
    return length <= HOST_LIB_PEM_MAX ? text : NULL;
}

static RAISES nresults host_check_key_pair(lua_State *L)
{
    const char *cert = take_pem(L, 1);
    const char *key = take_pem(L, 2);
    struct err err = ERR_INIT;
    if (cert == NULL || key == NULL)
        return fail(L, PEM_TOO_LONG);
    lua_rawgetp(L, LUA_REGISTRYINDEX, (const void *)host_check_key_pair);
    struct x509_reader **reader = lua_touserdata(L, -1);
    if (x509_check_pair(*reader, cert, key, &err) != 0)
        return fail(L, err.text);
    lua_pushboolean(L, 1);
    return 1;
}

static RAISES nresults host_certificate_facts(lua_State *L)
{
    struct x509_facts facts = {0};
    struct err err = ERR_INIT;
    const char *pem = take_pem(L, 1);
    struct buf *canonical = push_buffer(L);
    int rc = pem != NULL ? x509_read(pem, &facts, canonical, &err) : err_set(&err, ERR_TOO_BIG, "%s", PEM_TOO_LONG);
    lua_budget_charge(lua_budget_of(L), L, (uint64_t)facts.certificates * CERTIFICATE_COST);
    if (rc != 0)
        fail(L, err.text);
    lua_createtable(L, 0, 5);
    lua_pushinteger(L, facts.certificates);
    lua_setfield(L, -2, "certificates");
    lua_pushboolean(L, facts.other_block);
    lua_setfield(L, -2, "other_block");
    lua_pushboolean(L, facts.is_authority);
    lua_setfield(L, -2, "is_authority");
    lua_pushinteger(L, (lua_Integer)facts.not_after);
    lua_setfield(L, -2, "not_after");
    push_text(L, canonical);
    lua_setfield(L, -2, "canonical");
    return rc == 0 ? 1 : 3; /* on failure: nil, a sentence, and what could be seen of the blocks */
}

static RAISES nresults host_certificate_key(lua_State *L)
{
    size_t cert_length, key_length;
    lua_settop(L, 2);
    lua_pushcfunction(L, host_trim);
    luaL_checkstring(L, 1);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_pushcfunction(L, host_trim);
    luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    lua_call(L, 1, 1);
    const char *cert = lua_tolstring(L, 3, &cert_length);
    const char *key = lua_tolstring(L, 4, &key_length);
    lua_pushlstring(L, cert, cert_length);
    lua_pushliteral(L, "\n");
    lua_pushlstring(L, key, key_length);
    lua_concat(L, 3);
    const char *text = take_text(L, -1, 2 * HOST_LIB_TEXT_MAX, &cert_length);
    char hex[HASH_HEX_SIZE];
    hash_sha256_hex(text, cert_length, hex);
    lua_pushstring(L, hex);
    return 1;
}

static RAISES nresults host_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)clock_wall());
    return 1;
}

/* upvalues: the table, the sorted array of its keys, the position */
static RAISES nresults next_sorted(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3)) + 1;
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, lua_upvalueindex(1));
    return 2;
}

/* Numbers before strings, each in their order. */
static RAISES bool key_before(lua_State *L, struct lua_budget *budget, int left, int right)
{
    bool left_number = lua_type(L, left) == LUA_TNUMBER, right_number = lua_type(L, right) == LUA_TNUMBER;
    return left_number != right_number ? left_number : lua_sort_less(L, budget, left, right);
}

static RAISES nresults host_sorted_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_view_open(L, 1);
    lua_newtable(L);
    lua_Integer count = 0;
    struct lua_budget *budget = lua_budget_of(L);
    for (lua_pushnil(L); lua_next(L, 1) != 0;) {
        lua_budget_charge(budget, L, 1);
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, ++count);
    }
    lua_sort(L, 2, count, key_before);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_sorted, 3);
    return 1;
}

static nresults reader_collect(lua_State *L)
{
    struct x509_reader **reader = lua_touserdata(L, 1);
    x509_reader_free(*reader);
    *reader = NULL;
    return 0;
}

/* The state's reader of keys, kept where host_check_key_pair finds it. */
static RAISES void keep_reader(lua_State *L)
{
    struct x509_reader **reader = lua_newuserdatauv(L, sizeof(struct x509_reader *), 0);
    *reader = NULL;
    if (luaL_newmetatable(L, "kongruent.x509_reader")) {
        lua_pushcfunction(L, reader_collect);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *reader = x509_reader_new();
    lua_rawsetp(L, LUA_REGISTRYINDEX, (const void *)host_check_key_pair);
}

static const luaL_Reg FUNCTIONS[] = {
    {"sha256", host_sha256},
    {"uuid5", host_uuid5},
    {"base64_decode", host_base64_decode},
    {"base64_encode", host_base64_encode},
    {"json_decode", host_json_decode},
    {"json_encode", host_json_encode},
    {"yaml_decode", host_yaml_decode},
    {"array", host_array},
    {"is_array", host_is_array},
    {"trim", host_trim},
    {"split", host_split},
    {"check_key_pair", host_check_key_pair},
    {"check_regex", host_check_regex},
    {"certificate_facts", host_certificate_facts},
    {"certificate_key", host_certificate_key},
    {"now", host_now},
    {"sorted_pairs", host_sorted_pairs},
    {NULL, NULL},
};

RAISES int host_lib_open(lua_State *L)
{
    convert_open(L);
    if (luaL_newmetatable(L, BUFFER_NAME)) {
        lua_pushcfunction(L, buf_collect);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
    keep_reader(L);
    luaL_newlib(L, FUNCTIONS);
    convert_push_null(L);
    lua_setfield(L, -2, "null");
    return 1;
}
