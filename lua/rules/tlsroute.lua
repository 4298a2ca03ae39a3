-- TLSRoutes: connections by their server name, passed through where a listener says so.
local expression = require 'lib.text.expression'
local listener_match = require 'lib.listener.match'
local route_parents = require 'lib.route.parents'

local M = require('lib.stream.routes').new {
  kind = 'TLSRoute', prefix = 'tlsroute', protocol = 'tls', service_protocol = 'tcp', listener = 'TLS',
}

-- Server names that the route shares with the listeners that take it.
function M:snis(ctx, route, parents)
  return listener_match.names(ctx, route, parents)
end

-- TLS routes go by server names; where Kong is known to listen on a listener's port, listener_expression has that too.
function M:ports(ctx, route, parents)
  return {}
end

function M:refusal(ctx, route, snis)
  if #(route.spec.rules or {}) == 0 then return 'no rules provided' end
  return #snis == 0 and 'no hostnames provided' or nil
end

-- True when a listener passes connections through.
function M:passes_through(ctx, route, parents)
  local found = false
  route_parents.each_listener(parents, function(listener)
    if listener.tls and listener.tls.mode == 'Passthrough' then found = true end
  end)
  return found
end

function M:protocols(ctx, route, parents)
  return { self:passes_through(ctx, route, parents) and 'tls_passthrough' or 'tls' }
end

-- Names are of unequal rank, so each has a route of its own.
function M:sni_groups(ctx, snis)
  local groups = {}
  for i, sni in ipairs(snis) do groups[i] = { sni } end
  return groups
end

function M:listener_expression(ctx, route, parents, snis)
  return listener_match.expression(ctx, route, parents, snis[1], expression.sni)
end

-- Exact names go before wildcards, longer before shorter ones. The lowest 12 bits are for the order of age.
function M:rank(ctx, snis)
  local sni = snis[1]
  local exact = string.sub(sni, 1, 1) ~= '*'
  return ((exact and 512 or 256) + math.min(#sni, 255)) << 12, 'tlsroute|' .. sni
end

return M
