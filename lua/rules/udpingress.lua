-- UDPIngress: its Kong services have names of their own.
local naming = require 'lib.object.naming'
local plugins = require 'lib.plugin.plugins'
local stream_ingress = require 'lib.stream.ingress'

local M = stream_ingress.new('UDPIngress', { 'backend' })

function M:route_name(ctx, object, index)
  return naming.udp_route(object.metadata.namespace, object.metadata.name, index)
end

-- Datagrams name no host.
function M:server_name(ctx, rule)
  return nil
end

function M:protocols(ctx)
  return { 'udp' }
end

function M:service(ctx, object, backend)
  local service = stream_ingress.service(object, backend)
  service.protocol, service.port = 'udp', backend.servicePort
  return service
end

function M:emit(ctx, object, rule, context)
  local backend = rule.backend
  local name = naming.udp_service(object.metadata.namespace, backend.serviceName, { number = backend.servicePort })
  local route = self:route(ctx, object, rule, context)
  ctx:contribute('backend', name, self:service(ctx, object, backend))
  local guards = plugins.bind(ctx, context.plugins, { route = route.name }, name)
  ctx:emit('route', route, { service = name }, { guards = guards })
end

return M
