-- From a GRPCRoute's rules to Kong routes, in the order in which the rule's steps (rules/grpcroute.lua) are asked.
local backend_refs = require 'lib.route.backend_refs'
local expression = require 'lib.text.expression'
local grpc_match = require 'lib.grpc.match'
local http_buckets = require 'lib.http.buckets'
local http_plugins = require 'lib.http.plugins'
local http_services = require 'lib.http.services'
local regexes = require 'lib.text.regexes'
local route_orders = require 'lib.route.orders'
local route_overrides = require 'lib.route.overrides'
local route_steps = require 'lib.route.steps'
local tags = require 'lib.object.tags'

local M = {}

local MOST_ORDER = 255

local function scope_of(rule, ctx, route, parents)
  local scope = {
    route = route, namespace = route.metadata.namespace, name = route.metadata.name,
    hostnames = rule:hostnames(ctx, route, parents), protocols = rule:protocols(ctx, route, parents),
    service_protocol = rule:service_protocol(ctx, parents), overrides = rule:overrides(ctx, route),
    expressions = ctx:option('router_flavor') == 'expressions', attachments = {}, refused = {},
    tags = rule:tags(ctx, route, tags.rule_names(route.spec.rules or {})), parents = parents,
  }
  return scope
end

local function offer_service(rule, ctx, scope, name, rule_entry, backends)
  local timeout = http_services.DEFAULT_TIMEOUT
  ctx:contribute('backend', name, {
    host = name, protocol = scope.service_protocol, connect_timeout = timeout, read_timeout = timeout, write_timeout = timeout,
    retries = http_services.RETRIES, backends = backends, parent = backend_refs.parent(scope.route),
    without_parent_tags = not rule:parent_gives_tags(ctx) or nil,
  })
  for _ = 1, rule:terminators(ctx, rule_entry, backends) do
    backend_refs.emit_terminator(ctx, name, rule:terminator_status(ctx))
  end
end

local function traditional(rule, ctx, scope, rule_entry, backends)
  local service = string.format('grpcroute.%s.%s.%d', scope.namespace, scope.name, rule_entry.index)
  offer_service(rule, ctx, scope, service, rule_entry.rule, backends)
  for _, entry in ipairs(http_buckets.entries(rule_entry)) do
    local name = string.format('%s.%d', service, entry.position)
    local fields = rule:traditional_route(ctx, {
      name = name, protocols = { 'grpc', 'grpcs' }, hosts = #scope.hostnames > 0 and scope.hostnames or nil,
      paths = rule:paths(ctx, entry.match), headers = rule:route_headers(ctx, entry.match), tags = scope.tags,
    }, entry)
    route_overrides.apply(fields, scope.overrides, false)
    local guards = http_plugins.attach(rule, ctx, scope, { entry }, { route = name, tags = scope.tags, service = service })
    ctx:emit('route', fields, { service = service }, { guards = guards })
  end
end

local function expression_fields(rule, ctx, scope, entry, hostname, name)
  local text = expression.all {
    grpc_match.method_expression(entry.match.method),
    grpc_match.header_expression(entry.match.headers),
    rule:host_expression(ctx, hostname),
    rule:sni_expression(ctx, scope.overrides.snis),
    scope.listener_expression,
  }
  return {
    name = name, expression = text ~= '' and text or expression.CATCH_ALL, protocols = scope.protocols, preserve_host = true,
    tags = scope.tags,
  }
end

local function expressions(rule, ctx, scope, rule_entry, backends, orders)
  for _, hostname in ipairs(#scope.hostnames > 0 and scope.hostnames or { '' }) do
    scope.listener_expression = rule:listener_expression(ctx, scope.route, scope.parents, hostname)
    local host_part = hostname == '' and '_' or string.gsub(hostname, '%*', '_')
    local service = string.format('grpcroute.%s.%s.%s.%d', scope.namespace, scope.name, host_part, rule_entry.index)
    offer_service(rule, ctx, scope, service, rule_entry.rule, backends)
    for _, entry in ipairs(http_buckets.entries(rule_entry)) do
      entry.match.headers = rule:match_headers(ctx, entry.match)
      local fields = expression_fields(rule, ctx, scope, entry, hostname, string.format('%s.%d', service, entry.position))
      route_overrides.apply(fields, scope.overrides, true)
      local guards = http_plugins.attach(rule, ctx, scope, { entry }, { route = fields.name, tags = scope.tags, service = service })
      local base = rule:base_priority(ctx, hostname, entry.match)
      orders:add(rule:order_key(ctx, base, hostname, entry.match), {
        base = base, rule = entry.index, match = entry.position, fields = fields, service = service, guards = guards,
      })
    end
  end
end

-- Notes the filters that can't be had.
local function refused_filters(rule, ctx, scope, rule_entry)
  for _, filter in ipairs(rule:filters(ctx, rule_entry.rule)) do
    local text = rule:filter_refusal(ctx, filter)
    if text then
      scope.refused[rule_entry.index] = text
      return string.format('rule %d: %s', rule_entry.index, text)
    end
  end
  return nil
end

local function emit_rules(rule, ctx, route, parents, findings)
  local scope = scope_of(rule, ctx, route, parents)
  local orders, refusals, broken, void = route_orders.new(), {}, {}, 0
  for i, entry in ipairs(route.spec.rules or {}) do
    local rule_entry = { rule = entry, index = i - 1 }
    refusals[#refusals + 1] = refused_filters(rule, ctx, scope, rule_entry)
    local is_void = regexes.mark(rule, ctx, route, entry, i - 1, broken)
    local backends, unresolved, lost = backend_refs.resolve(rule, ctx, route, entry.backendRefs)
    local failing = rule:failing_share(ctx, backends, lost)
    scope.choice = failing and { access = { failing } }
    findings.unresolved = findings.unresolved or unresolved
    if is_void then
      void = void + 1
    elseif scope.hostnames and scope.expressions then
      expressions(rule, ctx, scope, rule_entry, backends, orders)
    elseif scope.hostnames then
      traditional(rule, ctx, scope, rule_entry, backends)
    end
  end
  orders:contribute(ctx, MOST_ORDER)
  if scope.expressions then rule:no_route(ctx) end
  for _, text in ipairs(refusals) do ctx:problem(route, 'UnsupportedFeature', text) end
  if #refusals + #broken > 0 then
    local whole = math.max(#refusals, void) == #route.spec.rules
    findings[whole and 'refused' or 'partial'] = table.concat(table.move(broken, 1, #broken, #refusals + 1, refusals), '; ')
  end
end

function M.translate(rule, ctx, route)
  route_steps.translate(rule, ctx, route, emit_rules)
end

return M
