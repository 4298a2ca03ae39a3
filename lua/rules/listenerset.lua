-- ListenerSets of our Gateways: the certificates of their listeners, and what their status says. Routes attach in lib/route/parents.lua.
local gateways = require 'lib.gateway.gateways'
local listener_facts = require 'lib.listener.facts'
local listener_sets = require 'lib.listener.sets'
local listener_steps = require 'lib.listener.steps'
local plugins = require 'lib.plugin.plugins'

local M = {
  api = 1,
  kind = listener_sets.KIND,
  reads = listener_steps.READS,
  contributes = plugins.join({ 'listener_set', 'attached_listener_sets' }, listener_steps.CONTRIBUTES),
  consults = plugins.join({ 'allowed_listener_sets' }, listener_facts.CONSULTS),
}

listener_steps.add(M)

-- The Gateway that the set adds to, as lib.listener.facts tells it; nil when it isn't there or not ours.
function M:gateway(ctx, set)
  local namespace, name = listener_sets.gateway_of(set)
  local gateway = namespace and listener_facts.gateway(ctx, namespace, name)
  return gateway and gateways.is_ours(ctx, gateway.ownership) and gateway or nil
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

  local _, _, programmed = listener_steps.serve(self, ctx, set, entries_of(ctx, gateway, set), true)
  if programmed == 0 then return report(ctx, set, 'ListenersNotValid', 'no listener can be served') end
  ctx:contribute('attached_listener_sets', gateway.metadata.namespace .. '/' .. gateway.metadata.name, {})
  report(ctx, set)
end

return M
