-- Addresses behind a Service, and how much of the traffic each is to get.
local ports = require 'lib.service.ports'

local M = {
  HEAVIEST = 65535, -- the largest weight that Kong takes
  UNSET = 100,      -- what Kong makes of a target without weight
}

-- Whether an endpoint serves: false, or true and whether it is draining.
local function serves(endpoint, drain_support)
  local conditions = endpoint.conditions or {}
  local terminating = conditions.terminating == true
  if conditions.ready == false and not (terminating and drain_support) then return false end
  return true, terminating and drain_support
end

local function add_endpoints(list, seen, slice, number, drain_support)
  for _, endpoint in ipairs(slice.endpoints or {}) do
    local address = endpoint.addresses and endpoint.addresses[1]
    local good, draining = serves(endpoint, drain_support)
    if good and address then
      local target = ports.target(address, number)
      local key = draining and target .. ' draining' or target
      if not seen[key] then
        seen[key] = true
        list[#list + 1] = { target = target, weight = draining and 0 or nil, draining = draining }
      end
    end
  end
end

-- The targets that EndpointSlices give for a port of a Service, for one protocol.
function M.of_slices(slices, port, protocol, drain_support)
  local list, seen = {}, {}
  local name = port.name or ''
  for _, slice in ipairs(slices) do
    for _, slice_port in ipairs(slice.ports or {}) do
      if slice_port.port and (slice_port.name or '') == name and (slice_port.protocol or 'TCP') == protocol then
        add_endpoints(list, seen, slice, slice_port.port, drain_support)
      end
    end
  end
  return list
end

local function weighted(entry)
  local count = 0
  for _, target in ipairs(entry.targets) do
    if target.weight ~= 0 then count = count + 1 end
  end
  return count
end

local function set_weight(entry, weight)
  for _, target in ipairs(entry.targets) do
    if not target.draining then target.weight = weight end
  end
end

-- Kong Ingress Controller's way: a backend's weight is divided among its targets, each getting at least 1.
function M.divide_roughly(entries)
  for _, entry in ipairs(entries) do
    local weight = entry.weight
    if weight and #entry.targets > 0 then
      local count = weighted(entry)
      set_weight(entry, (weight == 0 or count == 0) and weight or math.max(1, weight // count))
    end
  end
end

local function common_divisor(a, b)
  while b ~= 0 do a, b = b, a % b end
  return a
end

local MOST_SHARES = 1 << 40

-- Weights in whole numbers that keep the backends' proportions exactly, however many targets each has.
local function exact_shares(entries)
  local shares = 1
  for _, entry in ipairs(entries) do
    shares = shares // common_divisor(shares, entry.count) * entry.count
    if shares > MOST_SHARES then return nil end
  end
  local divisor = 0
  for _, entry in ipairs(entries) do
    entry.share = entry.weight * (shares // entry.count)
    divisor = common_divisor(divisor, entry.share)
  end
  for _, entry in ipairs(entries) do entry.share = entry.share // divisor end
  return true
end

local function scale_down(entries)
  local heaviest = 0
  for _, entry in ipairs(entries) do heaviest = math.max(heaviest, entry.share) end
  if heaviest <= M.HEAVIEST then return end
  for _, entry in ipairs(entries) do entry.share = math.max(1, math.tointeger(entry.share * M.HEAVIEST // heaviest)) end
end

local function divides_evenly(entries)
  for _, entry in ipairs(entries) do
    if entry.weight % entry.count ~= 0 or entry.weight // entry.count > M.HEAVIEST then return false end
  end
  return true
end

-- Weights such that each backend gets its part of the whole. Entries: { weight, targets }.
function M.divide(entries)
  local sharing = {}
  for _, entry in ipairs(entries) do
    local weight = entry.weight
    if weight and #entry.targets > 0 then
      local count = weighted(entry)
      if weight <= 0 then
        set_weight(entry, 0)
      elseif count > 0 then
        sharing[#sharing + 1] = { weight = weight, count = count, entry = entry }
      end
    end
  end
  if #sharing == 0 then return end

  if #sharing == 1 then
    sharing[1].share = math.min(M.HEAVIEST, math.max(1, sharing[1].weight // sharing[1].count))
  elseif divides_evenly(sharing) then
    for _, entry in ipairs(sharing) do entry.share = entry.weight // entry.count end
  else
    if not exact_shares(sharing) then
      for _, entry in ipairs(sharing) do entry.share = math.max(1, entry.weight // entry.count) end
    end
    scale_down(sharing)
  end
  for _, entry in ipairs(sharing) do set_weight(entry.entry, entry.share) end
end

-- One list of { target, weight, about }, sorted; a target that occurs twice gets both weights.
function M.merge(entries)
  local by_target, names = {}, {}
  for _, entry in ipairs(entries) do
    for _, target in ipairs(entry.targets) do
      local present = by_target[target.target]
      if present then
        present.weight = (present.weight or M.UNSET) + (target.weight or M.UNSET)
      else
        by_target[target.target] = { target = target.target, weight = target.weight, about = target.about }
        names[#names + 1] = target.target
      end
    end
  end
  table.sort(names)
  local list = {}
  for i, name in ipairs(names) do list[i] = by_target[name] end
  return list
end

return M
