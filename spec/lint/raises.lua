-- Functions that may raise a Lua error are marked RAISES (include/lua/raise.h), and keep to what that means:
--   * a function without the mark calls no marked function, and no part of Lua that may raise: who needs them goes through lua_pcall;
--   * a marked function holds nothing by AUTO(): a longjmp would skip its end;
--   * a header and its .c file agree.
-- Calls are read from the text as clang-format leaves it, as in rooms.lua.

-- What may be called anywhere: neither raises nor takes memory.  lua_tolstring and lua_tostring are meant for what is a text.
local HARMLESS = {}
for name in ([[
  lua_absindex lua_atpanic lua_checkstack lua_close lua_copy lua_dump lua_gc lua_gethookmask lua_getinfo lua_getmetatable lua_getstack
  lua_gettop lua_getupvalue lua_insert lua_isboolean lua_iscfunction lua_isfunction lua_isinteger lua_islightuserdata lua_isnil
  lua_isnone lua_isnoneornil lua_isnumber lua_isstring lua_istable lua_isuserdata lua_newstate lua_next lua_pcall lua_pop lua_pushboolean
  lua_pushcfunction lua_pushinteger lua_pushlightuserdata lua_pushnil lua_pushnumber lua_pushvalue lua_rawequal lua_rawget lua_rawgeti
  lua_rawgetp lua_rawlen lua_remove lua_replace lua_rotate lua_sethook lua_setmetatable lua_settop lua_setupvalue lua_toboolean
  lua_tocfunction lua_tointeger lua_tolstring lua_tonumber lua_tostring lua_touserdata lua_type lua_typename lua_upvalueindex
  luaL_loadbufferx luaL_pushfail luaL_typename luaL_unref]]):gmatch '%S+' do
  HARMLESS[name] = true
end

local failures = 0
local function fail(...)
  failures = failures + 1
  io.stderr:write(string.format(...), '\n')
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read 'a'
  file:close()
  return (text:gsub('\\.', ''):gsub("'.'", ''):gsub('"[^"\n]*"', ''):gsub('/%*.-%*/', ''):gsub('//[^\n]*', ''))
end

local function sources(pattern)
  local pipe, list = assert(io.popen('git ls-files ' .. pattern)), {}
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

local marked, declared, functions = {}, {}, {}
for _, path in ipairs(sources "'src/lua/*.c' 'src/lua/*/*.c' 'src/rules/*.c'") do
  for signature, body in (read(path) .. '\n'):gmatch '([^\n;}]+%b())\n(%b{})\n' do
    local name = signature:match '([%a_][%w_]*)%s*%('
    local own = signature:match '^%s*static%f[%s]' and path .. ':' .. name or name
    marked[own] = signature:match '%f[%w]RAISES%f[%W]' ~= nil
    functions[#functions + 1] = { path = path, name = name, own = own, body = body }
  end
end

for _, path in ipairs(sources "'include/lua/*.h' 'src/lua/*.h' 'src/rules/*.h'") do
  for prototype in read(path):gmatch '\n([^\n#;{}]+%b())[^;{}\n]*;' do
    local name = prototype:match '([%a_][%w_]*)%s*%('
    declared[name] = prototype:match '%f[%w]RAISES%f[%W]' ~= nil
    if marked[name] ~= nil and marked[name] ~= declared[name] then
      fail('%s: %s is RAISES here or in its .c file, not in both', path, name)
    end
  end
end

local function may_raise(path, callee)
  local known = marked[path .. ':' .. callee]
  if known == nil then known = marked[callee] end
  if known == nil then known = declared[callee] end
  if known ~= nil then return known end
  return callee:match '^luaL?_' ~= nil and not HARMLESS[callee] and not callee:match '_cleanup$'
end

for _, definition in ipairs(functions) do
  if marked[definition.own] then
    if definition.body:match '%f[%w]AUTO%(' then
      fail('%s: %s may raise, so it must not hold anything by AUTO()', definition.path, definition.name)
    end
  else
    for callee in definition.body:gmatch '([%a_][%w_]*)%(' do
      if may_raise(definition.path, callee) then
        fail('%s: %s calls %s, which may raise: mark it RAISES, or go through lua_pcall', definition.path, definition.name, callee)
      end
    end
  end
end

if failures > 0 then os.exit(1) end
print(('raises: ok (%d functions)'):format(#functions))
