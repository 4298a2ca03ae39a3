-- The one default backend of the gateway: the oldest Ingress that has one serves whatever no other route takes.
local ingress_backends = require 'lib.ingress.backends'
local plugins = require 'lib.plugin.plugins'
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'

local INGRESS = 'networking.k8s.io/v1/Ingress'

local M = {
  api = 1,
  shared = 'default_backend',
  reads = plugins.join({ INGRESS }, plugins.READS),
  contributes = plugins.join({ 'backend', 'http_backend' }, plugins.CONTRIBUTES),

  tags = tags.step,
  overrides = route_overrides.step,
}

function M:route(ctx, ingress, name)
  local expressions = ctx:option('router_flavor') == 'expressions'
  local route = {
    name = name, strip_path = false, preserve_host = true, request_buffering = true, response_buffering = true,
    tags = self:tags(ctx, ingress),
  }
  if expressions then
    route.expression = 'http.path ^= "/"'
    route.priority = 0
  else
    route.paths = { '/' }
    route.regex_priority = 0
  end
  return route_overrides.apply(route, self:overrides(ctx, ingress), expressions)
end

-- Lets overrides leave the route out when its Kong service belongs to something else.
function M:is_taken(ctx, service)
  return false
end

local function report_losers(ctx, contributions)
  local winner = contributions[1].from
  for i = 2, #contributions do
    ctx:problem(contributions[i].from, 'IngressClassConflict',
      string.format('the default backend is not used: that of the older Ingress %s/%s serves', winner.namespace, winner.name))
  end
end

function M:translate(ctx, _, contributions)
  report_losers(ctx, contributions)
  local winner = contributions[1]
  local ingress = ctx:lookup(INGRESS, winner.from.namespace, winner.from.name)
  if not ingress or not winner.data.backend then return end

  local backend, name = winner.data.backend, winner.data.route
  if self:is_taken(ctx, backend.service) then return end
  local service = ingress_backends.service(ingress, backend, nil)
  service.default_backend = true
  ctx:contribute('backend', backend.service, service)
  ctx:contribute('http_backend', backend.service, {})
  local guards = plugins.attach(ctx, ingress, { route = name }, backend.service)
  ctx:emit('route', self:route(ctx, ingress, name), { service = backend.service }, { about = ingress, guards = guards })
end

return M
