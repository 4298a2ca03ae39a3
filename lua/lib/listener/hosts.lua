-- For which host names requests reach a route, and by which listeners: a request belongs to the listener with the narrowest name that
-- fits, so others of the Gateway take names away from a route that isn't attached to them.
local gateway_hosts = require 'lib.gateway.hosts'
local listener_facts = require 'lib.listener.facts'
local route_parents = require 'lib.route.parents'

local M = {}

local is_narrower = gateway_hosts.is_narrower

local function taken(parents)
  local keys = {}
  route_parents.each_listener(parents, function(listener, parent)
    keys[listener_facts.section_key(parent.owner_key, listener.name)] = true
  end)
  return keys
end

-- Names that narrower listeners of the Gateway take away from those that a listener gives a route.
local function losses(listener, keys)
  local names = {}
  for _, other in ipairs(listener.narrower or {}) do
    if not keys[other.key] then names[#names + 1] = other.hostname end
  end
  return names
end

-- Those of the lost names that `host` stands for; nil when it is lost as a whole.
local function exceptions(host, lost)
  local names = {}
  for _, name in ipairs(lost) do
    if name == host or is_narrower(host, name) then return nil end
    if is_narrower(name, host) then names[#names + 1] = name end
  end
  local widest = {}
  for _, name in ipairs(names) do
    local covered = false
    for _, other in ipairs(names) do covered = covered or is_narrower(name, other) end
    if not covered then widest[#widest + 1] = name end
  end
  table.sort(widest)
  return widest
end

local function add(found, host, way)
  local ways = found.by_host[host]
  if not ways then
    ways = {}
    found.by_host[host] = ways
    found.hosts[#found.hosts + 1] = host
  end
  ways[#ways + 1] = way
end

-- { hosts, by_host = { [host] = { { parent, listener, without } } } }; the host '' is any. Remembered with the parents.
function M.ways(route_hosts, parents)
  if parents.ways then return parents.ways end

  local found, keys = { hosts = {}, by_host = {} }, taken(parents)
  for _, asked in ipairs(route_hosts and #route_hosts > 0 and route_hosts or { '' }) do
    for _, parent in ipairs(parents) do
      if parent.accepted and not parent.gateway then add(found, asked, { parent = parent, without = {} }) end
      for _, listener in ipairs(parent.listeners) do
        local host = gateway_hosts.intersection(listener.hostname, asked)
        local without = host and exceptions(host, losses(listener, keys))
        if without then add(found, host, { parent = parent, listener = listener, without = without }) end
      end
    end
  end
  parents.ways = found
  return found
end

local function is_lost(host, without)
  for _, name in ipairs(without) do
    if name == host or is_narrower(host, name) then return true end
  end
  return false
end

-- True when requests for any host come by all the ways that those for `host` come by. `place(way)` tells ways apart.
local function says_nothing_new(found, host, place)
  for _, way in ipairs(found.by_host[host]) do
    local covered = false
    for _, wider in ipairs(found.by_host['']) do
      covered = covered or (place(wider) == place(way) and not is_lost(host, wider.without))
    end
    if not covered then return false end
  end
  return true
end

-- The names to make Kong routes for: nil for none at all, an empty list for any.
function M.names(route_hosts, parents, place)
  local found = M.ways(route_hosts, parents)
  if #found.hosts == 0 then return nil end
  if not found.by_host[''] then return table.move(found.hosts, 1, #found.hosts, 1, {}) end

  local names = {}
  for _, host in ipairs(found.hosts) do
    if host ~= '' and not says_nothing_new(found, host, place) then names[#names + 1] = host end
  end
  if #names > 0 then names[#names + 1] = '' end
  return names
end

return M
