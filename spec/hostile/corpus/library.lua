-- Functions of the libraries that loop in C: no hook fires there.
local BUDGET = 'budget of 3 million instructions'
local ROOMY = { '--rule-instruction-limit', '100000000' }
local HUGE = 'local huge = setmetatable({}, { __len = function() return 1 << 40 end })\n'
local ANY = 'local any = setmetatable({}, { __len = function() return 1 << 40 end, __index = function() return "x" end })\n'
local BY_C = 'local any = setmetatable({}, { __len = function() return 1 << 40 end, __index = tostring, __newindex = tostring })\n'

return {
  { 'table.move over a huge range', attack = 'table.move({}, 1, 1 << 40, 2)', fails = 'over the limit' },
  { 'table.move downwards over a huge range', attack = 'table.move({}, 2, 1 << 40, 1)', fails = 'over the limit' },
  { 'table.move over all integers', attack = 'table.move({}, math.mininteger, math.maxinteger, 1)', fails = 'too many elements' },
  { 'table.move again and again', attack = 'local t = {}\nwhile true do table.move(t, 1, 1 << 20, 2) end', fails = BUDGET },
  { 'table.move through C functions', attack = BY_C .. 'table.move(any, 1, 1 << 40, 2)', fails = 'over the limit' },
  { 'table.move through C functions again and again', attack = BY_C .. 'while true do table.move(any, 1, 1 << 20, 2) end',
    fails = BUDGET },
  { 'table.insert with a huge length', attack = HUGE .. 'table.insert(huge, 1, "x")', fails = 'table.insert' },
  { 'table.insert at the end of a huge length', attack = HUGE .. 'table.insert(huge, "x")', fails = 'table.insert' },
  { 'table.insert through C functions', attack = BY_C .. 'table.insert(any, 1, "x")', fails = 'table.insert' },
  { 'table.insert at the front, for ever', attack = 'local t = {}\nwhile true do table.insert(t, 1, 1) end', fails = BUDGET },
  { 'table.remove with a huge length', attack = HUGE .. 'table.remove(huge, 1)', fails = 'table.remove' },
  { 'table.remove through C functions', attack = BY_C .. 'table.remove(any, 1)', fails = 'table.remove' },
  { 'table.remove at the front, for ever',
    attack = 'local t = {}\nfor i = 1, 100000 do t[i] = i end\nwhile true do table.remove(t, 1) t[#t + 1] = 1 end', fails = BUDGET },
  { 'table.sort with a huge length', attack = HUGE .. 'table.sort(huge)', fails = 'table.sort' },
  { 'table.sort with a huge length and an index', attack = ANY .. 'table.sort(any)', fails = 'table.sort' },
  { 'table.sort with a C function as order', attack = BY_C .. 'table.sort(any, rawequal or select)', fails = 'table.sort' },
  { 'table.sort of long texts', attack = 'local a = ("x"):rep(8000000)\nlocal t = {}\n' ..
    'for i = 1, 100000 do t[i] = a end\ntable.sort(t)', fails = BUDGET },
  { 'table.sort with an order that lies', attack = 'local t = {}\nfor i = 1, 200 do t[i] = i end\n' ..
    'table.sort(t, function() return true end)', passes = true },
  { 'table.sort that changes what is sorted', attack = 'local t = {}\nfor i = 1, 200 do t[i] = i end\n' ..
    'table.sort(t, function(a, b) t[#t] = nil return (a or 0) < (b or 0) end)', passes = true },
  { 'table.concat with a huge length', attack = HUGE .. 'table.concat(huge)', fails = 'over the limit' },
  { 'table.concat of texts without an end', attack = ANY .. 'table.concat(any)', fails = 'over the limit' },
  { 'table.concat of nothing, very often', attack =
    'local t = setmetatable({}, { __index = function() return "" end })\ntable.concat(t, "", 1, 1 << 22)', fails = BUDGET },
  { 'table.concat with a huge separator', attack = 'local t = {}\nfor i = 1, 1000 do t[i] = "x" end\ntable.concat(t, ("y"):rep(1000000))',
    flags = ROOMY, fails = 'over the limit of 64 MiB' },
  { 'table.unpack over a huge range', attack = 'table.unpack({}, 1, 1 << 40)', fails = 'too many results' },
  { 'table.unpack with a huge length', attack = HUGE .. 'table.unpack(huge)', fails = 'too many results' },
  { 'table.unpack over all integers', attack = 'table.unpack({}, math.mininteger, math.maxinteger)', fails = 'too many results' },
  { 'table.unpack again and again', attack = 'while true do select("#", table.unpack({}, 1, 30000)) end', fails = BUDGET },
  { 'table.pack of many again and again', attack = 'while true do table.pack(table.unpack({}, 1, 30000)) end', fails = BUDGET },
  { 'a length that changes', attack = 'local n = 0\nlocal t = setmetatable({}, { __len = function() n = n + 1 ' ..
    'return n == 1 and 0 or 1 << 40 end })\ntable.insert(t, 1, "x")', fails = 'table.insert' },
  { 'a length that is no number', attack = 'table.concat(setmetatable({}, { __len = function() return {} end }))',
    fails = 'object length is not an integer' },
  { 'a length that raises', attack = 'table.unpack(setmetatable({}, { __len = function() error "length" end }))', fails = 'length' },
  { 'select from the end of nothing', attack = 'select(-1)', fails = "bad argument #1 to 'select'" },
  { 'utf8.char of far too many', attack = 'while true do utf8.char(table.unpack({}, 1, 30000)) end', fails = 'number expected' },
  { 'utf8.codepoint of a long text, for ever', attack = 'local s = ("x"):rep(30000)\nwhile true do utf8.codepoint(s, 1, -1) end',
    fails = BUDGET },
  { 'utf8.len of a long text, for ever', attack = 'local s = ("x"):rep(1000000)\nwhile true do utf8.len(s) end', fails = BUDGET },
  { 'utf8.codes of broken text', attack = 'for _ in utf8.codes(("\\xff"):rep(1000)) do end', fails = 'invalid UTF-8 code' },
  { 'host.split of a long text, for ever', attack = 'local s = ("x,"):rep(100000)\nwhile true do host.split(s, ",") end',
    fails = BUDGET },
  { 'host.sorted_pairs of a big table, for ever', attack = 'local t = {}\nfor i = 1, 50000 do t[i] = i end\n' ..
    'while true do host.sorted_pairs(t) end', fails = BUDGET },
  { 'host.sha256 of a long text, for ever', attack = 'local s = ("x"):rep(10000000)\nwhile true do host.sha256(s) end', fails = BUDGET },
  { 'host.uuid5 of a long text, for ever', attack = 'local s = ("x"):rep(10000000)\n' ..
    'while true do host.uuid5("fd02801f-0957-4a15-a55a-c8d9606f30b5", s) end', fails = BUDGET },
  { 'host.base64 there and back, for ever', attack = 'local s = ("x"):rep(1000000)\n' ..
    'while true do host.base64_decode(host.base64_encode(s)) end', fails = BUDGET },
  { 'host.base64_encode that grows', attack = 'local s = ("x"):rep(1000000)\nwhile true do s = host.base64_encode(s) end',
    flags = ROOMY, fails = 'over the limit' },
  { 'host.json_decode of a long text, for ever', attack = 'local s = "[" .. ("1,"):rep(100000) .. "1]"\n' ..
    'while true do host.json_decode(s) end', fails = BUDGET },
  { 'host.yaml_decode of a bomb', attack = 'local s = "a: &a [x,x,x,x,x,x,x,x,x,x]\\n"\nlocal last = "a"\n' ..
    'for name in ("bcdefghijkl"):gmatch "." do s = s .. name .. ": &" .. name .. " [" .. ("*" .. last .. ","):rep(9) .. "*" .. ' ..
    'last .. ' ..
    '"]\\n" last = name end\nlocal value, problem = host.yaml_decode(s)\nerror(value and "it was decoded" or "refused: " .. problem)',
    fails = 'refused: ' },
  { 'host.yaml_decode of deep nesting', attack = 'local value, problem = host.yaml_decode(("["):rep(100000))\n' ..
    'error(value and "it was decoded" or "refused: " .. problem)', fails = 'refused: ' },
  { 'host.json_decode of deep nesting', attack = 'local value, problem = host.json_decode(("["):rep(1000000))\n' ..
    'error(value and "it was decoded" or "refused: " .. problem)', fails = 'refused: ' },
  { 'host.check_key_pair of a huge text', attack = 'local s = "-----BEGIN CERTIFICATE-----\\n" .. ("A"):rep(15000000)\n' ..
    'local good, problem = host.check_key_pair(s, s)\nerror(good and "it is a pair" or "refused: " .. problem)',
    flags = ROOMY, fails = 'refused: ' },
  { 'host.certificate_facts of many blocks, for ever',
    attack = 'local s = ("-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n"):rep(900)\n' ..
      'while true do host.certificate_facts(s) end', fails = BUDGET },
  { 'host.check_regex of hostile expressions, for ever', attack = [[
local hostile = { ('('):rep(10000), ('(a'):rep(200) .. (')*'):rep(200), ('((a{1,1000}){1,1000}){1,1000}'), ('[^\\p{L}]'):rep(3000),
  ('(?:a|b)?'):rep(4000), ('(?=a)'):rep(6000), ('x'):rep(30000), ('(?R)'):rep(8000), '(*LIMIT_MATCH=1)a' }
while true do
  for _, text in ipairs(hostile) do
    for _, flavor in ipairs { 'traditional', 'traditional_compatible', 'expressions' } do host.check_regex(text, flavor) end
  end
end]], fails = BUDGET },
  { 'host.array of a library', attack = 'host.array(string)', fails = 'host.array' },
  { 'host.array of a module', attack = 'host.array(require "lib.object.naming")', fails = 'host.array' },
  { 'host.array of the globals', attack = 'host.array(_ENV)', fails = 'host.array' },
}
