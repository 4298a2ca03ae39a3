-- Gateways as Kong Ingress Controller treats them.
local gateways = require 'lib.gateway.gateways'

return {
  api = 1,
  extends = 'Gateway',

  -- Without its class a Gateway gives no certificates, be it in files or in a cluster.
  is_ours = function(_, ctx, gateway) return gateways.ownership(ctx, gateway) == 'ours' end,

  -- Only Gateways of a class that is marked as unmanaged; another writes the others' status.
  writes_status = function(_, ctx, gateway)
    local class = ctx:lookup(gateways.CLASS, '', gateway.spec.gatewayClassName or '')
    local mark = class and class.metadata.annotations and class.metadata.annotations['konghq.com/gatewayclass-unmanaged']
    return mark ~= nil and mark ~= ''
  end,

  -- A listener with several certificates gets none.
  certificate = function(super, ctx, gateway, listener)
    if #((listener.tls or {}).certificateRefs or {}) <= 1 then return super(ctx, gateway, listener) end
    ctx:problem(gateway, 'UnsupportedFeature', "listener '%s' has more than one certificateRef, it's not supported")
    return nil, nil
  end,
}
