-- Which of Kong's addresses a Gateway has. Where options name some, every Gateway gets one of its own as far as there are enough, so that
-- two Gateways with the same listeners are told apart; else they share all that Kong has.
local host = require 'host'
local listener_ports = require 'lib.listener.ports'
local listener_sets = require 'lib.listener.sets'

local M = {
  -- What a rule that asks `of` must list in `consults`.
  CONSULTS = { 'gateway_address' },
  -- What a rule that assigns must list in `reads`.
  READS = listener_sets.READS,
}

local function is_ip(text)
  return string.find(text, '^[%x:.]+$') ~= nil and string.find(text, '[:.]') ~= nil
end

-- True when there are addresses to hand out.
function M.has_any(ctx)
  return #listener_ports.known(ctx).addresses > 0
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

-- The addresses where Kong serves most of the Gateway's listeners, and a set of those where it serves any.
local function candidates(ctx, known, gateway)
  local list, best, found, usable = {}, 1, {}, {}
  for i, entry in ipairs(listener_sets.merged(ctx, gateway)) do list[i] = entry.listener end
  for _, address in ipairs(known.addresses) do
    local count, may_have = listener_ports.count_offers(known, list, address)
    if may_have and count > best then best, found = count, {} end
    if may_have and count == best then found[#found + 1] = address end
    usable[address] = may_have and count > 0
  end
  return found, usable
end

-- The usable address that the Gateway's status has, rather one that is not taken.
local function present(ctx, gateway, usable, uses)
  local status = ctx:status('gateway.networking.k8s.io/v1/Gateway', gateway.metadata.namespace, gateway.metadata.name) or {}
  local first
  for _, address in ipairs(status.addresses or {}) do
    local value = usable[address.value or ''] and address.value
    if value and not uses[value] then return value end
    first = first or value
  end
  return first
end

-- Each Gateway has an order of its own among equals: those which come in one second seldom want the same address then, and who is seen
-- first seldom matters.
local function least_used(gateway, list, uses)
  local best, best_rank
  for _, address in ipairs(list) do
    local more = (uses[address] or 0) - (uses[best] or 0)
    local rank = host.sha256(string.format('%s %s/%s', address, gateway.metadata.namespace, gateway.metadata.name))
    if not best or more < 0 or (more == 0 and rank < best_rank) then best, best_rank = address, rank end
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

-- What each of the Gateways (in order of age) gets, in that order; false for nothing. It follows from the Gateways alone, however late
-- their statuses are: an address that was asked for is granted; where a status says so a Gateway stays, unless an older one has the
-- address and another is free; what is left goes to those that come, the oldest first. Once a status says what was decided nothing is
-- decided otherwise because of it.
function M.assign(ctx, gateways)
  local known, uses, places, open = listener_ports.known(ctx), {}, {}, {}
  local function settle(i, place)
    places[i] = place
    for _, address in ipairs(place.addresses) do uses[address] = (uses[address] or 0) + 1 end
  end

  for i, gateway in ipairs(gateways) do
    places[i] = false
    local requested = M.requested(gateway)
    if #requested > 0 then
      settle(i, grant(known, requested))
    else
      local list, usable = candidates(ctx, known, gateway)
      local address = present(ctx, gateway, usable, uses)
      if address and not uses[address] then
        settle(i, { addresses = { address }, unusable = {} })
      elseif #list > 0 then
        open[#open + 1] = { i = i, list = list, present = address }
      end
    end
  end
  for _, one in ipairs(open) do
    local address = least_used(gateways[one.i], one.list, uses)
    if one.present and uses[address] then address = one.present end
    settle(one.i, { addresses = { address }, unusable = {} })
  end
  return places
end

return M
