-- Requests that came over a TLS connection for another HTTPS listener of the Gateway than the one that their host belongs to: the
-- standard has them answered 421, so that clients which reuse connections open another. Only where the address is the Gateway's own.
local expression = require 'lib.text.expression'
local gateway_addresses = require 'lib.gateway.addresses'
local gateway_hosts = require 'lib.gateway.hosts'
local host = require 'host'
local listener_match = require 'lib.listener.match'

local M = {
  CONSULTS = gateway_addresses.CONSULTS,
}

-- Before every other route of the expressions router.
local PRIORITY = (1 << 46) - 1

-- The expression grows with the square of the listeners.
local LISTENERS_MAX = 16

-- HTTPS listeners by port.
local function by_port(entries)
  local ports = {}
  for _, entry in ipairs(entries) do
    local listener = entry.listener
    if listener.protocol == 'HTTPS' and not entry.conflict then
      local list = ports[listener.port] or {}
      ports[listener.port] = list
      list[#list + 1] = listener
    end
  end
  return ports
end

-- What belongs to the listener of that name, less what belongs to narrower ones.
local function own(list, name, matcher_of)
  local matchers = { name ~= '' and matcher_of(name) or '' }
  for _, other in ipairs(list) do
    local narrower = other.hostname or ''
    if gateway_hosts.is_narrower(narrower, name) then matchers[#matchers + 1] = expression.no(matcher_of(narrower)) end
  end
  return expression.all(matchers)
end

local function mismatches(list)
  local matchers = {}
  for i, listener in ipairs(list) do
    local name = listener.hostname or ''
    matchers[i] = expression.all { own(list, name, expression.sni), expression.no(own(list, name, expression.host)) }
  end
  return expression.any(matchers)
end

local function emit(ctx, gateway, place, port, list, marks)
  local name = string.format('gateway.%s.%s.misdirected.%d', gateway.metadata.namespace, gateway.metadata.name, port)
  local where = listener_match.place(ctx, { gateway = { place = place } }, list[1])
  ctx:emit('route', {
    name = name, protocols = { 'https' }, priority = PRIORITY, tags = marks,
    expression = expression.all { where, 'tls.sni != ""', mismatches(list) },
  })
  ctx:emit('plugin', { name = 'request-termination', config = { status_code = 421 }, tags = marks }, { route = name })
end

-- Emits a route for each port where there is something to tell apart. `marks` are the tags of what is emitted.
function M.emit(ctx, gateway, entries, marks)
  local place = ctx:option('router_flavor') == 'expressions' and gateway_addresses.of(ctx, gateway)
  if not place or #place.addresses == 0 then return end
  for port, list in host.sorted_pairs(by_port(entries)) do
    if #list > 1 and #list <= LISTENERS_MAX then emit(ctx, gateway, place, port, list, marks) end
  end
end

return M
