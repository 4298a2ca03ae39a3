-- What metatables make of innocent-looking operations.
local BUDGET = 'budget of 3 million instructions'
local FIELDS = '{ name = "bad", host = "h" }'

return {
  { '__index that leads to itself', attack = 'local t = {}\nsetmetatable(t, { __index = t })\nreturn t.x',
    fails = "'__index' chain too long" },
  { '__newindex that leads to itself', attack = 'local t = {}\nsetmetatable(t, { __newindex = t })\nt.x = 1',
    fails = "'__newindex' chain too long" },
  { '__index that recurses', attack = 'local t = setmetatable({}, { __index = function(t, k) return t[k] end })\nreturn t.x',
    fails = 'overflow' },
  { '__call that leads to itself', attack = 'local t = {}\nsetmetatable(t, { __call = t })\nt()', fails = 'overflow' },
  { '__call that leads to itself, set later', attack = 'local t, mt = {}, {}\nsetmetatable(t, mt)\nmt.__call = t\npcall(t)',
    fails = 'overflow' },
  { '__eq that recurses', attack = 'local mt = {}\nmt.__eq = function(a, b) return a == b end\n' ..
    'local a, b = setmetatable({}, mt), setmetatable({}, mt)\nreturn a == b', fails = 'overflow' },
  { '__lt that never ends', attack = 'local mt = { __lt = function() while true do end end }\n' ..
    'return setmetatable({}, mt) < setmetatable({}, mt)', fails = BUDGET },
  { '__le that raises', attack = 'local mt = { __le = function() error "no order" end }\n' ..
    'return setmetatable({}, mt) <= setmetatable({}, mt)', fails = 'no order' },
  { '__concat that never ends', attack = 'return setmetatable({}, { __concat = function() while true do end end }) .. "x"',
    fails = BUDGET },
  { '__concat that recurses', attack = 'local t = setmetatable({}, { __concat = function(a, b) return a .. b end })\nreturn t .. "x"',
    fails = 'overflow' },
  { '__unm that raises a table', attack = 'local mt = { __unm = function() error {} end }\nreturn -setmetatable({}, mt)',
    fails = 'a table was raised' },
  { '__tostring that never ends', attack = 'tostring(setmetatable({}, { __tostring = function() while true do end end }))',
    fails = BUDGET },
  { '__tostring that is no text', attack = 'tostring(setmetatable({}, { __tostring = function() return {} end }))',
    fails = "'__tostring' must return a string" },
  { '__tostring in string.format', attack = '("%s"):format(setmetatable({}, { __tostring = function() while true do end end }))',
    fails = BUDGET },
  { '__name that is huge',
    attack = 'local t = setmetatable({}, { __name = ("x"):rep(1000000) })\nerror(tostring(t):sub(1, 5) .. #tostring(t))',
    fails = 'xxxxx' },
  { '__name in an error', attack = 'local t = setmetatable({}, { __name = "a\\nforged line" })\nreturn t + 1',
    fails = 'attempt to perform arithmetic' },
  { '__gc', attack = 'setmetatable({}, { __gc = function() while true do end end })', fails = '__gc is not allowed' },
  { '__gc that comes later',
    attack = 'local mt = {}\nfor i = 1, 1000 do setmetatable({}, mt) end\nmt.__gc = function() while true do end end\n' ..
    'for i = 1, 100000 do local _ = {} end', passes = true },
  { '__gc behind __index', attack = 'local mt = setmetatable({}, { __index = { __gc = function() while true do end end } })\n' ..
    'for i = 1, 1000 do setmetatable({}, mt) end\nfor i = 1, 100000 do local _ = {} end', passes = true },
  { '__mode', attack = 'local t = setmetatable({}, { __mode = "kv" })\nfor i = 1, 10000 do t[{}] = {} end', passes = true },
  { '__metatable', attack = 'local t = setmetatable({}, { __metatable = "mine" })\nsetmetatable(t, {})',
    fails = 'cannot change a protected metatable' },
  { '__pairs of what is emitted is not asked', attack =
    'ctx:emit("service", setmetatable({ name = "quiet", host = "h" }, { __pairs = function() error "asked" end }))', passes = true,
    emits = { 'quiet' } },
  { '__index of what is emitted is not asked',
    attack = 'ctx:emit("service", setmetatable({ host = "h" }, { __index = function() return "ghost" end }))', fails = 'name' },
  { '__index of links is not asked', attack = 'ctx:emit("route", { name = "r", paths = { "/" } }, ' ..
    'setmetatable({}, { __index = function() return "ghost" end }))', passes = true },
  { '__index of options is not asked', attack = 'local asked\nctx:emit("service", { name = "quiet", host = "h" }, nil, ' ..
    'setmetatable({}, { __index = function(_, k) asked = k end }))\nassert(not asked)', passes = true, emits = { 'quiet' } },
  { '__index that emits while it is emitted',
    attack = 'local fields = setmetatable({ name = "outer", host = "h" }, { __index = function()\n' ..
    '  ctx:contribute("sink", ("k"):rep(100000), ("d"):rep(100000)) end })\nctx:emit("service", fields)', passes = true,
    emits = { 'outer' } },
  { '__len of what is emitted is not asked', attack = 'ctx:emit("service", { name = "quiet", host = "h", ' ..
    'tags = setmetatable({}, { __len = function() return 1 << 40 end }) })', passes = true, emits = { 'quiet' } },
  { '__index of an object that a problem is about', attack = 'ctx:problem(setmetatable({}, { __index = function(_, k)\n' ..
    '  return ({ kind = "v1/Service", name = ("x"):rep(100), metadata = false })[k] end }), "Trouble", "text")',
    fails = 'it has no kind or no name' },
  { '__index of a condition',
    attack = 'ctx:condition(object, setmetatable({}, { __index = function() return ("x"):rep(100) .. math.pi end }))',
    fails = 'type' },
  { '__index of about', attack = 'ctx:emit("service", ' .. FIELDS ..
    ', nil, { about = setmetatable({}, { __index = function() return "x" end }) })',
    fails = 'it has no kind or no name' },
  { '__index of a list of guards', attack = 'ctx:emit("route", { name = "r", paths = { "/" } }, nil, ' ..
    '{ guards = setmetatable({}, { __len = function() return 1 << 40 end, __index = function() return "g" end }) })', passes = true },
  { 'the metatable of strings', attack = 'getmetatable("").__index = nil', fails = 'attempt to index a string value' },
  { 'methods of strings', attack = 'local s = "x"\ns.upper = nil', fails = 'attempt to index a string value' },
  { 'the metatable of decoded lists',
    attack = 'local mt = getmetatable(host.array {})\nif mt then mt.__index = function() error "mine" end end',
    fails = "'__index' cannot be set" },
  { 'the metatable of ctx', attack = 'getmetatable(ctx).__index = nil', fails = 'attempt to index a string value' },
  { 'a metatable for ctx', attack = 'setmetatable(ctx, {})', fails = "bad argument #1 to 'setmetatable'" },
}
