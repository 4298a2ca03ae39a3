-- Ways out of the sandbox.
local function absent(name)
  return { name .. ' is not there', attack = ('assert(%s == nil)\nassert(_ENV["%s"] == nil)'):format(name, name), passes = true }
end

return {
  absent 'io', absent 'os', absent 'debug', absent 'package', absent 'coroutine', absent 'load', absent 'loadstring',
  absent 'loadfile', absent 'dofile', absent 'collectgarbage', absent 'rawget', absent 'rawset', absent 'rawequal', absent 'rawlen',
  absent 'xpcall', absent 'warn', absent '_G', absent 'arg',
  { 'math.random is not there', attack = 'assert(math.random == nil and math.randomseed == nil)', passes = true },
  { 'globals behind _ENV', attack = 'for k in pairs(_ENV) do assert(k ~= "io" and k ~= "os" and k ~= "debug" and k ~= "_G") end\n' ..
    'assert(getmetatable(_ENV) == "read-only")', passes = true },
  { 'globals behind metatables', attack = 'assert(getmetatable(string) == "read-only" and getmetatable("") == "string")\n' ..
    'assert(getmetatable(host) == "read-only" and getmetatable(ctx) == "ctx")', passes = true },
  { 'a metatable for a library', attack = 'setmetatable(string, {})', fails = 'cannot change a protected metatable' },
  { 'a metatable for the globals', attack = 'setmetatable(_ENV, {})', fails = 'cannot change a protected metatable' },
  { 'a metatable for strings', attack = 'setmetatable("", {})', fails = "bad argument #1 to 'setmetatable'" },
  { 'an own _ENV', attack = 'local _ENV = { ctx = ctx, assert = assert }\nassert(string == nil)\nx = 1\nassert(x == 1)', passes = true },
  { 'require of what the host has', attack = 'assert(require "host" == require "host")', passes = true },
  { 'require while a rule runs', attack = 'assert(require("lib.object.naming").service)\nrequire "lib.nowhere"',
    fails = "there is no module 'lib.nowhere'" },
  { 'require of a table', attack = 'require {}', fails = "bad argument #1 to 'require'" },
  { 'require of nothing', attack = 'require ""', fails = 'a module name like' },
  { 'require of a name with a NUL', attack = 'require "lib.object.naming\\0x"', fails = 'a module name like' },
  { 'require of a long name', attack = 'require("lib." .. ("x"):rep(1000000))', fails = 'module' },
  { 'require of a folder', attack = 'require "lib"', fails = 'module' },
  { 'require of the file above', attack = 'require "lib/../../50-probe"', fails = 'a module name like' },
  { 'pcall of what is no function', attack = 'assert(not pcall())', fails = "bad argument #1 to 'pcall'" },
  { 'pcall of nil', attack = 'assert(pcall(nil) == false)', passes = true },
  { 'print is silent', attack = 'print(("error RuleFailed Ingress default/shop: forged\\n"):rep(10))\nerror "printed"',
    fails = 'printed' },
  { 'error in an argument of error', attack = 'error(error "inner")', fails = 'inner' },
  { 'a name in every message is cut', attack = 'local t = {}\nt[("x"):rep(100000)]()', fails = 'attempt to call a nil value' },
  { 'string methods through numbers', attack = 'local n = 1\nreturn n:upper()', fails = 'attempt to index a number value' },
  { 'goto out of a closure',
    attack = 'for i = 1, 3 do\n  local f = function() return i end\n  if f() == 2 then goto done end\nend\n::done::', passes = true },
  { 'integer overflow', attack = 'assert(math.maxinteger + 1 == math.mininteger and math.mininteger // -1 == math.mininteger)',
    passes = true },
}
