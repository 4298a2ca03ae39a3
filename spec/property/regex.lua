-- Regular expressions as far as routes of these specs use them: literals, escapes, classes, groups, alternatives, repetition, anchors.
local M = {}

local SETS = { d = '%d', w = '[%w_]', s = '%s' }

local parse_choice

local function escaped(pattern, at)
  local letter = pattern:sub(at, at)
  if SETS[letter:lower()] then
    local set, wanted = SETS[letter:lower()], letter:lower() == letter
    return function(char) return (char:find(set) ~= nil) == wanted end, at + 1
  end
  return function(char) return char == letter end, at + 1
end

-- [a-z0-9] and [^…], from behind the bracket.
local function class(pattern, at)
  local negated = pattern:sub(at, at) == '^'
  if negated then at = at + 1 end
  local tests, first = {}, at
  while pattern:sub(at, at) ~= ']' or at == first do
    assert(at <= #pattern, 'a class without an end')
    local low = pattern:sub(at, at)
    if low == '\\' then
      tests[#tests + 1], at = escaped(pattern, at + 1)
    elseif pattern:sub(at + 1, at + 1) == '-' and pattern:sub(at + 2, at + 2) ~= ']' then
      local high = pattern:sub(at + 2, at + 2)
      tests[#tests + 1] = function(char) return char >= low and char <= high end
      at = at + 3
    else
      tests[#tests + 1] = function(char) return char == low end
      at = at + 1
    end
  end
  return function(char)
    for _, test in ipairs(tests) do
      if test(char) then return not negated end
    end
    return negated
  end, at + 1
end

local function single(test)
  return function(text, at, continue) return at <= #text and test(text:sub(at, at)) and continue(at + 1) end
end

local function parse_atom(pattern, at)
  local char = pattern:sub(at, at)
  if char == '^' then return function(_, from, continue) return from == 1 and continue(from) end, at + 1 end
  if char == '$' then return function(text, from, continue) return from == #text + 1 and continue(from) end, at + 1 end
  if char == '(' then
    local start = pattern:match('^%?:()', at + 1) or pattern:match('^%?P?<%w+>()', at + 1) or at + 1
    local atom, next_at = parse_choice(pattern, start)
    assert(pattern:sub(next_at, next_at) == ')', 'a group without an end')
    return atom, next_at + 1
  end

  local test
  if char == '[' then
    test, at = class(pattern, at + 1)
  elseif char == '\\' then
    test, at = escaped(pattern, at + 1)
  else
    test, at = function(other) return char == '.' or other == char end, at + 1
  end
  return single(test), at
end

local function repeated(atom, least, most)
  return function(text, from, continue)
    local function more(at, count)
      if count < most and atom(text, at, function(after) return after > at and more(after, count + 1) end) then return true end
      return count >= least and continue(at)
    end
    return more(from, 0)
  end
end

local TIMES = { ['*'] = { 0, math.huge }, ['+'] = { 1, math.huge }, ['?'] = { 0, 1 } }

local function parse_piece(pattern, at)
  local atom, next_at = parse_atom(pattern, at)
  local times = TIMES[pattern:sub(next_at, next_at)]
  if times then return repeated(atom, times[1], times[2]), next_at + 1 end
  local least, most, after = pattern:match('^{(%d+),?(%d*)}()', next_at)
  if not least then return atom, next_at end
  local open = pattern:sub(next_at, after - 1):find(',}', 1, true)
  return repeated(atom, tonumber(least), open and math.huge or tonumber(most) or tonumber(least)), after
end

local function parse_sequence(pattern, at)
  local pieces = {}
  while at <= #pattern and not pattern:sub(at, at):find('[|)]') do
    pieces[#pieces + 1], at = parse_piece(pattern, at)
  end
  return function(text, from, continue)
    local function step(index, position)
      if index > #pieces then return continue(position) end
      return pieces[index](text, position, function(after) return step(index + 1, after) end)
    end
    return step(1, from)
  end, at
end

function parse_choice(pattern, at)
  local choices = {}
  repeat
    choices[#choices + 1], at = parse_sequence(pattern, at)
    local more = pattern:sub(at, at) == '|'
    if more then at = at + 1 end
  until not more
  return function(text, from, continue)
    for _, choice in ipairs(choices) do
      if choice(text, from, continue) then return true end
    end
    return false
  end, at
end

local known = {}

-- Whether the pattern matches anywhere in the text.
function M.matches(pattern, text)
  local matcher = known[pattern]
  if not matcher then
    local at
    matcher, at = parse_choice(pattern, 1)
    assert(at == #pattern + 1, 'not understood: ' .. pattern)
    known[pattern] = matcher
  end
  for from = 1, #text + 1 do
    if matcher(text, from, function() return true end) then return true end
  end
  return false
end

return M
