-- Gateways of ours: the certificates of their listeners, and what their status says.
local gateways = require 'lib.gateways'
local host = require 'host'
local listener_certificates = require 'lib.listener_certificates'
local listeners = require 'lib.listeners'
local plugins = require 'lib.plugins'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/Gateway',
  reads = plugins.join({ gateways.CLASS }, listener_certificates.READS),
  contributes = { 'tls_secret', 'sni' },
  consults = { 'attached_routes' },
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
function M:refusal(ctx, gateway, listener)
  if not listeners.is_known_protocol(listener) then
    return 'UnsupportedProtocol', string.format('protocol %s is not supported', tostring(listener.protocol))
  end
  local conflict = listeners.conflict(gateway, listener)
  if conflict then return conflict, string.format('another listener claims port %d in a way that cannot be told apart', listener.port) end
  return nil
end

-- The Secret whose certificate serves the listener, and what is wrong with its references.
function M:certificate(ctx, gateway, listener)
  if #((listener.tls or {}).certificateRefs or {}) > 1 then
    ctx:problem(gateway, 'UnsupportedFeature', string.format(
      'listener %s has more than one certificateRef, of which the first usable one serves', listener.name))
  end
  return listener_certificates.of(ctx, gateway, listener)
end

-- What has become of a listener: { refused = { reason, text }, kinds, kinds_ok, secret, trouble = { reason, text } }.
local function examine(rule, ctx, gateway, listener)
  local state = {}
  local reason, text = rule:refusal(ctx, gateway, listener)
  if reason then state.refused = { reason = reason, text = text } end
  state.kinds, state.kinds_ok = listeners.supported_kinds(listener)
  state.secret, state.trouble = rule:certificate(ctx, gateway, listener)
  if not state.kinds_ok and not state.trouble then
    state.trouble = { reason = 'InvalidRouteKinds', text = 'a kind of allowedRoutes cannot be attached to this listener' }
  end
  return state
end

local function is_programmed(state, listener)
  if state.refused or #state.kinds == 0 then return false end
  return state.secret ~= nil or not listener_certificates.terminates(listener)
end

local CONFLICTS = { HostnameConflict = true, ProtocolConflict = true }

local function report_listener(ctx, gateway, listener, state, attached)
  local kinds = host.array {}
  for i, kind in ipairs(state.kinds) do kinds[i] = { group = listeners.GROUP, kind = kind } end
  local detail = { attachedRoutes = attached, supportedKinds = kinds }
  local function say(type, holds, reason, message)
    ctx:condition(gateway, {
      type = type, status = holds and 'True' or 'False', reason = reason, message = message, subject = listener.name, detail = detail,
    })
  end

  local refused, trouble = state.refused, state.trouble
  if refused then
    say('Accepted', false, refused.reason, refused.text)
  else
    say('Accepted', true, 'Accepted', 'the listener is accepted')
  end
  if refused and CONFLICTS[refused.reason] then
    say('Conflicted', true, refused.reason, refused.text)
  else
    say('Conflicted', false, 'NoConflicts', 'there are no conflicts')
  end
  if trouble then
    say('ResolvedRefs', false, trouble.reason, trouble.text)
  else
    say('ResolvedRefs', true, 'ResolvedRefs', 'all references are resolved')
  end
  if is_programmed(state, listener) then
    say('Programmed', true, 'Programmed', 'the listener is configured in Kong')
  else
    say('Programmed', false, 'Invalid', (refused or trouble or { text = 'the listener has no certificate' }).text)
  end
end

local function report_gateway(ctx, gateway, good, all)
  local function say(type, holds, reason, message)
    ctx:condition(gateway, { type = type, status = holds and 'True' or 'False', reason = reason, message = message })
  end

  local parameters = gateway.spec.infrastructure and gateway.spec.infrastructure.parametersRef
  if parameters then
    say('Accepted', false, 'InvalidParameters', 'infrastructure.parametersRef is not supported')
    say('Programmed', false, 'Invalid', 'the Gateway is not accepted')
  elseif good == 0 then
    say('Accepted', false, 'ListenersNotValid', 'no listener can be served')
    say('Programmed', false, 'Invalid', 'the Gateway is not accepted')
  else
    local whole = good == all
    say('Accepted', true, whole and 'Accepted' or 'ListenersNotValid',
      whole and 'the Gateway is accepted' or 'some listeners cannot be served')
    say('Programmed', true, 'Programmed', 'the Gateway is configured in Kong')
  end
end

-- How many routes are attached to each listener.
local function count_attached(ctx, gateway)
  local counts = {}
  for _, contribution in ipairs(ctx:consult('attached_routes', gateway.metadata.namespace .. '/' .. gateway.metadata.name)) do
    for _, name in ipairs(contribution.data.listeners) do counts[name] = (counts[name] or 0) + 1 end
  end
  return counts
end

function M:translate(ctx, gateway)
  gateway.spec = gateway.spec or {}
  if not self:is_ours(ctx, gateway) then return end

  local attached, good, all = count_attached(ctx, gateway), 0, gateway.spec.listeners or {}
  local writes = self:writes_status(ctx, gateway)
  for _, listener in ipairs(all) do
    local state = examine(self, ctx, gateway, listener)
    if not state.refused then good = good + 1 end
    if state.secret and not state.refused then
      ctx:contribute('tls_secret', state.secret, {})
      ctx:contribute('sni', listener.hostname and listener.hostname ~= '' and listener.hostname or '*', { secret = state.secret })
    end
    if writes then report_listener(ctx, gateway, listener, state, attached[listener.name] or 0) end
  end
  if writes then report_gateway(ctx, gateway, good, #all) end
end

return M
