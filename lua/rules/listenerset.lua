-- ListenerSets of our Gateways: the certificates of their listeners, and what their status says. Routes attach in lib/route_parents.lua.
local gateways = require 'lib.gateways'
local listener_facts = require 'lib.listener_facts'
local listener_sets = require 'lib.listener_sets'
local listener_status = require 'lib.listener_status'
local plugins = require 'lib.plugins'

local M = {
  api = 1,
  kind = listener_sets.KIND,
  reads = listener_status.READS,
  contributes = plugins.join({ 'listener_set', 'attached_listener_sets' }, listener_status.CONTRIBUTES),
  consults = plugins.join({ 'allowed_listener_sets' }, listener_facts.CONSULTS),
}

-- The Gateway that the set adds to, as lib.listener_facts tells it; nil when it isn't there or not ours.
function M:gateway(ctx, set)
  local namespace, name = listener_sets.gateway_of(set)
  local gateway = namespace and listener_facts.gateway(ctx, namespace, name)
  return gateway and gateways.is_ours(ctx, gateway.ownership) and gateway or nil
end

-- Why a listener isn't accepted (nil: it is): a reason and a text.
function M:refusal(ctx, entry)
  return listener_status.refusal(ctx, entry)
end

-- The Secret whose certificate serves the listener, and what is wrong with its references.
function M:certificate(ctx, owner, listener)
  return listener_status.certificate(ctx, owner, listener)
end

-- Why the set isn't accepted (nil: it is) says `reason`; it isn't programmed then either.
local function report(ctx, set, reason, text)
  local function say(type, good, message)
    ctx:condition(set, { type = type, status = reason and 'False' or 'True', reason = reason or good, message = text or message })
  end
  if reason then ctx:problem(set, 'ParentNotFound', 'the ListenerSet is not accepted: ' .. text) end
  say('Accepted', 'Accepted', 'the ListenerSet is accepted by the Gateway')
  say('Programmed', 'Programmed', 'the ListenerSet is configured in Kong')
end

-- The listeners with what the Gateway made of them.
local function entries_of(ctx, gateway, set)
  local list, told = {}, listener_facts.all(ctx, gateways.owner_key(set))
  for i, listener in ipairs(set.spec.listeners or {}) do
    local fact = told[i] and told[i].name == listener.name and told[i] or {}
    list[i] = { listener = listener, owner = set, conflict = fact.conflict, addresses = gateway.place and gateway.place.addresses }
  end
  return list
end

function M:translate(ctx, set)
  set.spec = set.spec or {}
  local key, namespace, name = set.metadata.namespace .. '/' .. set.metadata.name, listener_sets.gateway_of(set)
  if namespace then ctx:contribute('listener_set', key, { namespace = namespace, name = name }) end
  local gateway = self:gateway(ctx, set)
  if not gateway then return end
  if not ctx:consulted('allowed_listener_sets', key) then
    return report(ctx, set, 'NotAllowed', 'the Gateway allows no ListenerSets of this namespace')
  end

  local programmed = 0
  for _, entry in ipairs(entries_of(ctx, gateway, set)) do
    local state = listener_status.examine(self, ctx, entry)
    if state.programmed then programmed = programmed + 1 end
    listener_status.serve(ctx, entry.listener, state)
    listener_status.report(ctx, set, entry.listener, state)
  end
  if programmed == 0 then return report(ctx, set, 'ListenersNotValid', 'no listener can be served') end
  ctx:contribute('attached_listener_sets', gateway.metadata.namespace .. '/' .. gateway.metadata.name, {})
  report(ctx, set)
end

return M
