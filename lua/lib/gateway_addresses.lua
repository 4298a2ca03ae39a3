-- Which of Kong's addresses a Gateway has. Where options name some, every Gateway gets one of its own as far as there are enough, so that
-- two Gateways with the same listeners are told apart; else they share all that Kong has.
local listener_ports = require 'lib.listener_ports'
local listener_sets = require 'lib.listener_sets'

local M = {
  -- What a rule that asks `of` must list in `consults`.
  CONSULTS = { 'gateway_address' },
  -- What a rule that assigns must list in `reads`.
  READS = listener_sets.READS,
}

local function is_ip(text)
  return string.find(text, '^[%x:.]+$') ~= nil and string.find(text, '[:.]') ~= nil
end

-- The addresses that a Gateway asks for.
function M.requested(gateway)
  local list = {}
  for _, address in ipairs(gateway.spec.addresses or {}) do
    if (address.type or 'IPAddress') == 'IPAddress' and is_ip(address.value or '') then list[#list + 1] = address.value end
  end
  return list
end

-- What was assigned: { addresses, unusable = those that it asks for in vain }; nil when nothing was.
function M.of(ctx, gateway)
  local contributions = ctx:consult('gateway_address', gateway.metadata.namespace .. '/' .. gateway.metadata.name)
  return contributions[1] and contributions[1].data
end

local function set_of(list)
  local set = {}
  for _, value in ipairs(list) do set[value] = true end
  return set
end

-- The addresses where Kong serves most of the Gateway's listeners.
local function candidates(ctx, known, gateway)
  local list, best, found = {}, 1, {}
  for i, entry in ipairs(listener_sets.merged(ctx, gateway)) do list[i] = entry.listener end
  for _, address in ipairs(known.addresses) do
    local count, may_have = listener_ports.count_offers(known, list, address)
    if may_have and count > best then best, found = count, {} end
    if may_have and count == best then found[#found + 1] = address end
  end
  return found
end

-- The one of them that the Gateway's status has.
local function present(ctx, gateway, list)
  local status = ctx:status('gateway.networking.k8s.io/v1/Gateway', gateway.metadata.namespace, gateway.metadata.name) or {}
  local has = {}
  for _, address in ipairs(status.addresses or {}) do has[address.value or ''] = true end
  for _, address in ipairs(list) do
    if has[address] then return address end
  end
  return nil
end

local function least_used(list, uses)
  local best = list[1]
  for _, address in ipairs(list) do
    if (uses[address] or 0) < (uses[best] or 0) then best = address end
  end
  return best
end

local function grant(known, requested)
  local pool, granted, unusable = set_of(known.addresses), {}, {}
  for _, address in ipairs(requested) do
    local list = pool[address] and granted or unusable
    list[#list + 1] = address
  end
  return { addresses = granted, unusable = unusable }
end

-- What each of the Gateways (in order of age) gets, in that order; false for nothing. Addresses that were asked for, or that a status
-- shows, stay where they are.
function M.assign(ctx, gateways)
  local known, uses, places, open = listener_ports.known(ctx), {}, {}, {}
  local function settle(i, place)
    places[i] = place
    for _, address in ipairs(place.addresses) do uses[address] = (uses[address] or 0) + 1 end
  end

  for i, gateway in ipairs(gateways) do
    places[i] = false
    local requested = M.requested(gateway)
    local list = #known.addresses > 0 and #requested == 0 and candidates(ctx, known, gateway) or {}
    local address = present(ctx, gateway, list)
    if #known.addresses > 0 and #requested > 0 then
      settle(i, grant(known, requested))
    elseif address then
      settle(i, { addresses = { address }, unusable = {} })
    elseif #list > 0 then
      open[#open + 1] = { i = i, list = list }
    end
  end
  for _, one in ipairs(open) do settle(one.i, { addresses = { least_used(one.list, uses) }, unusable = {} }) end
  return places
end

return M
