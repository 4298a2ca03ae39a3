-- Why a Gateway, or what a route names as its parent, is not ours: for those who ask why nothing comes of it.
local gateways = require 'lib.gateways'

local M = {}

-- Why a Gateway is not ours.
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

-- Why a parentRef of a route leads to nothing of ours.
function M.parent(ctx, route, ref)
  local kind = ref.kind or 'Gateway'
  local title = string.format('%s %s/%s', kind, ref.namespace or route.metadata.namespace, ref.name)
  if kind ~= 'Gateway' and kind ~= 'ListenerSet' then return title .. ' is no Gateway' end
  local gateway, set = gateways.find(ctx, route.metadata.namespace, ref)
  if not gateway then return title .. (set and ' has no Gateway' or ' does not exist') end
  gateway.spec = gateway.spec or {}
  return string.format('%s is not ours: %s', title, M.gateway(ctx, gateway))
end

return M
