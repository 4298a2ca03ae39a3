-- GRPCRoutes as Kong Ingress Controller translates them.
local expression = require 'lib.expression'
local gateways = require 'lib.gateways'
local grpc_match = require 'lib.grpc_match'
local hostnames = require 'lib.hostnames'
local route_overrides = require 'lib.route_overrides'
local tags = require 'lib.tags'

local function is_expressions(ctx)
  return ctx:option('router_flavor') == 'expressions'
end

-- Host names of all listeners; none as soon as one Gateway isn't there.
local function listener_hosts(parents)
  local hosts = {}
  for _, parent in ipairs(parents) do
    if not parent.gateway then return {} end
  end
  gateways.each_listener(parents, function(listener)
    if listener.hostname and listener.hostname ~= '' then hosts[#hosts + 1] = listener.hostname end
  end)
  return hosts
end

return {
  api = 1,
  extends = 'GRPCRoute',

  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,
  backend_kind = function(_, _, ref) return ref.kind end,
  parents = function(_, ctx, route) return gateways.parents(ctx, route, 'GRPCRoute', true) end,
  is_attached = function(super, ctx, parents) return #parents == 0 or super(ctx, parents) end,

  hostnames = function(_, ctx, route, parents)
    local own = route.spec.hostnames or {}
    if #own > 0 or is_expressions(ctx) then return own end
    return listener_hosts(parents)
  end,
  protocols = function(super, ctx, route, parents)
    return gateways.http_protocols(parents) and super(ctx, route, parents) or nil
  end,
  -- A listener for plain HTTP makes the backends plain too; everything else is taken for encrypted.
  service_protocol = function(_, _, parents)
    for _, protocol in ipairs(gateways.http_protocols(parents) or {}) do
      if protocol == 'http' then return 'grpc' end
    end
    return 'grpcs'
  end,
  service_parent = function(super, ctx, route) return is_expressions(ctx) and super(ctx, route) or nil end,

  filters = function() return {} end,
  filter_refusal = function() return nil end,
  terminator_status = function() return 500 end,
  needs_terminator = function(_, _, rule, backends) return #backends == 0 and #(rule.backendRefs or {}) > 0 end,

  failing_share = function() return nil end,
  match_headers = function(_, _, match) return match.headers end,
  route_headers = function(_, _, match) return grpc_match.traditional_headers(match.headers, true) end,
  paths = function(_, _, match) return grpc_match.loose_paths(match.method) end,
  traditional_route = function(_, _, fields, entry)
    if entry.bare and not fields.hosts then fields.paths = { '/' } end
    return fields
  end,
  host_expression = function(_, _, name) return hostnames.is_narrow_host(name) and expression.host(name) or '' end,
  listener_expression = function() return '' end,
  sni_expression = function(_, _, snis) return expression.snis(snis or {}, hostnames.is_narrow_sni) end,
  traits = function(_, _, name, match) return grpc_match.traits(name, match) end,
  order_key = function(_, _, base) return string.format('grpcroute|%d', base) end,
  no_route = function() end,
}
