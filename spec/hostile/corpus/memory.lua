-- What fills memory: the heap of rules is 128 MiB here.
local HEAP = 'used up their heap of 128 MiB'
local ROOMY = { '--rule-instruction-limit', '100000000' }
local RESULT = 'over the limit of 64 MiB'

return {
  { 'a table of tables', attack = 'local t = {}\nwhile true do t = { t, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {} } end',
    fails = 'limit' },
  { 'long texts that are kept', attack = 'local t = {}\nfor i = 1, 100 do t[i] = ("x"):rep(10000000) .. i end', flags = ROOMY,
    fails = HEAP },
  { 'long texts that are kept, caught',
    attack = 'local t = {}\nfor i = 1, 100 do pcall(function() t[i] = ("x"):rep(10000000) .. i end) end\n' ..
    'error "went on"', flags = ROOMY, fails = HEAP },
  { 'an error after the heap was full', attack = 'local t = {}\nlocal good, text = pcall(function()\n' ..
    '  for i = 1, 100 do t[i] = ("x"):rep(10000000) .. i end end)\nerror(text)', flags = ROOMY, fails = HEAP },
  { 'garbage is no offence', attack = 'for i = 1, 100 do local _ = ("x"):rep(1000000) .. i end', flags = ROOMY, passes = true },
  { 'garbage near the limit, and an error that is caught',
    attack = 'for i = 1, 30 do local _ = ("x"):rep(15000000) .. i end\nassert(not pcall(error, "harmless"))', flags = ROOMY,
    passes = true },
  { 'closures', attack = 'local t = {}\nfor i = 1, 1000000 do t[i] = function() return i, t end end', fails = 'limit' },
  { 'one big array', attack = 'local t = {}\nfor i = 1, 500 do table.move(t, 1, #t, #t + 1) t[#t + 1] = 1 end', fails = 'limit' },
  { 'many values on the stack', attack = 'local t = {}\nfor i = 1, 30000 do t[i] = i end\n' ..
    'local function more(...) return more(1, 2, 3, 4, 5, 6, 7, 8, ...) end\nmore(table.unpack(t))', fails = 'overflow' },
  { 'decoded JSON', attack = 'local t, s = {}, "[" .. ("{},"):rep(1000000) .. "{}]"\nfor i = 1, 100 do t[i] = host.json_decode(s) end',
    fails = 'limit' },
  { 'split texts', attack = 'local t, s = {}, (","):rep(10000000)\nfor i = 1, 100 do t[i] = host.split(s, ",") end', fails = 'limit' },
  { 'json_encode of a shared graph', attack = 'local t = { 1 }\nfor i = 1, 60 do t = { t, t } end\nhost.json_encode(t)',
    fails = 'limit' },
  { 'json_encode of a shared graph of texts',
    attack = 'local s = ("x"):rep(1000000)\nlocal t = {}\nfor i = 1, 1000 do t[i] = s end\nhost.json_encode(t)',
    fails = 'over the limit' },
  { 'json_encode of a circle', attack = 'local t = {}\nt.t = t\nhost.json_encode(t)', fails = 'nested too deep, or contains itself' },
  { 'json_encode of a deep table', attack = 'local t = {}\nfor i = 1, 100000 do t = { t } end\nhost.json_encode(t)',
    fails = 'nested too deep, or contains itself' },
  { 'contribute a shared graph', attack = 'local t = { 1 }\nfor i = 1, 60 do t = { t, t } end\nctx:contribute("sink", "k", t)',
    fails = 'limit' },
  { 'contribute a circle', attack = 'local t = {}\nt.t = t\nctx:contribute("sink", "k", t)',
    fails = 'nested too deep, or contains itself' },
  { 'emit a shared graph', attack = 'local t = { a = 1 }\nfor i = 1, 60 do t = { a = t, b = t } end\n' ..
    'ctx:emit("plugin", { name = "x", config = t })', fails = 'limit' },
  { 'emit a circle', attack = 'local t = {}\nt.t = t\nctx:emit("plugin", { name = "x", config = t })', fails = 'plugin.config.t.t.t' },
  { 'emit a big table',
    attack = 'local t = {}\nfor i = 1, 1000000 do t[i] = i end\nctx:emit("plugin", { name = "x", config = { list = t } })',
    fails = 'budget' },
  { 'a detail that is a shared graph', attack = 'local t = { 1 }\nfor i = 1, 60 do t = { t, t } end\n' ..
    'ctx:condition(object, { type = "T", status = "True", reason = "R", detail = t })', fails = 'limit' },
  { 'a detail that is a circle',
    attack = 'local t = {}\nt.t = t\nctx:condition(object, { type = "T", status = "True", reason = "R", detail = t })',
    fails = 'nested too deep, or contains itself' },
  { 'endless emit', attack = 'local i = 0\nwhile true do i = i + 1 ctx:emit("service", { name = "s" .. i, host = "h" }) end',
    fails = 'limit' },
  { 'endless emit of big entities', attack = 'local long = ("x"):rep(1000000)\nlocal i = 0\n' ..
    'while true do i = i + 1 ctx:emit("plugin", { name = "s" .. i, config = { long = long } }) end', flags = ROOMY, fails = RESULT },
  { 'endless emit of one name',
    attack = 'local i = 0\nwhile true do i = i + 1 ctx:emit("service", { name = "s", host = "h" .. i }) end', fails = 'limit' },
  { 'endless contributions', attack = 'local i = 0\nwhile true do i = i + 1 ctx:contribute("sink", "k" .. i, i) end', fails = 'limit' },
  { 'endless big contributions', attack = 'local long = ("x"):rep(1000000)\nwhile true do ctx:contribute("sink", "k", long) end',
    flags = ROOMY, fails = RESULT },
  { 'endless big keys', attack = 'local long = ("x"):rep(1000000)\nwhile true do ctx:contribute("sink", long, 1) end', fails = RESULT },
  { 'endless problems', attack = 'while true do ctx:problem(object, "Trouble", "text") end', fails = 'limit' },
  { 'endless big problems', attack = 'local long = ("x"):rep(1000000)\nwhile true do ctx:problem(object, "Trouble", long) end',
    fails = RESULT },
  { 'endless conditions', attack = 'while true do ctx:condition(object, { type = "T", status = "True", reason = "R" }) end',
    fails = 'limit' },
  { 'endless big conditions', attack = 'local long = ("x"):rep(1000000)\n' ..
    'while true do ctx:condition(object, { type = "T", status = "True", reason = "R", message = long }) end', fails = RESULT },
  { 'millions of reads', attack = 'local i = 0\nwhile true do i = i + 1 ctx:lookup("v1/Service", "default", "s" .. i) end',
    fails = 'limit' },
  { 'big names that are read', attack = 'local long = ("x"):rep(1000000)\nlocal i = 0\n' ..
    'while true do i = i + 1 ctx:lookup("v1/Service", "default", long .. i) end', fails = RESULT },
  { 'millions of lists', attack = 'local i = 0\nwhile true do i = i + 1 ctx:list("v1/Service", nil, "l" .. i) end', fails = 'limit' },
  { 'lists without an end', attack = 'while true do ctx:list("v1/Service") end', fails = 'limit' },
  { 'one id for many', attack = 'local id = "fd02801f-0957-4a15-a55a-c8d9606f30b5"\nfor i = 1, 20000 do\n' ..
    '  ctx:emit("ca_certificate", { cert = "c" .. i, id = id }) end', flags = ROOMY, passes = true, says = 'has its id' },
  { 'one name for many', attack = 'for i = 1, 20000 do ctx:emit("service", { name = "s", host = "h" .. i }) end', flags = ROOMY,
    passes = true,
    emits = { 's' }, says = 'DuplicateEntity' },
  { 'many different problems of one object', attack = 'for i = 1, 60000 do ctx:problem(object, "Trouble", "t" .. i) end',
    flags = ROOMY, passes = true, says = 'Trouble' },
  { 'many different conditions of one object', flags = ROOMY, passes = true, attack = 'for i = 1, 60000 do\n' ..
    '  ctx:condition(object, { type = "T", status = "True", reason = "R", message = "m" .. i }) end' },
  { 'many guards', attack = 'local t = {}\nfor i = 1, 100000 do t[i] = ("g"):rep(1000) end\n' ..
    'ctx:emit("route", { name = "r", paths = { "/" } }, nil, { guards = t })', fails = 'limit' },
}
