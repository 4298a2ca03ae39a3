-- Objects of the Gateway API for the specs of its rules.
local M = {}

local GROUP = 'gateway.networking.k8s.io/'

function M.class(name, controller)
  return {
    apiVersion = GROUP .. 'v1', kind = 'GatewayClass', metadata = { name = name or 'kong' },
    spec = { controllerName = controller or 'konghq.com/kic-gateway-controller' },
  }
end

function M.gateway(listeners, more)
  local spec = { gatewayClassName = 'kong', listeners = listeners }
  for key, value in pairs(more or {}) do spec[key] = value end
  return { apiVersion = GROUP .. 'v1', kind = 'Gateway', metadata = { namespace = 'shop', name = 'kong' }, spec = spec }
end

function M.route(kind, spec)
  spec.parentRefs = spec.parentRefs or { { name = 'kong' } }
  local version = (kind == 'HTTPRoute' or kind == 'GRPCRoute') and 'v1' or 'v1alpha2'
  return { apiVersion = GROUP .. version, kind = kind, metadata = { namespace = 'shop', name = 'route' }, spec = spec }
end

function M.service(name, namespace)
  return {
    apiVersion = 'v1', kind = 'Service', metadata = { namespace = namespace or 'shop', name = name },
    spec = { ports = { { port = 80 } } },
  }
end

-- Fields of what was emitted, by name.
function M.emitted(ctx, kind)
  local found = {}
  for _, entity in ipairs(ctx.emitted) do
    if entity.kind == kind then found[entity.fields.name] = entity.fields end
  end
  return found
end

-- Conditions as 'subject type' -> 'status reason'.
function M.conditions(ctx)
  local found = {}
  for _, entry in ipairs(ctx.conditions) do
    local condition = entry.condition
    found[(condition.subject and condition.subject .. ' ' or '') .. condition.type] = condition.status .. ' ' .. condition.reason
  end
  return found
end

return M
