-- The Gateways and ListenerSets that a route names: which are ours, which listeners take the route, and what its status says.
local gateways = require 'lib.gateway.gateways'
local listener_facts = require 'lib.listener.facts'
local listeners = require 'lib.listener.listeners'
local plugins = require 'lib.plugin.plugins'

local M = {
  -- What a rule that asks here must list.
  READS = { 'v1/Namespace' },
  CONSULTS = plugins.join({ 'listener_set' }, listener_facts.CONSULTS),
}

-- How statuses tell the parents of one route apart.
function M.parent_key(namespace, ref)
  local key = (ref.namespace or namespace) .. '/' .. ref.name
  if ref.kind == 'ListenerSet' then key = gateways.set_key(key) end
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

-- Fills in which listeners take the route, and why others that could don't.
local function attach(ctx, parent, route, kind)
  local reason = 'NoMatchingParent'
  for _, listener in ipairs(listener_facts.offered(ctx, parent.owner_key, kind, parent.ref.sectionName)) do
    if addresses(parent.ref, listener) then
      local refusal = listeners.refusal(ctx, listener, route, kind)
      if not refusal then
        parent.listeners[#parent.listeners + 1] = listener
      elseif refusal == 'host' then
        reason = 'NoMatchingListenerHostname'
      elseif reason == 'NoMatchingParent' then
        reason = 'NotAllowedByListeners'
      end
    end
  end
  return reason
end

-- Says why none takes the route; only then the listeners count that can't.
local function refuse(ctx, parent, reason)
  local any = listener_facts.has_any(ctx, parent.owner_key)
  if reason == 'NoMatchingParent' and any and not parent.ref.sectionName then
    for _, listener in ipairs(listener_facts.all(ctx, parent.owner_key)) do
      if addresses(parent.ref, listener) then reason = 'NotAllowedByListeners' end
    end
  end
  parent.accepted, parent.reason = false, reason
  parent.message = any and MESSAGES[reason] or 'the Gateway has none of its listeners'
end

-- The Gateway that a reference speaks of, and what its listeners' owner is called. A set that isn't there has no Gateway.
function M.find(ctx, namespace, ref)
  local home = ref.namespace or namespace
  if ref.kind ~= 'ListenerSet' then return listener_facts.gateway(ctx, home, ref.name), home .. '/' .. ref.name end

  local key = home .. '/' .. ref.name
  local set = ctx:consult('listener_set', key)[1]
  return set and listener_facts.gateway(ctx, set.data.namespace, set.data.name), gateways.set_key(key)
end

local function trust(ctx, parent)
  parent.assumed, parent.owner_key = true, gateways.owner_key(parent.gateway)
  for _, listener in ipairs(listener_facts.all(ctx, parent.owner_key)) do
    if addresses({ sectionName = parent.ref.sectionName }, listener) then parent.listeners[#parent.listeners + 1] = listener end
  end
  return parent
end

local function parent_of(ctx, route, kind, ref, trusting)
  local namespace = route.metadata.namespace
  local gateway, owner_key = M.find(ctx, namespace, ref)
  local parent = {
    ref = ref, key = M.parent_key(namespace, ref), gateway = gateway, owner_key = owner_key, listeners = {}, accepted = true,
  }
  if not gateway then
    return gateways.assumes_absent(ctx) and parent or nil
  end
  if not gateways.is_ours(ctx, gateway.ownership) then return nil end
  if gateway.ownership == 'unknown' and trusting then return trust(ctx, parent) end

  local reason = attach(ctx, parent, route, kind)
  if #parent.listeners == 0 then refuse(ctx, parent, reason) end
  return parent
end

-- One entry for each parentRef that may be ours: { ref, key, gateway (as lib.listener.facts tells it; nil: not there), owner_key (of the
-- Gateway or ListenerSet), listeners (those that take the route, as told there), accepted, reason, message }.
-- `trusting`: a Gateway of an unknown class takes every route on every listener, and offline parentRefs of every kind are Gateways.
function M.of(ctx, route, kind, trusting)
  local parents = {}
  for _, ref in ipairs(route.spec.parentRefs or {}) do
    local target = ref.kind or 'Gateway'
    local known = target == 'Gateway' or (target == 'ListenerSet' and not trusting)
    if (known and (ref.group or listeners.GROUP) == listeners.GROUP) or (trusting and gateways.assumes_absent(ctx)) then
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
