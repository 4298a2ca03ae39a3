-- TCPIngress: its routes are finished by the shared rule `tcp_route`, which knows of Kong services of the same name.
local naming = require 'lib.object.naming'
local plugins = require 'lib.plugin.plugins'
local stream_ingress = require 'lib.stream.ingress'

local M = stream_ingress.new('TCPIngress', { 'tcp_route', 'tcp_backend' })

function M:route_name(ctx, object, index)
  return naming.tcp_route(object.metadata.namespace, object.metadata.name, index)
end

-- The host that TLS clients must name.
function M:server_name(ctx, rule)
  return rule.host
end

function M:protocols(ctx)
  return { 'tcp', 'tls' }
end

function M:service(ctx, object, backend)
  local service = stream_ingress.service(object, backend)
  service.protocol, service.port, service.retries = 'tcp', 80, 5
  service.connect_timeout, service.read_timeout, service.write_timeout = 60000, 60000, 60000
  return service
end

function M:emit(ctx, object, rule, context)
  local backend = rule.backend
  local name = naming.service(object.metadata.namespace, backend.serviceName, { number = backend.servicePort })
  local route = self:route(ctx, object, rule, context)
  ctx:contribute('tcp_backend', name, {})
  ctx:contribute('tcp_route', route.name, {
    route = route, service = self:service(ctx, object, backend), name = name,
    guards = plugins.bind(ctx, context.plugins, { route = route.name }),
  })
end

return M
