-- GatewayClasses of ours: that they are accepted, and what Gateways of them can do.
local gateways = require 'lib.gateway.gateways'
local listener_ports = require 'lib.listener.ports'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/GatewayClass',
  contributes = { 'gateway_addresses' },
}

local ALWAYS = {
  'GRPCRoute', 'GRPCRouteNamedRouteRule', 'Gateway', 'GatewayAddressEmpty', 'HTTPRoute',
  'HTTPRoute303RedirectStatusCode', 'HTTPRoute307RedirectStatusCode', 'HTTPRoute308RedirectStatusCode',
  'HTTPRouteBackendProtocolH2C', 'HTTPRouteBackendProtocolWebSocket', 'HTTPRouteBackendRequestHeaderModification',
  'HTTPRouteBackendTimeout', 'HTTPRouteCORS', 'HTTPRouteHostRewrite', 'HTTPRouteMethodMatching',
  'HTTPRouteNamedRouteRule', 'HTTPRoutePathRedirect', 'HTTPRoutePathRewrite', 'HTTPRoutePortRedirect',
  'HTTPRouteRequestMirror', 'HTTPRouteRequestMultipleMirrors', 'HTTPRouteRequestPercentageMirror', 'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification', 'HTTPRouteSchemeRedirect', 'ListenerSet', 'ReferenceGrant',
  'TLSRoute', 'TLSRouteModeMixed', 'TLSRouteModeTerminate',
}

-- What needs priorities and matchers that the traditional router doesn't have.
local WITH_EXPRESSIONS = { 'GatewayHTTPListenerIsolation', 'HTTPRouteQueryParamMatching', 'TCPRoute', 'UDPRoute' }

-- What needs to know that the ports which Kong sees are those of the Gateways.
local WITH_PORTS = { 'HTTPRouteDestinationPortMatching', 'HTTPRouteParentRefPort' }

local function append(list, more)
  table.move(more, 1, #more, #list + 1, list)
end

-- Features by the names of the Gateway API, sorted.
function M:features(ctx)
  local list = {}
  append(list, ALWAYS)
  local known = listener_ports.known(ctx)
  if ctx:option('router_flavor') == 'expressions' then
    append(list, WITH_EXPRESSIONS)
    if listener_ports.is_exposed(known) then append(list, WITH_PORTS) end
  end
  if listener_ports.listens(known, 'http', 8080) then append(list, { 'GatewayPort8080' }) end
  if #known.addresses > 0 then
    append(list, { 'GatewayStaticAddresses' })
    if ctx:option('router_flavor') == 'expressions' then append(list, { 'GatewayHTTPSListenerDetectMisdirectedRequests' }) end
  end
  table.sort(list)
  return list
end

function M:translate(ctx, class)
  if (class.spec or {}).controllerName ~= gateways.controller(ctx) then return end

  ctx:contribute('gateway_addresses', 'all', { class = class.metadata.name })
  local features = {}
  for i, name in ipairs(self:features(ctx)) do features[i] = { name = name } end
  ctx:condition(class, {
    type = 'Accepted', status = 'True', reason = 'Accepted', message = 'the gatewayclass has been accepted by the controller',
    detail = { supportedFeatures = features },
  })
end

return M
