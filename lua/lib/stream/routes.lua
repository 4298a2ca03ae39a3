-- TCPRoutes, UDPRoutes and TLSRoutes: a Kong service and a stream route for each rule. Rules of these kinds take their steps from here.
local backend_refs = require 'lib.route.backend_refs'
local expression = require 'lib.text.expression'
local http_services = require 'lib.http.services'
local listener_match = require 'lib.listener.match'
local plugins = require 'lib.plugin.plugins'
local route_orders = require 'lib.route.orders'
local route_overrides = require 'lib.route.overrides'
local route_parents = require 'lib.route.parents'
local route_steps = require 'lib.route.steps'
local tags = require 'lib.object.tags'

local M = {}

M.PRIORITY = 1

local MOST_ORDER = 4095

-- Ports of the listeners of a protocol that take the route.
local function listener_ports(parents, protocol)
  local ports = {}
  route_parents.each_listener(parents, function(listener)
    if listener.protocol == protocol then ports[#ports + 1] = listener.port end
  end)
  return ports
end

local steps = {}

-- Why the route can't be had (nil: it can): nothing of it is sent then.
function steps:refusal(ctx, route)
  return #(route.spec.rules or {}) == 0 and 'no rules provided' or nil
end

-- Why a rule can't be had (nil: it can): it ends the route, what stands before it is kept.
function steps:rule_refusal(ctx, route, rule)
  if #(rule.backendRefs or {}) > 0 then return nil end
  return route.kind .. ' rules must include at least one backendRef'
end

-- Ports that the Kong route matches.
function steps:ports(ctx, route, parents)
  local ports, seen = {}, {}
  for _, port in ipairs(listener_ports(parents, self:sort().listener)) do
    if not seen[port] then
      seen[port] = true
      ports[#ports + 1] = port
    end
  end
  return ports
end

-- Server names that the Kong route matches; nil when none is left to it.
function steps:snis(ctx, route, parents)
  return {}
end

function steps:protocols(ctx, route, parents)
  return { self:sort().protocol }
end

-- Why a route that matches these can't be had.
function steps:match_refusal(ctx, ports, snis)
  return #ports == 0 and #snis == 0 and 'no listener of a parent Gateway gives the route a port' or nil
end

-- Lists of server names, each of which becomes a Kong route of the expression router.
function steps:sni_groups(ctx, snis)
  return { snis }
end

function steps:expression(ctx, snis, ports)
  local names, numbers = {}, {}
  for i, sni in ipairs(snis) do names[i] = expression.sni(sni) end
  for i, port in ipairs(ports) do numbers[i] = expression.number('net.dst.port', port) end
  return expression.all { expression.any(names), expression.any(numbers) }
end

-- What tells the listeners that take the route from others, for a list of its server names.
function steps:listener_expression(ctx, route, parents, snis)
  return listener_match.addresses(ctx, parents)
end

-- The priority of a Kong route, and which others it competes with; the older object goes first. Without a key there is no order.
function steps:rank(ctx, snis)
  return M.PRIORITY, string.lower(self:sort().kind)
end

M.listener_ports = listener_ports

local function offer_service(rule, ctx, route, entry, service)
  local backends, unresolved = backend_refs.resolve(rule, ctx, route, entry.backendRefs)
  local timeout = http_services.DEFAULT_TIMEOUT
  ctx:contribute('backend', service, {
    host = service, protocol = rule:sort().service_protocol or rule:sort().protocol, connect_timeout = timeout, read_timeout = timeout,
    write_timeout = timeout, retries = http_services.RETRIES, backends = backends, parent = backend_refs.parent(route),
  })
  return unresolved
end

local function traditional(ctx, scope, fields, service)
  fields.snis = #scope.snis > 0 and scope.snis or nil
  local destinations = listener_match.destinations(scope.parents, scope.ports)
  fields.destinations = #destinations > 0 and destinations or nil
  route_overrides.apply(fields, scope.overrides, false)
  local guards = plugins.bind(ctx, scope.resolved, { route = fields.name }, service)
  ctx:emit('route', fields, { service = service }, { guards = guards })
end

-- Routes with a key wait for their place among those that they compete with: rules/route_order.lua.
local function expressions(rule, ctx, scope, fields, service, place)
  fields.expression = expression.all {
    rule:expression(ctx, place.snis, scope.ports), rule:listener_expression(ctx, scope.route, scope.parents, place.snis),
  }
  route_overrides.apply(fields, scope.overrides, true)
  local guards = plugins.bind(ctx, scope.resolved, { route = fields.name }, service)
  local base, key = rule:rank(ctx, place.snis)
  if key then
    scope.orders:add(key, {
      base = base, rule = place.index, match = place.position, fields = fields, service = service, guards = guards,
    })
  else
    fields.priority = base
    ctx:emit('route', fields, { service = service }, { guards = guards })
  end
end

local function emit_rule(rule, ctx, scope, entry, index)
  local route = scope.route
  local service = string.format('%s.%s.%s.%d', rule:sort().prefix, route.metadata.namespace, route.metadata.name, index)
  local unresolved = offer_service(rule, ctx, route, entry, service)
  local named = tags.rule_names { entry }
  local groups = scope.expressions and rule:sni_groups(ctx, scope.snis) or { scope.snis }
  for i, snis in ipairs(groups) do
    local fields = {
      name = string.format('%s.%d', service, i - 1), protocols = scope.protocols, tags = rule:tags(ctx, route, named),
    }
    if scope.expressions then
      expressions(rule, ctx, scope, fields, service, { snis = snis, index = index, position = i - 1 })
    else
      traditional(ctx, scope, fields, service)
    end
  end
  return unresolved
end

local function emit_rules(rule, ctx, route, parents, findings)
  local scope = {
    route = route, parents = parents, ports = rule:ports(ctx, route, parents), snis = rule:snis(ctx, route, parents),
    protocols = rule:protocols(ctx, route, parents), expressions = ctx:option('router_flavor') == 'expressions',
    overrides = rule:overrides(ctx, route), orders = route_orders.new(),
  }
  if not scope.snis then return end
  findings.refused = rule:refusal(ctx, route, scope.snis) or rule:match_refusal(ctx, scope.ports, scope.snis)
  if findings.refused then return end

  scope.resolved = plugins.resolve(ctx, route)
  for i, entry in ipairs(route.spec.rules) do
    local refusal = rule:rule_refusal(ctx, route, entry)
    if refusal then
      findings[i == 1 and 'refused' or 'partial'] = refusal
      break
    end
    local unresolved = emit_rule(rule, ctx, scope, entry, i - 1)
    findings.unresolved = findings.unresolved or unresolved
  end
  scope.orders:contribute(ctx, MOST_ORDER)
end

local function emit(rule, ctx, route, parents, findings)
  emit_rules(rule, ctx, route, parents, findings)
  local text = findings.refused or findings.partial
  if text then ctx:problem(route, 'InvalidObject', route.kind .. " can't be routed: " .. text) end
end

-- A rule for a kind; `sort`: { kind, prefix, protocol, listener }.
function M.new(sort)
  local rule = route_steps.new('v1alpha2', sort.kind)
  for name, step in pairs(steps) do rule[name] = step end
  -- What the kind is: { kind, prefix, protocol, listener }.
  function rule:sort()
    return sort
  end
  function rule:translate(ctx, route)
    if ctx:option('feature_gates.GatewayAlpha') == false then return end
    route_steps.translate(self, ctx, route, emit)
  end
  return rule
end

return M
