-- Annotations of Kubernetes objects, read as Kong Ingress Controller reads them.
local M = { PREFIX = 'konghq.com/' }

local EXACT = 1 << 53

local NONE = setmetatable({}, { __newindex = function() error('annotations of nobody are read only', 2) end })

-- The annotations of an object; never nil.
function M.of(object)
  local metadata = object.metadata
  return metadata and metadata.annotations or NONE
end

-- The value of konghq.com/<key>, or nil.
function M.get(object, key)
  return M.of(object)[M.PREFIX .. key]
end

-- Sets or, with nil, removes an annotation of an object that is the caller's own copy.
function M.set(object, full_key, value)
  object.metadata.annotations = object.metadata.annotations or {}
  object.metadata.annotations[full_key] = value
end

function M.trim(text)
  return (string.gsub(string.gsub(text, '^%s+', ''), '%s+$', ''))
end

-- 'a, b,,c' -> { 'a', 'b', 'c' }; a blank or absent text gives an empty list. With `keep_blank` nothing between separators is dropped.
function M.list(text, separator, keep_blank)
  local items = {}
  if not text or text == '' then return items end

  separator = separator or ','
  if separator == '' then separator = ',' end
  local start = 1
  while true do
    local first, last = string.find(text, separator, start, true)
    local item = M.trim(string.sub(text, start, first and first - 1 or -1))
    if item ~= '' or keep_blank then items[#items + 1] = item end
    if not first then return items end
    start = last + 1
  end
end

local BOOLEANS = {
  ['1'] = true, t = true, T = true, ['TRUE'] = true, ['true'] = true, ['True'] = true,
  ['0'] = false, f = false, F = false, ['FALSE'] = false, ['false'] = false, ['False'] = false,
}

-- 1, t, true, … as Go's ParseBool; nil when it is none of them.
function M.boolean(text)
  if text == nil then return nil end
  return BOOLEANS[text]
end

-- true or false in any case; nil for everything else.
function M.true_or_false(text)
  if text == nil then return nil end
  local lower = string.lower(text)
  if lower == 'true' then return true end
  if lower == 'false' then return false end
  return nil
end

-- A decimal integer with an optional sign, no bigger than JSON holds exactly; nil when it is none.
function M.integer(text)
  if text == nil or not string.find(text, '^[+-]?%d+$') then return nil end
  local number = math.tointeger(tonumber(text))
  return number and number >= -EXACT and number <= EXACT and number or nil
end

local function characters(text)
  local list = {}
  for character in string.gmatch(text, utf8.charpattern) do list[#list + 1] = M.trim(character) end
  return list
end

-- Values of konghq.com/headers.<Name>, by name; nil when there are none. With `keep_blank` blank values count too, and an empty separator
-- stands between any two characters.
function M.headers(object, keep_blank)
  local annotations = M.of(object)
  local prefix = M.PREFIX .. 'headers.'
  local separator = annotations[M.PREFIX .. 'headers-separator'] or ','
  local headers
  for key, value in pairs(annotations) do
    if string.sub(key, 1, #prefix) == prefix then
      local name = string.sub(key, #prefix + 1)
      local values = separator == '' and keep_blank and characters(value) or M.list(value, separator, keep_blank)
      if name ~= '' and #values > 0 then
        headers = headers or {}
        headers[name] = values
      end
    end
  end
  return headers
end

-- The keys of a table, sorted: for loops whose order must not depend on chance.
function M.sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

return M
