-- Backends of an Ingress: a Service, or a KongServiceFacade.
local backends = require 'lib.service.backends'
local naming = require 'lib.object.naming'
local ports = require 'lib.service.ports'

local M = {
  -- What a rule that asks here must list in `reads`.
  READS = { backends.FACADE_KIND },
}

local FACADE_GROUP = 'incubator.ingress-controller.konghq.com'
local DISABLED = 'KongServiceFacade is not enabled, please set the "KongServiceFacade" feature gate to \'true\' to enable it'

local function facade_backend(ctx, namespace, name)
  if ctx:option('feature_gates.KongServiceFacade') ~= true then return nil, 'UnsupportedBackend', DISABLED end
  local facade = ctx:lookup(backends.FACADE_KIND, namespace, name)
  if not facade then
    return nil, 'BackendNotFound', string.format('failed to get KongServiceFacade "%s": it does not exist', name)
  end

  local reference = facade.spec and facade.spec.backendRef or {}
  local kong_name = naming.facade(namespace, name)
  return {
    kind = 'KongServiceFacade', namespace = namespace, name = name, port = ports.of_ingress_backend { number = reference.port },
    service = kong_name, host = kong_name,
  }
end

local function service_backend(namespace, service)
  local port = ports.of_ingress_backend(service.port)
  return {
    kind = 'Service', namespace = namespace, name = service.name, port = port,
    service = naming.service(namespace, service.name, port), host = naming.upstream(namespace, service.name, port),
  }
end

local function find(ctx, namespace, backend)
  local resource = backend.resource
  if resource then
    if resource.kind == 'KongServiceFacade' and resource.apiGroup == FACADE_GROUP then
      return facade_backend(ctx, namespace, resource.name)
    end
    local group = resource.apiGroup and resource.apiGroup ~= '' and resource.apiGroup .. '/' or ''
    return nil, 'UnsupportedBackend', 'unknown resource type ' .. group .. tostring(resource.kind)
  end
  if backend.service and backend.service.name then return service_backend(namespace, backend.service) end
  return nil, 'BackendNotFound', 'no Service or Resource specified for Ingress path'
end

-- Rules take this as their step `backend`. Returns { kind, namespace, name, port, service, host }, the last two being Kong's names; or
-- nil, and the Ingress gets a problem.
function M.step(_, ctx, ingress, backend, what)
  local found, code, text = find(ctx, ingress.metadata.namespace, backend)
  if found then return found end
  ctx:problem(ingress, code, string.format('failed to get backend for %s: %s', what, text))
  return nil
end

function M.route_name(ingress, host, backend)
  local namespace, name = ingress.metadata.namespace, ingress.metadata.name
  if backend.kind == 'KongServiceFacade' then return naming.ingress_facade_route(namespace, name, host, backend.name) end
  return naming.ingress_route(namespace, name, host, backend.name, backend.port)
end

-- What an Ingress wants of its Kong service, for the shared rule `backend`.
function M.service(ingress, backend, path)
  return {
    host = backend.host, protocol = 'http', port = 80, path = path,
    connect_timeout = 60000, read_timeout = 60000, write_timeout = 60000, retries = 5,
    backends = { { kind = backend.kind, namespace = backend.namespace, name = backend.name, port = backend.port } },
    parent = { kind = ingress.kind, namespace = ingress.metadata.namespace, name = ingress.metadata.name },
  }
end

return M
