-- Why a Gateway is not ours: for those who ask why nothing comes of it.
local gateways = require 'lib.gateway.gateways'

local M = {}

function M.gateway(ctx, gateway)
  local name = gateway.spec.gatewayClassName or ''
  local class = ctx:lookup(gateways.CLASS, '', name)
  if not class then return string.format('its GatewayClass %s does not exist', name) end

  local controller = class.spec and class.spec.controllerName or ''
  if controller ~= gateways.controller(ctx) then
    return string.format('its GatewayClass %s is of the controller %s, not of %s', name, controller, gateways.controller(ctx))
  end
  return string.format('only the Gateway %s is looked at', ctx:option('gateway_to_reconcile'))
end

return M
