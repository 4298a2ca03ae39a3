-- What the status of a Gateway (key: namespace/name) says of it as a whole. Contributions: { refused = { reason, text }, all, accepted (how
-- many listeners there are, and how many can be served), place (its addresses, see lib/gateway/addresses.lua) }.
local host = require 'host'

local M = {
  api = 1,
  shared = 'gateway_status',
  consults = { 'attached_listener_sets' },
}

-- What the status has beside conditions and listeners.
local function details(ctx, key, place)
  local sets = ctx:count('attached_listener_sets', key)
  local detail = { attachedListenerSets = sets > 0 and sets or nil }
  for i, address in ipairs(place and place.addresses or {}) do
    detail.addresses = detail.addresses or host.array {}
    detail.addresses[i] = { type = 'IPAddress', value = address }
  end
  return next(detail) and detail or nil
end

local function report(ctx, key, gateway, state)
  local detail = details(ctx, key, state.place)
  local function say(type, holds, reason, message)
    ctx:condition(gateway, {
      type = type, status = holds and 'True' or 'False', reason = reason, message = message, detail = detail,
    })
  end

  local refused, whole, unusable = state.refused, state.accepted == state.all, state.place and state.place.unusable or {}
  if not refused and state.accepted == 0 then refused = { reason = 'ListenersNotValid', text = 'no listener can be served' } end
  if refused then
    say('Accepted', false, refused.reason, refused.text)
    say('Programmed', false, 'Invalid', 'the Gateway is not accepted')
    return
  end
  say('Accepted', true, whole and 'Accepted' or 'ListenersNotValid',
    whole and 'the Gateway is accepted' or 'some listeners cannot be served')
  if #unusable > 0 then
    say('Programmed', false, 'AddressNotUsable', 'Kong does not listen on ' .. table.concat(unusable, ', '))
  else
    say('Programmed', true, 'Programmed', 'the Gateway is configured in Kong')
  end
end

function M:translate(ctx, key, contributions)
  for _, contribution in ipairs(contributions) do report(ctx, key, contribution.from, contribution.data) end
end

return M
