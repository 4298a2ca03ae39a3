-- ListenerSets of our Gateways: the certificates of their listeners, and what their status says. Routes attach in lib/gateways.lua.
local gateways = require 'lib.gateways'
local listener_sets = require 'lib.listener_sets'
local listener_status = require 'lib.listener_status'
local plugins = require 'lib.plugins'

local M = {
  api = 1,
  kind = listener_sets.KIND,
  reads = plugins.join({ gateways.GATEWAY, gateways.CLASS }, listener_sets.READS, listener_status.READS),
  contributes = plugins.join({ 'attached_listener_sets' }, listener_status.CONTRIBUTES),
  consults = listener_status.CONSULTS,
}

-- The Gateway that the set adds to; nil when it isn't there or not ours.
function M:gateway(ctx, set)
  local namespace, name = listener_sets.gateway_of(set)
  local gateway = namespace and ctx:lookup(gateways.GATEWAY, namespace, name)
  if not gateway then return nil end

  gateway.spec = gateway.spec or {}
  local ownership = gateways.ownership(ctx, gateway)
  return (ownership == 'ours' or (ownership == 'unknown' and gateways.assumes_absent(ctx))) and gateway or nil
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

local function is(one, other)
  return one.kind == other.kind and one.metadata.namespace == other.metadata.namespace and one.metadata.name == other.metadata.name
end

function M:translate(ctx, set)
  set.spec = set.spec or {}
  local gateway = self:gateway(ctx, set)
  if not gateway then return end
  if not listener_sets.is_allowed(ctx, gateway, set.metadata.namespace) then
    return report(ctx, set, 'NotAllowed', 'the Gateway allows no ListenerSets of this namespace')
  end

  local attached, programmed = listener_status.count_attached(ctx, set), 0
  for _, entry in ipairs(listener_sets.merged(ctx, gateway)) do
    if is(entry.owner, set) then
      local state = listener_status.examine(self, ctx, gateway, entry)
      if state.programmed then programmed = programmed + 1 end
      listener_status.serve(ctx, entry.listener, state)
      listener_status.report(ctx, set, entry.listener, state, attached[entry.listener.name])
    end
  end
  if programmed == 0 then return report(ctx, set, 'ListenersNotValid', 'no listener can be served') end
  ctx:contribute('attached_listener_sets', gateway.metadata.namespace .. '/' .. gateway.metadata.name, {})
  report(ctx, set)
end

return M
