-- The object that wants a Kong service, as contributions name it.
local M = {}

local GATEWAY_API = 'gateway.networking.k8s.io'
local KINDS = {
  HTTPRoute = GATEWAY_API .. '/v1/HTTPRoute', GRPCRoute = GATEWAY_API .. '/v1/GRPCRoute', TCPRoute = GATEWAY_API .. '/v1alpha2/TCPRoute',
  TLSRoute = GATEWAY_API .. '/v1alpha2/TLSRoute', UDPRoute = GATEWAY_API .. '/v1alpha2/UDPRoute',
}

-- What a rule that looks parents up must list in `reads`.
M.READS = { KINDS.GRPCRoute, KINDS.HTTPRoute, KINDS.TCPRoute, KINDS.TLSRoute, KINDS.UDPRoute }

-- True for objects of the Gateway API.
function M.is_route(parent)
  return parent ~= nil and KINDS[parent.kind] ~= nil
end

-- Only routes of the Gateway API have several Services for one Kong service.
function M.find(ctx, parent)
  local kind = parent and KINDS[parent.kind]
  return kind and ctx:lookup(kind, parent.namespace, parent.name) or nil
end

-- Whom problems with a contribution's backends concern.
function M.source(contribution)
  return contribution.from
end

-- True when two contributions come from one object.
function M.same(left, right)
  local a, b = left.from, right.from
  return a.kind == b.kind and a.namespace == b.namespace and a.name == b.name
end

return M
