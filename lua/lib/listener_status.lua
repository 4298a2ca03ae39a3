-- Listeners of Gateways and ListenerSets: what becomes of each, its certificate, and what its status says.
local gateway_addresses = require 'lib.gateway_addresses'
local gateways = require 'lib.gateways'
local host = require 'host'
local listener_certificates = require 'lib.listener_certificates'
local listener_ports = require 'lib.listener_ports'
local listeners = require 'lib.listeners'
local plugins = require 'lib.plugins'

local M = {
  -- What a rule that examines and serves listeners must list.
  READS = listener_certificates.READS,
  CONTRIBUTES = { 'tls_secret', 'sni' },
  CONSULTS = plugins.join({ 'attached_routes' }, gateway_addresses.CONSULTS),
}

-- Why a listener isn't accepted (nil: it is): a reason and a text. `entry.addresses` are the Gateway's, where it has some of its own.
function M.refusal(ctx, entry)
  local listener = entry.listener
  if not listeners.is_known_protocol(listener) then
    return 'UnsupportedProtocol', string.format('protocol %s is not supported', tostring(listener.protocol))
  end
  if entry.conflict then
    return entry.conflict, string.format('another listener claims port %d in a way that cannot be told apart', listener.port)
  end
  if listener_ports.is_unavailable(ctx, listener, entry.addresses) then
    local at = entry.addresses and #entry.addresses > 0 and ' at ' .. table.concat(entry.addresses, ', ') or ''
    return 'PortUnavailable', string.format('Kong does not listen on port %d for %s%s', listener.port, listener.protocol, at)
  end
  return nil
end

-- The Secret whose certificate serves the listener, and what is wrong with its references.
function M.certificate(ctx, owner, listener)
  if #((listener.tls or {}).certificateRefs or {}) > 1 then
    ctx:problem(owner, 'UnsupportedFeature', string.format(
      'listener %s has more than one certificateRef, of which the first usable one serves', listener.name))
  end
  return listener_certificates.of(ctx, owner, listener)
end

-- What has become of a listener: { refused = { reason, text }, kinds, secret, trouble = { reason, text } }. `rule` has the steps.
function M.examine(rule, ctx, gateway, entry)
  local state, listener, place = {}, entry.listener, gateway_addresses.of(ctx, gateway)
  entry.addresses = place and place.addresses
  local reason, text = rule:refusal(ctx, entry)
  if reason then state.refused = { reason = reason, text = text } end
  local all
  state.kinds, all = listeners.supported_kinds(listener)
  state.secret, state.trouble = rule:certificate(ctx, entry.owner, listener)
  if not all and not state.trouble then
    state.trouble = { reason = 'InvalidRouteKinds', text = 'a kind of allowedRoutes cannot be attached to this listener' }
  end
  state.programmed = not state.refused and #state.kinds > 0
    and (state.secret ~= nil or not listener_certificates.terminates(listener))
  return state
end

-- Offers the listener's certificate for its host.
function M.serve(ctx, listener, state)
  if not state.secret or state.refused then return end
  ctx:contribute('tls_secret', state.secret, {})
  ctx:contribute('sni', listener.hostname and listener.hostname ~= '' and listener.hostname or '*', { secret = state.secret })
end

-- How many routes are attached to each listener of a Gateway or ListenerSet.
function M.count_attached(ctx, owner)
  local counts = {}
  for _, contribution in ipairs(ctx:consult('attached_routes', gateways.owner_key(owner))) do
    for _, name in ipairs(contribution.data.listeners) do counts[name] = (counts[name] or 0) + 1 end
  end
  return counts
end

local CONFLICTS = { HostnameConflict = true, ProtocolConflict = true }

local PROBLEMS = {
  UnsupportedProtocol = 'UnsupportedFeature', PortUnavailable = 'UnsupportedFeature', InvalidRouteKinds = 'UnsupportedFeature',
  HostnameConflict = 'HostClaimed', ProtocolConflict = 'HostClaimed', InvalidCertificateRef = 'InvalidCertificate',
  RefNotPermitted = 'NoReferenceGrant',
}

-- Tells the object's status, and the object's owner where something is wrong.
function M.report(ctx, owner, listener, state, attached)
  local wrong = state.refused or state.trouble
  if wrong then
    ctx:problem(owner, PROBLEMS[wrong.reason] or 'InvalidObject', string.format('listener %s: %s', listener.name, wrong.text))
  end
  local kinds = host.array {}
  for i, kind in ipairs(state.kinds) do kinds[i] = { group = listeners.GROUP, kind = kind } end
  local detail = { attachedRoutes = attached or 0, supportedKinds = kinds }
  local function say(type, holds, reason, message)
    ctx:condition(owner, {
      type = type, status = holds and 'True' or 'False', reason = reason, message = message, subject = listener.name, detail = detail,
    })
  end

  local refused, trouble = state.refused, state.trouble
  local conflict = refused and CONFLICTS[refused.reason] and refused.reason
  say('Accepted', not refused, refused and refused.reason or 'Accepted', refused and refused.text or 'the listener is accepted')
  say('Conflicted', conflict ~= nil and conflict ~= false, conflict or 'NoConflicts', conflict and refused.text or 'there are no conflicts')
  if trouble then
    say('ResolvedRefs', false, trouble.reason, trouble.text)
  else
    say('ResolvedRefs', true, 'ResolvedRefs', 'all references are resolved')
  end
  if state.programmed then
    say('Programmed', true, 'Programmed', 'the listener is configured in Kong')
  else
    say('Programmed', false, conflict or 'Invalid', (refused or trouble or { text = 'the listener has no certificate' }).text)
  end
end

return M
