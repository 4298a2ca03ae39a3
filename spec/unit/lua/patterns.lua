-- Compares the sandbox's searching functions (methods of strings) with Lua's own (the global library), on patterns by chance.
local seed, count = ...
local own = string
local ours = { find = ('').find, match = ('').match, gmatch = ('').gmatch, gsub = ('').gsub }
for name, f in next, ours do assert(f ~= own[name], 'nothing to compare') end

local function pick(list)
  return list[math.random(#list)]
end

local CLASSES = { '%a', '%d', '%s', '%w', '%p', '%u', '%l', '%x', '%c', '%g', '%A', '%W', '%S', '%z', '%.', '%%', '%-', '%]', '%(' }
local LETTERS = { 'a', 'b', 'c', 'x', '1', ' ', '.', 'a', 'b', '\0', '\200' }
local SETS = {
  '[abc]', '[^abc]', '[a-c]', '[^%d]', '[%a_]', '[]]', '[^]]', '[a-]', '[-a]', '[%]x]', '[a-c1-3]', '[]-a]', '[%a-z]', '[\0-a]', '[^^]',
  '[%', '[a', '[]', '[^', '[a-', '[%-x]',
}
local SPECIAL = { '%b()', '%bxx', '%bab', '%f[%w]', '%f[^a]', '%1', '%2', '%0', '()', '%f', '%b', '%bx', '%fa', '^', '$', '%' }
local SUFFIXES = { '', '', '', '*', '+', '-', '?' }

local function item()
  local dice = math.random(20)
  if dice <= 9 then return pick(LETTERS) .. pick(SUFFIXES) end
  if dice <= 13 then return pick(CLASSES) .. pick(SUFFIXES) end
  if dice <= 16 then return pick(SETS) .. pick(SUFFIXES) end
  if dice <= 17 then return '.' .. pick(SUFFIXES) end
  return pick(SPECIAL)
end

local function pattern(depth)
  local parts = {}
  for i = 1, math.random(0, 4) do
    local dice = depth < 3 and math.random(6) or 1
    if dice == 6 then
      parts[i] = '(' .. pattern(depth + 1) .. (math.random(15) > 1 and ')' or '')
    else
      parts[i] = item()
    end
  end
  local text = table.concat(parts)
  if depth > 0 then return text end
  return (math.random(6) == 1 and '^' or '') .. text .. (math.random(6) == 1 and '$' or '')
end

local WORDS = { 'a', 'b', 'ab', 'c', 'x', '1', ' ', '.', '(', ')', '\0', '%', ']', 'A', '-', '\200', '\n', '_' }

local function subject()
  local parts = {}
  for i = 1, math.random(0, 14) do parts[i] = pick(WORDS) end
  return table.concat(parts)
end

local function collect(iterate, ...)
  local found = {}
  for a, b, c in iterate(...) do
    found[#found + 1] = table.concat({ tostring(a), tostring(b), tostring(c) }, '|')
    if #found > 100 then break end
  end
  return table.concat(found, ';')
end

local REPLACEMENTS = { '', '<%0>', '%1', '%2%1', '%%', 'x', '%9', '%', '%x', 7, 1.5 }

local function replacement()
  local dice = math.random(4)
  if dice == 1 then return { a = 'A', ab = 1, b = false, ['1'] = 2.5, x = math.random(5) == 1 and {} or nil } end
  if dice == 2 then
    local answers = { nil, false, 'f', 3, math.random(5) == 1 and {} or 'y' }
    return function(a, b) return type(a) == 'number' and a or answers[#tostring(a) % 5 + 1] or b end
  end
  return pick(REPLACEMENTS)
end

-- Which function of a library to call, as a list that is compared.
local function say(...)
  local texts = table.pack(...)
  for i = 1, texts.n do texts[i] = math.type(texts[i]) and math.type(texts[i]) .. texts[i] or tostring(texts[i]) end
  return table.concat(texts, '\1', 1, texts.n)
end

-- Messages without the place where they were raised and without the name of who was called.
local function cleaned(text)
  return (own.gsub(own.gsub(text, '^[^:]*:%d+: ', ''), "to '[%w.?]*' ", ''))
end

local function compare(title, name, text, form, ...)
  local arguments = table.pack(...)
  local function try(library)
    local f = library[name]
    if name == 'gmatch' then f = function(...) return collect(library.gmatch, ...) end end
    local results = table.pack(pcall(f, text, form, table.unpack(arguments, 1, arguments.n)))
    if not results[1] then return 'error: ' .. cleaned(results[2]) end
    return say(table.unpack(results, 1, results.n))
  end
  local expected, got = try(own), try(ours)
  if expected ~= got then
    error(own.format('%s: %s(%q, %q): %q, ours %q', title, name, tostring(text), tostring(form), expected, got), 0)
  end
end

math.randomseed(seed)
for i = 1, count do
  local title = own.format('seed %d, round %d', seed, i)
  local text, form = subject(), pattern(0)
  local init = math.random(3) == 1 and math.random(-16, 16) or nil
  compare(title, 'find', text, form, init, math.random(8) == 1)
  compare(title, 'match', text, form, init)
  compare(title, 'gmatch', text, form, init)
  compare(title, 'gsub', text, form, replacement(), math.random(3) == 1 and math.random(-1, 3) or nil)
end
for _, bad in ipairs { 'no number', {}, true } do
  compare('wrong arguments', 'find', bad, 'a')
  compare('wrong arguments', 'match', 'a', bad, bad)
  compare('wrong arguments', 'gsub', 'a', 'a', bad, bad)
  compare('wrong arguments', 'gsub', 'a', 'a', true)
  compare('numbers', 'gsub', 1212, 1, 5)
end
