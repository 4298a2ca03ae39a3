-- TLSRoutes as Kong Ingress Controller translates them.
local gateways = require 'lib.gateway.gateways'

local GROUP = 'gateway.networking.k8s.io'
local KIND = GROUP .. '/v1alpha2/TLSRoute'

local M = require('lib.kic.stream_routes').override 'TLSRoute'

M.reads = { gateways.GATEWAY }

function M.snis(_, _, route)
  return route.spec.hostnames or {}
end

function M.rule_refusal()
  return nil
end

-- The status says which Gateways are asked.
function M.passes_through(_, ctx, route)
  local status = ctx:status(KIND, route.metadata.namespace, route.metadata.name) or {}
  for _, parent in ipairs(status.parents or {}) do
    local ref = parent.parentRef or {}
    local is_gateway = (ref.group or GROUP) == GROUP and (ref.kind or 'Gateway') == 'Gateway'
    local gateway = is_gateway and ctx:lookup(gateways.GATEWAY, ref.namespace or route.metadata.namespace, ref.name or '')
    for _, listener in ipairs(gateway and gateway.spec.listeners or {}) do
      local addressed = not ref.sectionName or ref.sectionName == listener.name
      if addressed and listener.tls and listener.tls.mode == 'Passthrough' then return true end
    end
  end
  return false
end

return M
