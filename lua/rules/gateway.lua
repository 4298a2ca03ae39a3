-- Gateways of ours: the certificates of their listeners, and what their status says.
local gateway_addresses = require 'lib.gateway_addresses'
local gateways = require 'lib.gateways'
local host = require 'host'
local listener_sets = require 'lib.listener_sets'
local listener_status = require 'lib.listener_status'
local misdirected = require 'lib.misdirected'
local plugins = require 'lib.plugins'
local tags = require 'lib.tags'
local unused = require 'lib.unused'
local why_foreign = require 'lib.why_foreign'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/Gateway',
  reads = plugins.join({ gateways.CLASS }, listener_sets.READS, listener_status.READS),
  contributes = listener_status.CONTRIBUTES,
  consults = plugins.join({ 'attached_listener_sets' }, listener_status.CONSULTS, misdirected.CONSULTS),

  tags = tags.step,
}

-- True when the Gateway's listeners are ours to serve.
function M:is_ours(ctx, gateway)
  local ownership = gateways.ownership(ctx, gateway)
  return ownership == 'ours' or (ownership == 'unknown' and gateways.assumes_absent(ctx))
end

-- True when the Gateway's status is ours to write.
function M:writes_status(ctx, gateway)
  return true
end

-- Why a listener isn't accepted (nil: it is): a reason and a text.
function M:refusal(ctx, entry)
  return listener_status.refusal(ctx, entry)
end

-- The Secret whose certificate serves the listener, and what is wrong with its references.
function M:certificate(ctx, owner, listener)
  return listener_status.certificate(ctx, owner, listener)
end

-- Why the Gateway as a whole isn't accepted (nil: it is): a reason and a text.
function M:gateway_refusal(ctx, gateway)
  if gateway.spec.infrastructure and gateway.spec.infrastructure.parametersRef then
    return 'InvalidParameters', 'infrastructure.parametersRef is not supported'
  end
  for _, address in ipairs(gateway.spec.addresses or {}) do
    local type = address.type or 'IPAddress'
    if type ~= 'IPAddress' and type ~= 'Hostname' then
      return 'UnsupportedAddress', string.format('addresses of type %s are not supported', type)
    end
  end
  return nil
end

-- Answers requests that a connection for another listener brings.
function M:misdirected(ctx, gateway, entries)
  misdirected.emit(ctx, gateway, entries, self:tags(ctx, gateway))
end

-- What the status has beside conditions and listeners.
local function details(ctx, gateway, place)
  local sets = #ctx:consult('attached_listener_sets', gateway.metadata.namespace .. '/' .. gateway.metadata.name)
  local detail = { attachedListenerSets = sets > 0 and sets or nil }
  for i, address in ipairs(place and place.addresses or {}) do
    detail.addresses = detail.addresses or host.array {}
    detail.addresses[i] = { type = 'IPAddress', value = address }
  end
  return next(detail) and detail or nil
end

local function report_gateway(rule, ctx, gateway, good, all)
  local place = gateway_addresses.of(ctx, gateway)
  local detail = details(ctx, gateway, place)
  local function say(type, holds, reason, message)
    ctx:condition(gateway, {
      type = type, status = holds and 'True' or 'False', reason = reason, message = message, detail = detail,
    })
  end

  local reason, text = rule:gateway_refusal(ctx, gateway)
  if not reason and good == 0 then
    reason, text = 'ListenersNotValid', 'no listener can be served'
  end
  if reason then
    say('Accepted', false, reason, text)
    say('Programmed', false, 'Invalid', 'the Gateway is not accepted')
  else
    local whole = good == all
    say('Accepted', true, whole and 'Accepted' or 'ListenersNotValid',
      whole and 'the Gateway is accepted' or 'some listeners cannot be served')
    if place and #place.unusable > 0 then
      say('Programmed', false, 'AddressNotUsable', 'Kong does not listen on ' .. table.concat(place.unusable, ', '))
    else
      say('Programmed', true, 'Programmed', 'the Gateway is configured in Kong')
    end
  end
end

function M:translate(ctx, gateway)
  gateway.spec = gateway.spec or {}
  if not self:is_ours(ctx, gateway) then
    return unused.is_asked(ctx) and unused.tell(ctx, gateway, why_foreign.gateway(ctx, gateway))
  end

  local attached, good, count = listener_status.count_attached(ctx, gateway), 0, 0
  if next(attached) == nil then unused.tell(ctx, gateway, 'no route is attached to it') end
  local writes = self:writes_status(ctx, gateway)
  local entries = listener_sets.merged(ctx, gateway)
  self:misdirected(ctx, gateway, entries)
  for _, entry in ipairs(entries) do
    if entry.owner == gateway then
      local listener, state = entry.listener, listener_status.examine(self, ctx, gateway, entry)
      count = count + 1
      if not state.refused then good = good + 1 end
      listener_status.serve(ctx, listener, state)
      if writes then listener_status.report(ctx, gateway, listener, state, attached[listener.name]) end
    end
  end
  if writes then report_gateway(self, ctx, gateway, good, count) end
end

return M
