-- Hands Kong's addresses out to the Gateways of our classes, which contribute their names; one node for all, since Gateways compete.
local gateway_addresses = require 'lib.gateway.addresses'
local gateways = require 'lib.gateway.gateways'
local listener_sets = require 'lib.listener.sets'
local plugins = require 'lib.plugin.plugins'

local M = {
  api = 1,
  shared = 'gateway_addresses',
  reads = plugins.join({ gateways.GATEWAY }, gateway_addresses.READS),
  contributes = { 'gateway_address' },
}

-- Our Gateways, the oldest first.
function M:gateways(ctx, contributions)
  local classes, list = {}, {}
  for _, contribution in ipairs(contributions) do classes[contribution.data.class] = true end
  for _, gateway in ipairs(ctx:list(gateways.GATEWAY)) do
    gateway.spec = gateway.spec or {}
    if classes[gateway.spec.gatewayClassName or ''] then list[#list + 1] = gateway end
  end
  table.sort(list, listener_sets.older)
  return list
end

function M:translate(ctx, key, contributions)
  if not gateway_addresses.has_any(ctx) then return end
  local list = self:gateways(ctx, contributions)
  for i, place in ipairs(gateway_addresses.assign(ctx, list)) do
    local metadata = list[i].metadata
    if place then ctx:contribute('gateway_address', metadata.namespace .. '/' .. metadata.name, place) end
  end
end

return M
