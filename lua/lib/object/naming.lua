-- Names of Kong entities, as Kong Ingress Controller forms them.
local M = {}

-- Ports of a backend come as { number = 80 }, { name = 'http' } or { implicit = true }.
function M.port(port)
  if port.number then return string.format('%d', port.number) end
  return port.name or 'implicitPort'
end

-- Hosts in names: a wildcard becomes an underscore.
function M.host(host)
  return (string.gsub(host or '', '%*', '_'))
end

function M.service(namespace, service, port)
  return namespace .. '.' .. service .. '.' .. M.port(port)
end

function M.udp_service(namespace, service, port)
  return M.service(namespace, service, port) .. '.udp'
end

function M.upstream(namespace, service, port)
  return service .. '.' .. namespace .. '.' .. M.port(port) .. '.svc'
end

-- A facade's Kong service and its upstream have the same name.
function M.facade(namespace, facade)
  return namespace .. '.' .. facade .. '.svc.facade'
end

function M.ingress_route(namespace, ingress, host, service, port)
  return namespace .. '.' .. ingress .. '.' .. service .. '.' .. M.host(host) .. '.' .. M.port(port)
end

function M.ingress_facade_route(namespace, ingress, host, facade)
  return namespace .. '.' .. ingress .. '.' .. M.host(host) .. '.' .. facade .. '.svc.facade'
end

function M.default_route(namespace, ingress)
  return namespace .. '.' .. ingress
end

-- Rules of TCPIngress and UDPIngress count from 0.
function M.tcp_route(namespace, name, index)
  return string.format('%s.%s.%d', namespace, name, index)
end

function M.udp_route(namespace, name, index)
  return string.format('%s.%s.%d.udp', namespace, name, index)
end

return M
