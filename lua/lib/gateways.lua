-- The Gateways that a route names: which are ours, which listeners take the route, and what its status says.
local listener_sets = require 'lib.listener_sets'
local listeners = require 'lib.listeners'

local M = {
  GATEWAY = 'gateway.networking.k8s.io/v1/Gateway',
  CLASS = 'gateway.networking.k8s.io/v1/GatewayClass',
  CONTROLLER = 'konghq.com/kic-gateway-controller',
}

-- What a rule that asks here must list in `reads`.
M.READS = { M.GATEWAY, M.CLASS, listener_sets.KIND, 'v1/Namespace' }

function M.controller(ctx)
  return ctx:option('gateway_controller') or M.CONTROLLER
end

-- 'ours', 'foreign', or 'unknown' when the class isn't there to ask.
function M.ownership(ctx, gateway)
  local only = ctx:option('gateway_to_reconcile')
  if only and only ~= '' and only ~= gateway.metadata.namespace .. '/' .. gateway.metadata.name then return 'foreign' end

  local class = ctx:lookup(M.CLASS, '', gateway.spec.gatewayClassName or '')
  if not class or not class.spec then return 'unknown' end
  return class.spec.controllerName == M.controller(ctx) and 'ours' or 'foreign'
end

-- Files hold parts of a cluster, so what is absent from them is taken for granted; in a cluster it is absent.
function M.assumes_absent(ctx)
  return ctx:option('offline') == true
end

-- How the topic `attached_routes` names a Gateway or ListenerSet.
function M.owner_key(object)
  local key = object.metadata.namespace .. '/' .. object.metadata.name
  return object.kind == 'ListenerSet' and 'ListenerSet/' .. key or key
end

-- How statuses tell the parents of one route apart.
function M.parent_key(namespace, ref)
  local key = (ref.namespace or namespace) .. '/' .. ref.name
  if ref.kind == 'ListenerSet' then key = 'ListenerSet/' .. key end
  if ref.sectionName then key = key .. '/' .. ref.sectionName end
  if ref.port then key = string.format('%s:%d', key, ref.port) end
  return key
end

local function addresses(ref, listener)
  return (not ref.sectionName or ref.sectionName == listener.name) and (not ref.port or ref.port == listener.port)
end

local MESSAGES = {
  NoMatchingParent = 'no listener has this section name and port',
  NotAllowedByListeners = 'no listener allows routes of this kind from this namespace',
  NoMatchingListenerHostname = 'no listener has a hostname in common with the route',
}

-- Fills in which listeners take the route, or why none does.
local function attach(ctx, parent, route, kind)
  local reason, any = 'NoMatchingParent', false
  for _, entry in ipairs(parent.all) do
    any = any or entry.owner == parent.owner
    if entry.owner == parent.owner and addresses(parent.ref, entry.listener) then
      local refusal = listeners.refusal(ctx, entry, route, kind)
      if not refusal then
        parent.listeners[#parent.listeners + 1] = entry.listener
      elseif refusal == 'host' then
        reason = 'NoMatchingListenerHostname'
      elseif reason == 'NoMatchingParent' then
        reason = 'NotAllowedByListeners'
      end
    end
  end
  parent.accepted = #parent.listeners > 0
  if not parent.accepted then
    parent.reason, parent.message = reason, any and MESSAGES[reason] or 'the Gateway has none of its listeners'
  end
end

-- The Gateway that a reference speaks of, and the ListenerSet in between. A set that isn't there has no Gateway.
function M.find(ctx, namespace, ref)
  if ref.kind ~= 'ListenerSet' then return ctx:lookup(M.GATEWAY, ref.namespace or namespace, ref.name), nil end

  local set = ctx:lookup(listener_sets.KIND, ref.namespace or namespace, ref.name)
  local home, name = nil, nil
  if set then home, name = listener_sets.gateway_of(set) end
  return home and ctx:lookup(M.GATEWAY, home, name), set
end

-- A Gateway's listeners in `all`, where the set's are the very objects of the merged list.
local function own(parent, set)
  for _, entry in ipairs(set and parent.all or {}) do
    local metadata = entry.owner.metadata
    if entry.rank > 0 and metadata.namespace == set.metadata.namespace and metadata.name == set.metadata.name then return entry.owner end
  end
  return not set and parent.gateway or set
end

local function trust(parent)
  parent.assumed = true
  for _, listener in ipairs(parent.gateway.spec.listeners or {}) do
    if addresses({ sectionName = parent.ref.sectionName }, listener) then parent.listeners[#parent.listeners + 1] = listener end
  end
  return parent
end

local function parent_of(ctx, route, kind, ref, trusting)
  local namespace = route.metadata.namespace
  local gateway, set = M.find(ctx, namespace, ref)
  local parent = { ref = ref, key = M.parent_key(namespace, ref), gateway = gateway, listeners = {}, accepted = true }
  if not gateway then
    return M.assumes_absent(ctx) and parent or nil
  end
  gateway.spec = gateway.spec or {}

  local ownership = M.ownership(ctx, gateway)
  if ownership == 'foreign' or (ownership == 'unknown' and not M.assumes_absent(ctx)) then return nil end
  if ownership == 'unknown' and trusting then return trust(parent) end

  parent.all = listener_sets.merged(ctx, gateway)
  parent.owner = own(parent, set)
  attach(ctx, parent, route, kind)
  return parent
end

-- One entry for each parentRef that may be ours: { ref, key, gateway (nil: not there), owner (the Gateway or ListenerSet), all (listeners
-- of the Gateway and its sets), listeners (those that take the route), accepted, reason, message }.
-- `trusting`: a Gateway of an unknown class takes every route on every listener, and offline parentRefs of every kind are Gateways.
function M.parents(ctx, route, kind, trusting)
  local parents = {}
  for _, ref in ipairs(route.spec.parentRefs or {}) do
    local target = ref.kind or 'Gateway'
    local known = target == 'Gateway' or (target == 'ListenerSet' and not trusting)
    if (known and (ref.group or listeners.GROUP) == listeners.GROUP) or (trusting and M.assumes_absent(ctx)) then
      parents[#parents + 1] = parent_of(ctx, route, kind, ref, trusting)
    end
  end
  return parents
end

function M.any_accepted(parents)
  for _, parent in ipairs(parents) do
    if parent.accepted then return true end
  end
  return false
end

-- Calls visit(listener, parent) for every listener that takes the route.
function M.each_listener(parents, visit)
  for _, parent in ipairs(parents) do
    for _, listener in ipairs(parent.listeners) do visit(listener, parent) end
  end
end

-- Host names of the listeners that take the route; a Gateway that isn't there has any name.
function M.listener_hosts(parents)
  local hosts = {}
  for _, parent in ipairs(parents) do
    if parent.accepted and not parent.gateway then hosts[#hosts + 1] = '' end
  end
  M.each_listener(parents, function(listener) hosts[#hosts + 1] = listener.hostname or '' end)
  return hosts
end

local ROUTE_PROTOCOLS = { HTTP = 'http', HTTPS = 'https' }

-- The sorted set of 'http' and 'https' that the listeners offer; nil when no listener is known.
function M.http_protocols(parents)
  local present = {}
  M.each_listener(parents, function(listener) present[ROUTE_PROTOCOLS[listener.protocol] or ''] = true end)
  local list = {}
  for _, protocol in ipairs { 'http', 'https' } do
    if present[protocol] then list[#list + 1] = protocol end
  end
  return #list > 0 and list or nil
end

return M
