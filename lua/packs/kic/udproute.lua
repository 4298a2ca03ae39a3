-- UDPRoutes as Kong Ingress Controller translates them.
local M = require('lib.kic.stream_routes').override('UDPRoute')

-- A rule without backendRefs voids the whole route.
function M.refusal(super, ctx, route, snis)
  for _, rule in ipairs(route.spec.rules or {}) do
    if #(rule.backendRefs or {}) == 0 then return 'no backendRefs in rule' end
  end
  return super(ctx, route, snis)
end

return M
