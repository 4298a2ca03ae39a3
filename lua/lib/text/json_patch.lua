-- JSON Patch (RFC 6902), as far as plugins use it: `add` that makes missing parents, and replacing the whole document.
local host = require 'host'

local M = {}

local MAX_INDEX = 10000 -- an index pads an array up to it

local function pointer_parts(path)
  if path:sub(1, 1) ~= '/' then
    return nil, ('path %q does not begin with /'):format(path)
  end
  local parts = host.split(path:sub(2), '/')
  for index, part in ipairs(parts) do
    parts[index] = part:gsub('~1', '/'):gsub('~0', '~')
  end
  return parts
end

local function index_of(part)
  return part:match('^%d+$') and tonumber(part) or nil
end

local function pad(list, count)
  for index = #list + 1, count do
    list[index] = host.null
  end
end

local function child_of(container, part)
  if not host.is_array(container) then
    return container[part]
  end
  local index = index_of(part)
  return index and container[index + 1]
end

-- What a missing parent becomes depends on the part below it: a number or `-` asks for an array.
local function new_parent(next_part)
  local index = index_of(next_part)
  if not index and next_part ~= '-' then
    return {}
  end
  local list = host.array({})
  pad(list, index or 0)
  return list
end

local function insert(container, part, value)
  if not host.is_array(container) then
    container[part] = value
    return true
  end
  if part == '-' then
    container[#container + 1] = value
    return true
  end
  local index = index_of(part)
  if not index or index > #container then
    return nil, ('%q is no index of an array of %d'):format(part, #container)
  end
  table.insert(container, index + 1, value)
  return true
end

local function descend(container, part, next_part)
  local child = child_of(container, part)
  if child ~= nil and child ~= host.null then
    if type(child) ~= 'table' then
      return nil, ('%q is neither an object nor an array'):format(part)
    end
    return child
  end
  local index = host.is_array(container) and index_of(part)
  if index then
    pad(container, index)
  end
  child = new_parent(next_part)
  local done, failure
  if index and container[index + 1] == host.null then
    container[index + 1], done = child, true
  else
    done, failure = insert(container, part, child)
  end
  if not done then
    return nil, failure
  end
  return child
end

--- Adds `value` at `path` of `document`, which it changes; returns the document, or nil and what is wrong.
function M.add(document, path, value)
  local parts, failure = pointer_parts(path)
  if not parts then
    return nil, failure
  end
  for _, part in ipairs(parts) do
    local index = index_of(part)
    if index and index > MAX_INDEX then
      return nil, ('index %s is too large'):format(part)
    end
  end
  local container = document
  for position = 1, #parts - 1 do
    container, failure = descend(container, parts[position], parts[position + 1])
    if not container then
      return nil, failure
    end
  end
  local done
  done, failure = insert(container, parts[#parts], value)
  if not done then
    return nil, failure
  end
  return document
end

return M
