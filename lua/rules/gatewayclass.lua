-- GatewayClasses of ours: that they are accepted, and what Gateways of them can do.
local gateways = require 'lib.gateways'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/GatewayClass',
}

local ALWAYS = {
  'GRPCRoute', 'Gateway', 'HTTPRoute',
  'HTTPRoute303RedirectStatusCode', 'HTTPRoute307RedirectStatusCode', 'HTTPRoute308RedirectStatusCode',
  'HTTPRouteBackendRequestHeaderModification', 'HTTPRouteBackendTimeout', 'HTTPRouteCORS', 'HTTPRouteHostRewrite',
  'HTTPRouteMethodMatching', 'HTTPRouteNamedRouteRule', 'HTTPRoutePathRedirect',
  'HTTPRoutePathRewrite', 'HTTPRoutePortRedirect', 'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification', 'HTTPRouteSchemeRedirect', 'ReferenceGrant', 'TLSRoute',
}

-- Features by the names of the Gateway API, sorted.
function M:features(ctx)
  local list = table.move(ALWAYS, 1, #ALWAYS, 1, {})
  if ctx:option('router_flavor') == 'expressions' then list[#list + 1] = 'HTTPRouteQueryParamMatching' end
  table.sort(list)
  return list
end

function M:translate(ctx, class)
  if (class.spec or {}).controllerName ~= gateways.controller(ctx) then return end

  local features = {}
  for i, name in ipairs(self:features(ctx)) do features[i] = { name = name } end
  ctx:condition(class, {
    type = 'Accepted', status = 'True', reason = 'Accepted', message = 'the gatewayclass has been accepted by the controller',
    detail = { supportedFeatures = features },
  })
end

return M
