-- Nothing is kept between runs and nothing goes from file to file, but by contributions.
local KEPT = 'rules keep nothing between runs'

local function refused(name, prelude, attack, line)
  return { name, refused = KEPT, at = line, file = prelude .. '\n' .. ([[
local M = { api = 1, kind = 'test.example/v1/Probe' }
function M:translate(ctx, object)
%s
end
return M]]):format(attack) }
end

return {
  refused('a local of the file that is counted', 'local count = 0', '  count = count + 1', 4),
  refused('a local of the file that is set to a table', 'local last', '  last = object', 4),
  refused('a local of the file that an inner function sets', 'local last', '  local function set() last = object end\n  set()', 4),
  refused('a local of a factory', 'local function counter()\n  local n = 0\n  return function() n = n + 1 return n end\nend\n' ..
    'local count = counter()',
    '  count()', 3),
  refused('_ENV', 'local x = 1', '  _ENV = { x = x }', 4),
  refused('an iterator of the file', 'local each = ("abc"):gmatch "."', '  ctx:emit("service", { name = each(), host = "h" })'),
  refused('sorted_pairs of the file', 'local each = require "host".sorted_pairs { a = 1 }', '  each()'),
  { 'a table of the file', prelude = 'local CACHE = {}', attack = 'CACHE.last = object', fails = "'last' cannot be set" },
  { 'a list of the file', prelude = 'local CACHE = {}', attack = 'CACHE[#CACHE + 1] = object.metadata.name',
    fails = "'1' cannot be set" },
  { 'a list of the file, by table.insert', prelude = 'local CACHE = {}', attack = 'table.insert(CACHE, object.metadata.name)',
    fails = 'read-only' },
  { 'a list of the file, by table.move', prelude = 'local CACHE = {}', attack = 'table.move({ 1 }, 1, 1, 1, CACHE)',
    fails = 'cannot be set' },
  { 'a list of the file, by table.sort', prelude = 'local CACHE = { 3, 1, 2 }', attack = 'table.sort(CACHE)', fails = 'read-only' },
  { 'a list of the file, by table.remove', prelude = 'local CACHE = { 3, 1, 2 }', attack = 'table.remove(CACHE)', fails = 'read-only' },
  { 'a list of the file, by host.array', prelude = 'local CACHE = {}', attack = 'host.array(CACHE)', fails = 'host.array' },
  { 'a table in a table of the file', prelude = 'local CACHE = { deep = { er = {} } }', attack = 'CACHE.deep.er.x = 1',
    fails = "'x' cannot be set" },
  { 'a table in a closure of a table of the file', prelude = 'local function make()\n  local kept = {}\n' ..
    '  return { keep = function(x) kept[1] = x end }\nend\nlocal CACHE = make()', attack = 'CACHE.keep(object)',
    fails = 'cannot be set', place = '50%-probe%.lua' },
  { 'a table that is a key', prelude = 'local KEY = {}\nlocal CACHE = { [KEY] = { 1 } }',
    attack = 'assert(CACHE[KEY][1] == 1)\nCACHE[KEY][1] = 2',
    fails = "'1' cannot be set" },
  { 'a table behind __index',
    prelude = 'local CLASS = {}\nCLASS.__index = CLASS\nlocal ONE = setmetatable({}, CLASS)\nfunction CLASS:get() return self end',
    attack = 'assert(ONE:get() == ONE)\nCLASS.kept = 1', fails = "'kept' cannot be set" },
  { 'a metatable of the file', prelude = 'local CLASS = { __index = { x = 1 } }',
    attack = 'local one = setmetatable({}, CLASS)\nassert(one.x == 1)\ngetmetatable(one).kept = 1', fails = "'kept' cannot be set" },
  { 'a memo behind __index', prelude = 'local MEMO = setmetatable({}, { __index = function(t, k) t[k] = k return k end })',
    attack = 'return MEMO.x',
    fails = "'x' cannot be set", at = 1 },
  { 'reading tables of the file is as always', passes = true, prelude =
    'local LIST, NAMES, DEEP = { "a", "b", "c" }, { x = 1, y = 2 }, { list = { { n = 1 } } }', attack = [[
local seen = {}
for i, v in ipairs(LIST) do seen[i] = v end
assert(#LIST == 3 and table.concat(LIST) == 'abc' and table.concat(seen) == 'abc' and select('#', table.unpack(LIST)) == 3)
local sum = 0
for _, v in pairs(NAMES) do sum = sum + v end
for k, v in next, NAMES do sum = sum + v end
for _, v in host.sorted_pairs(NAMES) do sum = sum + v end
assert(sum == 9 and next(NAMES) ~= nil and next({}) == nil)
assert(DEEP.list[1].n == 1 and host.json_encode(DEEP) == '{"list":[{"n":1}]}' and host.is_array(LIST))
assert(table.concat(table.move(LIST, 1, #LIST, 1, {})) == 'abc')
assert((("x"):gsub("x", NAMES)) == '1')
ctx:contribute('sink', 'none', DEEP)]] },
  { 'the rule itself', attack = 'self.kept = object', fails = "'kept' cannot be set" },
  { 'the rule by its name', attack = 'M.kept = object', fails = "'kept' cannot be set" },
  { 'a step of the rule', attack = 'function self:attack() end', fails = "'attack' cannot be set" },
  { 'a global', attack = 'kept = object', fails = "'kept' cannot be set" },
  { 'a library', attack = 'string.kept = object', fails = "'kept' cannot be set" },
  { 'a function of a library', attack = 'function string.upper() return "evil" end', fails = "'upper' cannot be set" },
  { 'host', attack = 'host.kept = object', fails = "'kept' cannot be set" },
  { 'a module', attack = 'require("lib.object.naming").kept = object', fails = "'kept' cannot be set" },
  { 'a table in a module', files = { ['lib/lists.lua'] = 'return { names = { "a" }, deep = { er = {} } }' },
    attack = 'local lists = require "lib.lists"\nassert(lists.names[1] == "a")\nlists.names[1] = "evil"', fails = "'1' cannot be set" },
  { 'a table deep in a module', files = { ['lib/lists.lua'] = 'return { names = { "a" }, deep = { er = {} } }' },
    attack = 'require("lib.lists").deep.er.x = 1', fails = "'x' cannot be set" },
  { 'a table that a module returns', files = { ['lib/lists.lua'] = 'local kept = {}\nreturn { all = function() return kept end }' },
    attack = 'require("lib.lists").all().x = 1', fails = "'x' cannot be set" },
  { 'a table that a module keeps', files = { ['lib/lists.lua'] = 'local kept = {}\nreturn { keep = function(x) kept[1] = x end }' },
    attack = 'require("lib.lists").keep(object)', fails = 'cannot be set', place = 'lib.lists' },
  { 'a local that a module counts', files = { ['lib/lists.lua'] = 'local n = 0\nreturn { count = function() n = n + 1 return n end }' },
    file = 'local count = require("lib.lists").count\n' ..
    'return { api = 1, kind = "test.example/v1/Probe", translate = function() count() end }',
    refused = KEPT, place = 'lib.lists', at = 2 },
  { 'a module that is changed while the rules are loaded', files = { ['lib/lists.lua'] = 'return { names = { "a" } }',
    ['40-evil.lua'] = 'require("lib.lists").names[1] = "evil"\nreturn { api = 1, shared = "evil" }' },
    file = 'return { api = 1, kind = "test.example/v1/Probe", translate = function() end }', refused = "'1' cannot be set",
    place = '40%-evil%.lua', at = 1 },
  { 'a module that is a function', files = { ['lib/count.lua'] = 'local n = 0\nreturn function() n = n + 1 return n end' },
    file = 'local count = require "lib.count"\nreturn { api = 1, kind = "test.example/v1/Probe", translate = function() count() end }',
    refused = KEPT, place = 'lib.count', at = 2 },
  { 'a list of a file that is emitted may be changed by an adjuster, for this entity only', prelude = 'local TAGS = { "a" }', passes = true,
    attack = 'ctx:emit("consumer", { username = "x", tags = TAGS })\nctx:emit("consumer", { username = "y", tags = TAGS })\n' ..
      'assert(#TAGS == 1)', files = { ['60-adjust.lua'] = 'return { api = 1, adjusts = "consumer", adjust = function(ctx, entity)\n' ..
      '  assert(#entity.tags == 1)\n  entity.tags[2] = "b"\n  return entity end }' } },
  { 'a list of a file that a step returns may be changed by an override, for this call only', prelude = 'local TAGS = { { "a" } }',
    passes = true, attack = 'for i = 1, 2 do assert(#self:tags(ctx)[1] == 2) end\nassert(#TAGS[1] == 1)\nend\n' ..
      'function M:tags() return TAGS', files = { ['60-extend.lua'] = 'return { api = 1, extends = "Probe", tags = function(super, ctx)\n' ..
      '  local list = super(ctx)\n  assert(#list[1] == 1)\n  table.insert(list[1], "b")\n  return list end }' } },
  { 'locals of a run are free', passes = true, attack = [[
local count, list = 0, {}
local function add(x) count = count + 1 list[#list + 1] = x end
for i = 1, 10 do add(i) end
assert(count == 10 and #list == 10)
object.metadata.labels = { changed = 'yes' }]] },
  { 'objects are copies',
    attack = 'local one, other = ctx:lookup("v1/Service", "default", "shop"), ctx:lookup("v1/Service", "default", "shop")\n' ..
    'one.spec.ports[1].port = 1\nassert(other.spec.ports[1].port == 80)', passes = true },
}
