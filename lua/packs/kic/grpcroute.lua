-- GRPCRoutes as Kong Ingress Controller translates them.
local gateways = require 'lib.gateway.gateways'
local grpc_match = require 'lib.grpc.match'
local kic_hostnames = require 'lib.kic.hostnames'
local kic_route_steps = require 'lib.kic.route_steps'
local route_parents = require 'lib.route.parents'

local function is_expressions(ctx)
  return ctx:option('router_flavor') == 'expressions'
end

-- Host names of all listeners; none as soon as one Gateway isn't there. A namespace counts for the parentRefs after it, too.
local function listener_hosts(ctx, route)
  local hosts, namespace = {}, route.metadata.namespace
  for _, ref in ipairs(route.spec.parentRefs or {}) do
    if (ref.kind or 'Gateway') == 'Gateway' then
      namespace = ref.namespace or namespace
      local gateway = ctx:lookup(gateways.GATEWAY, namespace, ref.name)
      if not gateway then return {} end
      for _, listener in ipairs(gateway.spec.listeners or {}) do
        local addressed = not ref.sectionName or ref.sectionName == listener.name
        if addressed and listener.hostname then hosts[#hosts + 1] = listener.hostname end
      end
    end
  end
  return hosts
end

return kic_route_steps.http_override('GRPCRoute', {
  reads = { gateways.GATEWAY },

  hostnames = function(_, ctx, route)
    local own = route.spec.hostnames or {}
    if is_expressions(ctx) then return kic_hostnames.reversed(own) end
    return #own > 0 and own or listener_hosts(ctx, route)
  end,
  protocols = function(super, ctx, route, parents)
    return route_parents.http_protocols(parents) and super(ctx, route, parents) or nil
  end,
  -- A listener for plain HTTP makes the backends plain too; everything else is taken for encrypted.
  service_protocol = function(_, _, parents)
    for _, protocol in ipairs(route_parents.http_protocols(parents) or {}) do
      if protocol == 'http' then return 'grpc' end
    end
    return 'grpcs'
  end,
  parent_gives_tags = function(_, ctx) return is_expressions(ctx) end,

  filters = function() return {} end,
  filter_refusal = function() return nil end,
  terminator_status = function() return 500 end,
  -- The expression router has it once for each match.
  terminators = function(_, ctx, rule, backends)
    if #backends > 0 or #(rule.backendRefs or {}) == 0 then return 0 end
    return is_expressions(ctx) and math.max(#(rule.matches or {}), 1) or 1
  end,

  failing_share = function() return nil end,
  route_headers = function(_, _, match) return grpc_match.traditional_headers(match.headers, true) end,
  paths = function(_, _, match) return grpc_match.loose_paths(match.method) end,
  traditional_route = function(_, _, fields, entry)
    if entry.bare and not fields.hosts then fields.paths = { '/' } end
    return fields
  end,
  traits = function(_, _, name, match) return grpc_match.traits(name, match) end,
  order_key = function(_, _, base) return string.format('grpcroute|%d', base) end,
  no_route = function() end,
})
