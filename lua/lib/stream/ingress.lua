-- What TCPIngress and UDPIngress have in common: ports of the gateway that lead to Services.
local class = require 'lib.object.class'
local expression = require 'lib.text.expression'
local naming = require 'lib.object.naming'
local plugins = require 'lib.plugin.plugins'
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'
local tls_sections = require 'lib.tls.sections'

local M = {}

local steps = { tags = tags.step, overrides = route_overrides.step }

-- The server names of a route for the expression router.
function steps:expression_snis(ctx, route, overrides)
  return overrides.snis or route.snis or {}
end

-- Turns the fields for matching into an expression.
local function express(self, ctx, route, overrides)
  local destinations = {}
  for i, destination in ipairs(route.destinations) do destinations[i] = destination.port end
  route.expression = expression.stream(self:expression_snis(ctx, route, overrides), destinations)
  route.priority = 1
  route.destinations, route.snis = nil, nil
end

-- The Kong route of one rule of the object.
function steps:route(ctx, object, rule, context)
  local host = self:server_name(ctx, rule)
  local route = {
    name = self:route_name(ctx, object, context.index), protocols = self:protocols(ctx), destinations = { { port = rule.port } },
    snis = host and host ~= '' and { host } or nil, tags = context.tags,
  }
  local overrides = context.overrides
  local expressions = ctx:option('router_flavor') == 'expressions'
  if expressions then express(self, ctx, route, overrides) end
  return route_overrides.apply(route, overrides, expressions)
end

function steps:translate(ctx, object)
  if not class.takes(ctx, object) then return end
  object.spec = object.spec or {}
  tls_sections.claim(ctx, object)

  local context = { tags = self:tags(ctx, object), overrides = self:overrides(ctx, object), plugins = plugins.resolve(ctx, object) }
  for i, rule in ipairs(object.spec.rules or {}) do
    local backend = rule.backend or {}
    context.index = i - 1
    if backend.serviceName and backend.serviceName ~= '' then
      self:emit(ctx, object, rule, context)
    else
      ctx:problem(object, 'BackendNotFound', string.format('rule %d names no Service', i - 1))
    end
  end
end

-- What the Kong service of a rule shall be, without what differs between the kinds.
function M.service(object, backend)
  local namespace, port = object.metadata.namespace, { number = backend.servicePort }
  return {
    host = naming.upstream(namespace, backend.serviceName, port),
    backends = { { kind = 'Service', namespace = namespace, name = backend.serviceName, port = port } },
    parent = { kind = object.kind, namespace = namespace, name = object.metadata.name },
  }
end

-- A rule for a kind that contributes to these shared rules, too. It has to have the steps route_name, server_name, protocols and emit.
function M.new(kind, contributes)
  local rule = {
    api = 1, kind = 'configuration.konghq.com/v1beta1/' .. kind, reads = plugins.join(class.READS, plugins.READS),
    contributes = plugins.join(contributes, tls_sections.CONTRIBUTES, plugins.CONTRIBUTES),
  }
  for name, step in pairs(steps) do rule[name] = step end
  return rule
end

return M
