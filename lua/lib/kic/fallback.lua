-- What Kong Ingress Controller leaves out when the gateway refuses an object: that object and everything that depends on it.
-- An object that is annotated test.konghq.com/broken stands for a refused one.
local annotations = require 'lib.object.annotations'
local class = require 'lib.object.class'
local plugin_config = require 'lib.plugin.config'

local M = {}

local BROKEN = 'test.konghq.com/broken'
local SERVICE, SECRET, CLASS = 'v1/Service', plugin_config.SECRET, 'networking.k8s.io/v1/IngressClass'
local FACADE = 'incubator.ingress-controller.konghq.com/v1alpha1/KongServiceFacade'
local POLICY = 'configuration.konghq.com/v1beta1/KongUpstreamPolicy'

M.READS = { SERVICE, SECRET, CLASS, FACADE, POLICY, plugin_config.KONG_PLUGIN, plugin_config.KONG_CLUSTER_PLUGIN }

local is_excluded

local function is_excluded_at(ctx, kind, namespace, name)
  local object = name and ctx:lookup(kind, namespace, name)
  return object ~= nil and object ~= false and is_excluded(ctx, object)
end

local function any_plugin(ctx, object)
  for _, text in ipairs(annotations.list(annotations.get(object, 'plugins'))) do
    local namespace, name = text:match('^%s*([^:]*):(.*)$')
    local plugin = plugin_config.find(ctx, namespace or object.metadata.namespace or '', name or text)
    if plugin and is_excluded(ctx, plugin) then
      return true
    end
  end
  return false
end

local function any_policy(ctx, object)
  return is_excluded_at(ctx, POLICY, object.metadata.namespace, annotations.get(object, 'upstream-policy'))
end

local function any_secret_of_plugin(ctx, plugin)
  local sources = { plugin.configFrom }
  for _, patch in ipairs(plugin.configPatches or {}) do
    sources[#sources + 1] = patch.valueFrom
  end
  for _, source in ipairs(sources) do
    local reference = source.secretKeyRef or {}
    if is_excluded_at(ctx, SECRET, plugin.metadata.namespace or reference.namespace, reference.name) then
      return true
    end
  end
  return false
end

local function any_ingress_backend(ctx, ingress, backend)
  local namespace = ingress.metadata.namespace
  if backend and backend.service then
    return is_excluded_at(ctx, SERVICE, namespace, backend.service.name)
  end
  return backend ~= nil and backend.resource ~= nil and is_excluded_at(ctx, FACADE, namespace, backend.resource.name)
end

local function any_backend_of_ingress(ctx, ingress)
  local spec = ingress.spec or {}
  if any_ingress_backend(ctx, ingress, spec.defaultBackend) then
    return true
  end
  for _, rule in ipairs(spec.rules or {}) do
    for _, path in ipairs(rule.http and rule.http.paths or {}) do
      if any_ingress_backend(ctx, ingress, path.backend) then
        return true
      end
    end
  end
  return false
end

local function any_backend_of_route(ctx, route)
  for _, rule in ipairs(route.spec and route.spec.rules or {}) do
    for _, reference in ipairs(rule.backendRefs or {}) do
      if is_excluded_at(ctx, SERVICE, reference.namespace or route.metadata.namespace, reference.name) then
        return true
      end
    end
  end
  return false
end

local function any_backend_of_l4(ctx, ingress)
  local spec = ingress.spec or {}
  for _, rule in ipairs(spec.rules or {}) do
    if is_excluded_at(ctx, SERVICE, ingress.metadata.namespace, rule.backend and rule.backend.serviceName) then
      return true
    end
  end
  return spec.backend ~= nil and is_excluded_at(ctx, SERVICE, ingress.metadata.namespace, spec.backend.serviceName)
end

local function any_class(ctx, ingress)
  return is_excluded_at(ctx, CLASS, '', ingress.spec and ingress.spec.ingressClassName or class.own(ctx))
end

local function any_credential(ctx, consumer)
  for _, name in ipairs(consumer.credentials or {}) do
    if is_excluded_at(ctx, SECRET, consumer.metadata.namespace, name) then
      return true
    end
  end
  return false
end

local function any_parent_plugin(ctx, entity)
  local parent = entity.spec and entity.spec.parentRef
  if not parent then
    return false
  end
  local cluster = parent.kind == 'KongClusterPlugin'
  return is_excluded_at(ctx, cluster and plugin_config.KONG_CLUSTER_PLUGIN or plugin_config.KONG_PLUGIN,
    cluster and '' or parent.namespace or entity.metadata.namespace, parent.name)
end

local ROUTE = { any_backend_of_route, any_plugin }
local DEPENDENCIES = {
  Service = { any_plugin, any_policy },
  KongServiceFacade = { any_plugin, any_policy },
  Ingress = { any_class, any_backend_of_ingress, any_plugin, any_policy },
  TCPIngress = { any_plugin, any_backend_of_l4 },
  UDPIngress = { any_plugin, any_backend_of_l4 },
  HTTPRoute = ROUTE,
  GRPCRoute = ROUTE,
  TCPRoute = ROUTE,
  UDPRoute = ROUTE,
  TLSRoute = ROUTE,
  KongPlugin = { any_secret_of_plugin },
  KongClusterPlugin = { any_secret_of_plugin },
  KongConsumer = { any_plugin, any_credential },
  KongConsumerGroup = { any_plugin },
  KongCustomEntity = { any_parent_plugin },
}

function is_excluded(ctx, object)
  if annotations.of(object)[BROKEN] == 'true' then
    return true
  end
  for _, depends in ipairs(DEPENDENCIES[object.kind] or {}) do
    if depends(ctx, object) then
      return true
    end
  end
  return false
end

--- True when the object is broken, or depends on one that is.
M.is_excluded = is_excluded

--- The pack's file for one kind: nothing comes of an object that is excluded.
function M.override(kind)
  return {
    api = 1,
    extends = kind,
    reads = M.READS,
    translate = function(super, ctx, object)
      if not is_excluded(ctx, object) then
        super(ctx, object)
      end
    end,
  }
end

return M
