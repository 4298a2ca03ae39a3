-- Which Gateways are ours, and what they are called.
local M = {
  GATEWAY = 'gateway.networking.k8s.io/v1/Gateway',
  CLASS = 'gateway.networking.k8s.io/v1/GatewayClass',
  CONTROLLER = 'konghq.com/kic-gateway-controller',
}

-- What a rule that asks for the ownership must list in `reads`.
M.READS = { M.CLASS }

function M.controller(ctx)
  return ctx:option('gateway_controller') or M.CONTROLLER
end

-- 'ours', 'foreign', or 'unknown' when the class isn't there to ask.
function M.ownership(ctx, gateway)
  local only = ctx:option('gateway_to_reconcile')
  if only and only ~= '' and only ~= gateway.metadata.namespace .. '/' .. gateway.metadata.name then return 'foreign' end

  local class = ctx:lookup(M.CLASS, '', gateway.spec.gatewayClassName or '')
  if not class or not class.spec then return 'unknown' end
  return class.spec.controllerName == M.controller(ctx) and 'ours' or 'foreign'
end

-- Files hold parts of a cluster, so what is absent from them is taken for granted; in a cluster it is absent.
function M.assumes_absent(ctx)
  return ctx:option('offline') == true
end

-- How topics name the owner of listeners, a Gateway or ListenerSet.
function M.owner_key(object)
  local key = object.metadata.namespace .. '/' .. object.metadata.name
  return object.kind == 'ListenerSet' and M.set_key(key) or key
end

-- The same for a ListenerSet of which the namespace/name is known.
function M.set_key(key)
  return 'ListenerSet/' .. key
end

-- True when the Gateway's listeners are ours to serve.
function M.is_ours(ctx, ownership)
  return ownership == 'ours' or (ownership == 'unknown' and M.assumes_absent(ctx))
end

return M
