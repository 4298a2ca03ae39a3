-- Steps that Gateways and ListenerSets share: what becomes of each listener, its certificate, and what its status is to say.
local gateways = require 'lib.gateway.gateways'
local listener_certificates = require 'lib.listener.certificates'
local listener_facts = require 'lib.listener.facts'
local listener_ports = require 'lib.listener.ports'
local listeners = require 'lib.listener.listeners'

local M = {
  -- What a rule with these steps must list.
  READS = listener_certificates.READS,
  CONTRIBUTES = { 'tls_secret', 'sni', 'listener_status' },
}

local steps = {}

-- Why a listener isn't accepted (nil: it is): a reason and a text. `entry.addresses` are the Gateway's, where it has some of its own.
function steps:refusal(ctx, entry)
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
function steps:certificate(ctx, owner, listener)
  if #((listener.tls or {}).certificateRefs or {}) > 1 then
    ctx:problem(owner, 'UnsupportedFeature', string.format(
      'listener %s has more than one certificateRef, of which the first usable one serves', listener.name))
  end
  return listener_certificates.of(ctx, owner, listener)
end

-- Gives a rule these steps.
function M.add(rule)
  for name, step in pairs(steps) do rule[name] = step end
end

-- What has become of a listener: { refused = { reason, text }, kinds, secret, trouble = { reason, text }, programmed }.
local function examine(rule, ctx, entry)
  local state, listener = {}, entry.listener
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
local function offer(ctx, listener, state)
  if not state.secret or state.refused then return end
  ctx:contribute('tls_secret', state.secret, {})
  ctx:contribute('sni', listener.hostname and listener.hostname ~= '' and listener.hostname or '*', { secret = state.secret })
end

local PROBLEMS = {
  UnsupportedProtocol = 'UnsupportedFeature', PortUnavailable = 'UnsupportedFeature', InvalidRouteKinds = 'UnsupportedFeature',
  HostnameConflict = 'HostClaimed', ProtocolConflict = 'HostClaimed', InvalidCertificateRef = 'InvalidCertificate',
  RefNotPermitted = 'NoReferenceGrant',
}

-- Tells the object's owner what is wrong with a listener, and its status what has become of it: rules/listener_status.lua.
local function report(ctx, owner, listener, state)
  local wrong = state.refused or state.trouble
  if wrong then
    ctx:problem(owner, PROBLEMS[wrong.reason] or 'InvalidObject', string.format('listener %s: %s', listener.name, wrong.text))
  end
  ctx:contribute('listener_status', listener_facts.section_key(gateways.owner_key(owner), listener.name), {
    name = listener.name, refused = state.refused, trouble = state.trouble, kinds = state.kinds, programmed = state.programmed,
  })
end

-- Serves the owner's listeners, entries as lib.listener.sets merges them with `addresses`; `writes`: tells its status. Returns how many
-- there are, how many are accepted and how many are programmed.
function M.serve(rule, ctx, owner, entries, writes)
  local all, accepted, programmed = 0, 0, 0
  for _, entry in ipairs(entries) do
    if entry.owner == owner then
      local state = examine(rule, ctx, entry)
      all = all + 1
      accepted = accepted + (state.refused and 0 or 1)
      programmed = programmed + (state.programmed and 1 or 0)
      offer(ctx, entry.listener, state)
      if writes then report(ctx, owner, entry.listener, state) end
    end
  end
  return all, accepted, programmed
end

return M
