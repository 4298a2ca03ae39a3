-- Entities that belong to somebody else: what must never change.
local foreign = { COUNT = 500 }

local SETS = 100

local function id(kind, index)
  return ('%08x-0000-4000-8000-%012x'):format(kind, index)
end

local TAGS = { 'owner:somebody-else', 'managed-by-ingress-controllers', 'k8s-name:theirs' }

-- 100 times service, route, upstream, target and plugin.
function foreign.entities()
  local made = { services = {}, routes = {}, upstreams = {}, targets = {}, plugins = {} }
  for index = 1, SETS do
    local tags = index % 2 == 0 and TAGS or nil
    local at = 1700000000 + index
    made.services[index] = {
      id = id(1, index), name = 'theirs-' .. index, host = 'theirs-' .. index .. '.example', tags = tags, created_at = at, updated_at = at,
    }
    made.routes[index] = {
      id = id(2, index), name = 'theirs-' .. index, paths = { '/theirs/' .. index }, service = { id = id(1, index) }, tags = tags,
      created_at = at, updated_at = at,
    }
    made.upstreams[index] = { id = id(3, index), name = 'theirs-' .. index, tags = tags, created_at = at, updated_at = at }
    made.targets[index] = {
      id = id(4, index), target = ('192.0.2.%d:80'):format(index), upstream = { id = id(3, index) }, tags = tags, weight = 100,
      created_at = at, updated_at = at,
    }
    made.plugins[index] = {
      id = id(5, index), name = 'correlation-id', route = { id = id(2, index) }, tags = tags, created_at = at, updated_at = at,
    }
  end
  return made
end

-- One text for equal values.
function foreign.text(value)
  if type(value) ~= 'table' then return type(value) .. ':' .. tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(left, right) return tostring(left) < tostring(right) end)
  for index, key in ipairs(keys) do parts[index] = tostring(key) .. '=' .. foreign.text(value[key]) end
  return '{' .. table.concat(parts, ',') .. '}'
end

return foreign
