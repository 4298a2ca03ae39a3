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

typedef int nresults;

/* Pushes a copy and releases the buffer, even when there is no memory for the copy (the state then ends its run anyway). */
static void push_buf(lua_State *L, struct buf *buf)
{
    lua_pushlstring(L, buf_text(buf), buf->length);
    buf_done(buf);
}

static nresults fail(lua_State *L, const char *text)
{
    luaL_pushfail(L);
    lua_pushstring(L, text);
    return 2;
}

static nresults host_sha256(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    char hex[HASH_HEX_SIZE];
    hash_sha256_hex(text, length, hex);
    lua_pushstring(L, hex);
    return 1;
}

static nresults host_uuid5(lua_State *L)
{
    size_t length;
    const char *namespace = luaL_checkstring(L, 1);
    const char *name = luaL_checklstring(L, 2, &length);
    char uuid[HASH_UUID_SIZE];
    luaL_argcheck(L, hash_uuid5(namespace, name, length, uuid), 1, "a UUID is expected");
    lua_pushstring(L, uuid);
    return 1;
}

static nresults host_base64_decode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct buf out = BUF_OWN;
    if (!hash_base64_decode(text, length, &out)) {
        buf_done(&out);
        return fail(L, "broken base64");
    }
    push_buf(L, &out);
    return 1;
}

static nresults host_base64_encode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct buf out = BUF_OWN;
    hash_base64_encode(text, length, &out);
    push_buf(L, &out);
    return 1;
}

static nresults host_json_decode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *problem = NULL;
    if (!convert_push(L, text, length, true, &problem))
        return fail(L, problem);
    return 1;
}

static nresults host_json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    /* the buffer's struct lives in a userdata with a finalizer, because printing may raise */
    struct buf *out = lua_newuserdatauv(L, sizeof(*out), 0);
    *out = (struct buf)BUF_OWN;
    luaL_setmetatable(L, "kongruent.buf");
    convert_print(L, 1, NULL, out);
    lua_pushlstring(L, buf_text(out), out->length);
    return 1;
}

static nresults buf_collect(lua_State *L)
{
    buf_done(lua_touserdata(L, 1));
    return 0;
}

static nresults host_yaml_decode(lua_State *L)
{
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    struct err err = ERR_INIT;
    struct json *tree = NULL;
    if (yaml_parse(text, length, &tree, &err) != 0)
        return fail(L, err.text);
    if (tree == NULL) {
        convert_push_null(L);
        return 1;
    }
    struct buf *json = lua_newuserdatauv(L, sizeof(*json), 0);
    *json = (struct buf)BUF_OWN;
    luaL_setmetatable(L, "kongruent.buf");
    json_print(tree, json);
    json_free(tree);
    const char *problem = NULL;
    if (!convert_push(L, json->data, json->length, true, &problem))
        return fail(L, problem);
    return 1;
}

static nresults host_array(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        lua_newtable(L);
    else
        luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    convert_mark_array(L);
    return 1;
}

static nresults host_is_array(lua_State *L)
{
    lua_pushboolean(L, lua_istable(L, 1) && (lua_rawlen(L, 1) > 0 || convert_is_array(L, 1)));
    return 1;
}

static nresults host_trim(lua_State *L)
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

static nresults host_split(lua_State *L)
{
    size_t length, size;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *separator = luaL_checklstring(L, 2, &size);
    luaL_argcheck(L, size > 0, 2, "an empty separator");
    lua_newtable(L);
    const char *end = text + length;
    for (lua_Integer i = 1;; i++) {
        const char *found = memmem(text, (size_t)(end - text), separator, size);
        lua_pushlstring(L, text, (size_t)((found != NULL ? found : end) - text));
        lua_rawseti(L, -2, i);
        if (found == NULL)
            return 1;
        text = found + size;
    }
}

static nresults host_check_key_pair(lua_State *L)
{
    const char *cert = luaL_checkstring(L, 1);
    const char *key = luaL_checkstring(L, 2);
    struct err err = ERR_INIT;
    lua_rawgetp(L, LUA_REGISTRYINDEX, (const void *)host_check_key_pair);
    struct x509_reader **reader = lua_touserdata(L, -1);
    if (x509_check_pair(*reader, cert, key, &err) != 0)
        return fail(L, err.text);
    lua_pushboolean(L, 1);
    return 1;
}

static nresults host_certificate_facts(lua_State *L)
{
    const char *pem = luaL_checkstring(L, 1);
    struct x509_facts facts = {0};
    struct err err = ERR_INIT;
    struct buf canonical = BUF_OWN;
    int rc = x509_read(pem, &facts, &canonical, &err);
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
    push_buf(L, &canonical);
    lua_setfield(L, -2, "canonical");
    return rc == 0 ? 1 : 3; /* on failure: nil, a sentence, and what could be seen of the blocks */
}

static nresults host_certificate_key(lua_State *L)
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
    const char *text = lua_tolstring(L, -1, &cert_length);
    char hex[HASH_HEX_SIZE];
    hash_sha256_hex(text, cert_length, hex);
    lua_pushstring(L, hex);
    return 1;
}

static nresults host_now(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)clock_wall());
    return 1;
}

/* upvalues: the table, the sorted array of its keys, the position */
static nresults next_sorted(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3)) + 1;
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    if (lua_rawgeti(L, lua_upvalueindex(2), at) == LUA_TNIL)
        return 1;
    lua_pushvalue(L, -1);
    lua_gettable(L, lua_upvalueindex(1));
    return 2;
}

/* Numbers before strings, each in their order. */
static nresults key_before(lua_State *L)
{
    bool left_number = lua_type(L, 1) == LUA_TNUMBER, right_number = lua_type(L, 2) == LUA_TNUMBER;
    bool before = left_number != right_number ? left_number : lua_compare(L, 1, 2, LUA_OPLT);
    lua_pushboolean(L, before);
    return 1;
}

static nresults host_sorted_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_newtable(L);
    lua_Integer count = 0;
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, 2, ++count);
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, (const void *)host_sorted_pairs); /* table.sort, kept from before the sandbox */
    lua_pushvalue(L, 2);
    lua_pushcfunction(L, key_before);
    lua_call(L, 2, 0);
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
static void keep_reader(lua_State *L)
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

int host_lib_open(lua_State *L)
{
    convert_open(L);
    if (luaL_newmetatable(L, "kongruent.buf")) {
        lua_pushcfunction(L, buf_collect);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
    keep_reader(L);
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_rawsetp(L, LUA_REGISTRYINDEX, (const void *)host_sorted_pairs);
    lua_pop(L, 1);
    luaL_newlib(L, FUNCTIONS);
    convert_push_null(L);
    lua_setfield(L, -2, "null");
    return 1;
}
