-- A Kong route of a TCPIngress; the key is its name. Contributions: { route, service, name, guards }.
-- An Ingress for the same port of a Service has a Kong service of the same name, but another protocol: then TCP takes one of its own.
local M = {
  api = 1,
  shared = 'tcp_route',
  contributes = { 'backend' },
  consults = { 'http_backend' },
}

-- The name of the Kong service.
function M:service_name(ctx, name)
  return ctx:consulted('http_backend', name) and name .. '.tcp' or name
end

function M:translate(ctx, _, contributions)
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    local service = self:service_name(ctx, data.name)
    ctx:contribute('backend', service, data.service)
    ctx:emit('route', data.route, { service = service }, { about = contribution.from, guards = data.guards })
  end
end

return M
