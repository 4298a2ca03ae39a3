-- What tells requests of the listeners that take a route from those of others: port and address, where Kong listens on the very ports
-- of the Gateway, and host names that narrower listeners take away.
local expression = require 'lib.text.expression'
local listener_hosts = require 'lib.listener.hosts'
local listener_ports = require 'lib.listener.ports'

local M = {}

-- The matcher for the addresses of a parent's Gateway; '' for any.
local function addresses(parent)
  local place, matchers = parent.gateway.place, {}
  for i, address in ipairs(place and place.addresses or parent.gateway.requested or {}) do matchers[i] = 'net.dst.ip == ' .. address end
  return expression.any(matchers)
end

-- The matcher for addresses of the Gateways that take a route of streams, whose ports it matches itself. A Gateway without addresses
-- has any.
function M.addresses(ctx, parents)
  if not listener_ports.known(ctx).stream then return '' end
  local matchers = {}
  for i, parent in ipairs(parents) do
    local matcher = parent.gateway and addresses(parent) or ''
    if parent.accepted and matcher == '' then return '' end
    matchers[i] = parent.accepted and matcher or ''
  end
  return expression.any(matchers)
end

-- What the traditional router matches for these ports (none: any) of the listeners that take a route of streams: { ip, port }, the
-- address only where all its Gateways have their own.
function M.destinations(parents, ports)
  local list, wanted, whole = {}, {}, true
  for _, port in ipairs(ports) do wanted[port] = true end
  for _, parent in ipairs(parents) do
    local place = parent.gateway and parent.gateway.place
    whole = whole and (not parent.accepted or (place ~= nil and #place.addresses > 0))
    for _, listener in ipairs(place and parent.listeners or {}) do
      for _, address in ipairs((#ports == 0 or wanted[listener.port]) and place.addresses or {}) do
        list[#list + 1] = { ip = address, port = listener.port }
      end
    end
  end
  if whole then return list end

  list = {}
  for i, port in ipairs(ports) do list[i] = { port = port } end
  return list
end

local SCHEMES = { HTTP = 'http', HTTPS = 'https' }

-- The matcher for a listener's port. For HTTP Kong takes the port that a Host header names, which may be any, for the one where the
-- request came in: so the others are ruled out that Kong has there. A route for HTTPS alone would take requests by HTTP, too; ports for
-- those are ruled out, and not the scheme, since Kong remembers what it found for a host and path without it.
local function port(known, parent, listener, alone)
  local others
  if SCHEMES[listener.protocol] then
    local place = parent.gateway.place
    others = listener_ports.others(known, listener, place and place.addresses, alone and listener.protocol == 'HTTPS')
  end
  if not others then return expression.number('net.dst.port', listener.port) end

  local matchers = {}
  for i, other in ipairs(others) do matchers[i] = expression.other_number('net.dst.port', other) end
  return expression.all(matchers)
end

-- The matcher for address and port of a listener whose Gateway has an address of its own.
function M.place(ctx, parent, listener)
  return expression.all { addresses(parent), port(listener_ports.known(ctx), parent, listener) }
end

-- Whether the ports and addresses that Kong sees are those of all listeners, and whether these have several schemes.
local function look(parents)
  local direct, scheme, several = true, nil, false
  for _, parent in ipairs(parents) do
    direct = direct and (parent.gateway ~= nil or not parent.accepted)
    for _, listener in ipairs(parent.listeners) do
      direct = direct and (parent.gateway.place ~= nil or listener.direct == true)
      scheme = scheme or listener.protocol
      several = several or scheme ~= listener.protocol
    end
  end
  return direct, several
end

-- A function that gives the matcher for the place where a way enters: the scheme, unless all have the same, and where it can be told
-- the address and port; and whether places are told apart by scheme alone.
local function make_places(ctx, parents)
  local known, by_scheme = listener_ports.known(ctx), true
  local direct, several = look(parents)
  local spots = {}
  for _, parent in ipairs(parents) do
    for _, listener in ipairs(direct and parent.listeners or {}) do
      local spot = expression.all { addresses(parent), port(known, parent, listener, not several) }
      spots[listener] = spot
      by_scheme = by_scheme and spot == ''
    end
  end
  return function(way)
    local listener = way.listener
    if not listener then return '' end
    local scheme = (several or not direct) and SCHEMES[listener.protocol]
    return expression.all { scheme and expression.equal('net.protocol', scheme) or '', spots[listener] or '' }
  end, by_scheme
end

-- The same, remembered with the parents.
local function places(ctx, parents)
  if not parents.place then parents.place, parents.by_scheme = make_places(ctx, parents) end
  return parents.place, parents.by_scheme
end

-- The host names of a Kong route, see lib.listener.hosts. The traditional router can have no exceptions, and one route for all.
function M.names(ctx, route, parents)
  local expressions = ctx:option('router_flavor') == 'expressions'
  local place = places(ctx, parents)
  local names = listener_hosts.names(route.spec.hostnames, parents, place)
  for _, name in ipairs(not expressions and names or {}) do
    if name == '' then return {} end
  end
  return names
end

local function without(way, matcher_of)
  local matchers = {}
  for i, host in ipairs(way.without) do matchers[i] = expression.no(matcher_of(host)) end
  return expression.all(matchers)
end

-- A list without repetitions, in its order.
local function distinct(list)
  local found, seen = {}, {}
  for _, text in ipairs(list) do
    if not seen[text] then
      seen[text] = true
      found[#found + 1] = text
    end
  end
  return found
end

local function places_of(found, hosts, place)
  local texts = {}
  for _, host in ipairs(hosts) do
    for _, way in ipairs(found.by_host[host] or {}) do texts[#texts + 1] = place(way) end
  end
  return distinct(texts)
end

-- The matcher for requests for `host` (as one of the names; '' is any); '' when there is nothing to tell apart. `matcher_of(host)`
-- is the matcher of a host name.
function M.expression(ctx, route, parents, host, matcher_of)
  local place, schemes_only = places(ctx, parents)
  local found = listener_hosts.ways(route.spec.hostnames, parents)
  local ways, rests = found.by_host[host] or {}, {}
  for i, way in ipairs(ways) do rests[i] = without(way, matcher_of or expression.host) end

  -- Schemes are what the route's protocols say anyhow, unless this name has not all of them, or not the same in all.
  local by_scheme = schemes_only and #places_of(found, { host }, place) == #places_of(found, found.hosts, place)
  if by_scheme and #distinct(rests) == 1 then return rests[1] end

  local matchers = {}
  for i, way in ipairs(ways) do matchers[i] = expression.all { place(way), rests[i] } end
  for _, matcher in ipairs(matchers) do
    if matcher == '' then return '' end
  end
  return expression.any(distinct(matchers))
end

return M
