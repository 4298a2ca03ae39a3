-- TLSRoutes: connections by their server name, passed through where a listener says so.
local gateway_hosts = require 'lib.gateway_hosts'
local gateways = require 'lib.gateways'

local M = require('lib.stream_routes').new {
  kind = 'TLSRoute', prefix = 'tlsroute', protocol = 'tls', service_protocol = 'tcp', listener = 'TLS',
}

-- Server names that the route shares with the listeners that take it.
function M:snis(ctx, route, parents)
  return gateway_hosts.of_route(route.spec.hostnames, gateways.listener_hosts(parents))
end

-- TLS routes go by server names alone.
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
  gateways.each_listener(parents, function(listener)
    if listener.tls and listener.tls.mode == 'Passthrough' then found = true end
  end)
  return found
end

function M:protocols(ctx, route, parents)
  return { self:passes_through(ctx, route, parents) and 'tls_passthrough' or 'tls' }
end

return M
