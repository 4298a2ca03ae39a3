-- What the status of a Gateway or ListenerSet says of one of its listeners; the key is the owner's and the listener's name, as the topic
-- `attached_routes` has it. Contributions: { name, refused = { reason, text }, trouble = { reason, text }, kinds, programmed }.
local host = require 'host'
local listeners = require 'lib.listener.listeners'

local M = {
  api = 1,
  shared = 'listener_status',
  consults = { 'attached_routes' },
}

local CONFLICTS = { HostnameConflict = true, ProtocolConflict = true }

local function report(ctx, owner, state, attached)
  local kinds = host.array {}
  for i, kind in ipairs(state.kinds) do kinds[i] = { group = listeners.GROUP, kind = kind } end
  local detail = { attachedRoutes = attached, supportedKinds = kinds }
  local function say(type, holds, reason, message)
    ctx:condition(owner, {
      type = type, status = holds and 'True' or 'False', reason = reason, message = message, subject = state.name, detail = detail,
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

function M:translate(ctx, key, contributions)
  local attached = ctx:count('attached_routes', key)
  for _, contribution in ipairs(contributions) do report(ctx, contribution.from, contribution.data, attached) end
end

return M
