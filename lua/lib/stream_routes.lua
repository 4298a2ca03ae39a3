-- TCPRoutes, UDPRoutes and TLSRoutes: a Kong service and a stream route for each rule. Rules of these kinds take their steps from here.
local backend_refs = require 'lib.backend_refs'
local expression = require 'lib.expression'
local gateways = require 'lib.gateways'
local http_services = require 'lib.http_services'
local plugins = require 'lib.plugins'
local route_overrides = require 'lib.route_overrides'
local route_status = require 'lib.route_status'
local tags = require 'lib.tags'

local M = {
  READS = plugins.join(gateways.READS, backend_refs.READS, plugins.READS),
  CONTRIBUTES = plugins.join({ 'backend' }, route_status.CONTRIBUTES, plugins.CONTRIBUTES),
}

local STREAM_PRIORITY = 1

-- Ports of the listeners of a protocol that take the route.
local function listener_ports(parents, protocol)
  local ports = {}
  gateways.each_listener(parents, function(listener)
    if listener.protocol == protocol then ports[#ports + 1] = listener.port end
  end)
  return ports
end

local function sni_expression(sni)
  if string.sub(sni, 1, 1) == '*' then return expression.suffix('tls.sni', string.sub(sni, 2)) end
  return expression.equal('tls.sni', sni)
end

local steps = { tags = tags.step, overrides = route_overrides.step, backend_kind = backend_refs.kind_of }

function steps:is_attached(ctx, parents)
  return gateways.any_accepted(parents)
end

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

-- Server names that the Kong route matches.
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

function steps:expression(ctx, snis, ports)
  local names, numbers = {}, {}
  for i, sni in ipairs(snis) do names[i] = sni_expression(sni) end
  for i, port in ipairs(ports) do numbers[i] = expression.number('net.dst.port', port) end
  return expression.all { expression.any(names), expression.any(numbers) }
end

M.listener_ports = listener_ports

-- A rule for a kind; `sort`: { kind, prefix, protocol, listener }.
function M.new(sort)
  local rule = {
    api = 1, kind = 'gateway.networking.k8s.io/v1alpha2/' .. sort.kind, reads = M.READS, contributes = M.CONTRIBUTES,
  }
  for name, step in pairs(steps) do rule[name] = step end
  -- What the kind is: { kind, prefix, protocol, listener }.
  function rule:sort()
    return sort
  end
  function rule:parents(ctx, route)
    return gateways.parents(ctx, route, sort.kind)
  end
  function rule:translate(ctx, route)
    if ctx:option('feature_gates.GatewayAlpha') == false then return end
    M.translate(self, ctx, route)
  end
  return rule
end

local function match_fields(rule, ctx, scope, fields)
  if scope.expressions then
    fields.expression, fields.priority = rule:expression(ctx, scope.snis, scope.ports), STREAM_PRIORITY
    return
  end
  fields.snis = #scope.snis > 0 and scope.snis or nil
  for i, port in ipairs(scope.ports) do
    fields.destinations = fields.destinations or {}
    fields.destinations[i] = { port = port }
  end
end

local function emit_rule(rule, ctx, scope, route, entry, index)
  local service = string.format('%s.%s.%s.%d', rule:sort().prefix, route.metadata.namespace, route.metadata.name, index)
  local backends, unresolved = backend_refs.resolve(rule, ctx, route, entry.backendRefs)
  local timeout = http_services.DEFAULT_TIMEOUT
  ctx:contribute('backend', service, {
    host = service, protocol = rule:sort().service_protocol or rule:sort().protocol, connect_timeout = timeout, read_timeout = timeout,
    write_timeout = timeout, retries = http_services.RETRIES, backends = backends, parent = backend_refs.parent(route),
  })

  local named = entry.name and entry.name ~= '' and { 'k8s-named-route-rule:' .. entry.name } or nil
  local fields = { name = service .. '.0', protocols = scope.protocols, tags = rule:tags(ctx, route, named) }
  match_fields(rule, ctx, scope, fields)
  route_overrides.apply(fields, scope.overrides, scope.expressions)
  local guards = plugins.bind(ctx, scope.resolved, { route = fields.name })
  ctx:emit('route', fields, { service = service }, { guards = guards })
  return unresolved
end

local function emit_rules(rule, ctx, route, parents, findings)
  local scope = {
    ports = rule:ports(ctx, route, parents), snis = rule:snis(ctx, route, parents), protocols = rule:protocols(ctx, route, parents),
    expressions = ctx:option('router_flavor') == 'expressions', overrides = rule:overrides(ctx, route),
  }
  findings.refused = rule:refusal(ctx, route, scope.snis) or rule:match_refusal(ctx, scope.ports, scope.snis)
  if findings.refused then return end

  scope.resolved = plugins.resolve(ctx, route)
  for i, entry in ipairs(route.spec.rules) do
    local refusal = rule:rule_refusal(ctx, route, entry)
    if refusal then
      findings[i == 1 and 'refused' or 'partial'] = refusal
      return
    end
    local unresolved = emit_rule(rule, ctx, scope, route, entry, i - 1)
    findings.unresolved = findings.unresolved or unresolved
  end
end

function M.translate(rule, ctx, route)
  route.spec = route.spec or {}
  local parents = rule:parents(ctx, route)
  local findings = {}
  if rule:is_attached(ctx, parents) then
    emit_rules(rule, ctx, route, parents, findings)
    local text = findings.refused or findings.partial
    if text then ctx:problem(route, 'InvalidObject', route.kind .. " can't be routed: " .. text) end
    route_status.contribute(ctx, route, parents, route.kind)
  end
  route_status.report(ctx, route, parents, findings)
end

return M
