-- From an HTTPRoute's rules to Kong routes, in the order in which the rule's steps (rules/httproute.lua) are asked.
local backend_refs = require 'lib.route.backend_refs'
local expression = require 'lib.text.expression'
local http_buckets = require 'lib.http.buckets'
local http_filters = require 'lib.http.filters'
local http_plugins = require 'lib.http.plugins'
local http_services = require 'lib.http.services'
local redirects = require 'lib.http.redirects'
local regexes = require 'lib.text.regexes'
local route_orders = require 'lib.route.orders'
local route_overrides = require 'lib.route.overrides'
local route_parents = require 'lib.route.parents'
local route_steps = require 'lib.route.steps'
local tags = require 'lib.object.tags'

local M = {}

local MOST_ORDER = 4095

-- What all Kong routes of the HTTPRoute have in common.
local function scope_of(rule, ctx, route, parents)
  local scope = {
    route = route, namespace = route.metadata.namespace, name = route.metadata.name,
    hostnames = rule:hostnames(ctx, route, parents), protocols = rule:protocols(ctx, route, parents),
    overrides = rule:overrides(ctx, route), expressions = ctx:option('router_flavor') == 'expressions', attachments = {},
    parents = parents, has_plugin = ctx:option('redirect_plugin') ~= false and redirects.has_plugin(ctx:option('kong_version')),
  }
  if scope.protocols and #scope.protocols == 1 then scope.scheme = scope.protocols[1] end
  route_parents.each_listener(parents, function(listener)
    local scheme = listener.protocol == 'HTTPS' and 'https' or 'http'
    scope.ports = scope.ports or {}
    scope.ports[scheme] = math.min(scope.ports[scheme] or listener.port, listener.port)
  end)
  return scope
end

-- The rules that can be had, with indexes that count from 0, and why others, or matches of them, can't.
local function usable_rules(rule, ctx, route)
  local usable, refusals, broken = {}, {}, {}
  local whole = rule:route_refusal(ctx, route)
  if whole then return usable, { whole }, broken end
  for i, entry in ipairs(route.spec.rules or {}) do
    local text = rule:rule_refusal(ctx, entry)
    if text then
      refusals[#refusals + 1] = string.format('rule %d: %s', i - 1, text)
    elseif not regexes.mark(rule, ctx, route, entry, i - 1, broken) then
      usable[#usable + 1] = { rule = entry, index = i - 1 }
      for _, ignored in ipairs(rule:ignored_fields(ctx, entry)) do
        ctx:problem(route, 'UnsupportedFeature', string.format('rule %d: %s', i - 1, ignored))
      end
    end
  end
  return usable, refusals, broken
end

local function rule_tags(bucket)
  local rules = {}
  for i, entry in ipairs(bucket) do rules[i] = entry.rule end
  return tags.rule_names(rules)
end

local function traditional_route(rule, ctx, scope, group, bucket, shape)
  local first = bucket[1]
  local name = string.format('httproute.%s.%s.%d.%d', scope.namespace, scope.name, first.index, first.position)
  local fields = {
    name = name, hosts = #scope.hostnames > 0 and scope.hostnames or nil, protocols = group.protocols, preserve_host = true,
    strip_path = false, headers = rule:route_headers(ctx, first.match), methods = first.match.method and { first.match.method } or nil,
    paths = rule:paths(ctx, shape.listed), tags = rule:tags(ctx, scope.route, rule_tags(bucket)),
  }
  fields = rule:traditional_route(ctx, fields, bucket)
  local route_tags = fields.tags
  route_overrides.apply(fields, scope.overrides, false)
  local guards = http_plugins.attach(rule, ctx, scope, shape.filtered, {
    route = name, tags = route_tags, service = group.name, copies = shape.copies,
  })
  ctx:emit('route', fields, { service = group.name }, { guards = guards, step = 'traditional_route' })
end

local function traditional(rule, ctx, scope, group)
  local function filters_of(entry) return rule:filters(ctx, entry) end
  local function alone(entry) return rule:stands_alone(ctx, entry) end
  local function signature_of(match) return rule:match_signature(ctx, match) end

  for _, bucket in ipairs(http_buckets.of(rule:in_order(ctx, group.rules), filters_of, alone, signature_of)) do
    scope.host = #scope.hostnames == 1 and string.sub(scope.hostnames[1], 1, 1) ~= '*' and scope.hostnames[1] or nil
    for _, shape in ipairs(rule:shapes(ctx, bucket)) do traditional_route(rule, ctx, scope, group, bucket, shape) end
  end
end

local function expression_fields(rule, ctx, scope, group, entry, hostname)
  local captures = http_filters.captures_prefix(rule:filters(ctx, entry.rule))
  local text = expression.all {
    rule:host_expression(ctx, hostname),
    rule:sni_expression(ctx, scope.overrides.snis),
    rule:match_expression(ctx, entry.match, captures),
    scope.listener_expression,
  }
  local host_part = hostname == '' and '_' or string.gsub(hostname, '%*', '_')
  return {
    name = string.format('httproute.%s.%s.%s.%d.%d', scope.namespace, scope.name, host_part, entry.index, entry.position),
    expression = text ~= '' and text or expression.CATCH_ALL, protocols = group.protocols, preserve_host = true, strip_path = false,
    tags = rule:tags(ctx, scope.route, rule_tags { entry }),
  }
end

-- Expression routes wait for their place among those of equal priority: rules/route_order.lua.
local function expressions(rule, ctx, scope, group, orders)
  for _, hostname in ipairs(#scope.hostnames > 0 and scope.hostnames or { '' }) do
    scope.listener_expression = rule:listener_expression(ctx, scope.route, scope.parents, hostname)
    scope.by_scheme = scope.by_scheme or scope.scheme ~= nil or string.find(scope.listener_expression, 'net.protocol', 1, true) ~= nil
    scope.host = hostname ~= '' and string.sub(hostname, 1, 1) ~= '*' and hostname or nil
    for _, rule_entry in ipairs(group.rules) do
      for _, entry in ipairs(http_buckets.entries(rule_entry)) do
        entry.match.headers = rule:match_headers(ctx, entry.match)
        local fields = expression_fields(rule, ctx, scope, group, entry, hostname)
        local route_tags = fields.tags
        route_overrides.apply(fields, scope.overrides, true)
        local place = { route = fields.name, tags = route_tags, service = group.name }
        local guards = http_plugins.attach(rule, ctx, scope, { entry }, place)
        local base = rule:base_priority(ctx, hostname, entry.match)
        orders:add(rule:order_key(ctx, base, hostname, entry.match), {
          base = base, rule = entry.index, match = entry.position, fields = fields, service = group.name, guards = guards,
        })
      end
    end
  end
end

-- Groups of rules that share a Kong service.
local function groups_of(rule, ctx, route, usable)
  local names = {}
  local groups = http_services.group(usable, function(entry, index)
    local key, name = rule:service_key(ctx, route, entry, index)
    names[key] = names[key] or name
    return key
  end)
  for _, group in ipairs(groups) do group.name = names[group.key] end
  return groups
end

local function note_refused_filters(rule, ctx, scope, usable, refusals)
  scope.refused = {}
  for _, entry in ipairs(usable) do
    local text = rule:backend_filter_refusal(ctx, entry.rule)
    for _, filter in ipairs(rule:filters(ctx, entry.rule)) do text = text or rule:filter_refusal(ctx, filter) end
    if text then
      scope.refused[entry.index] = text
      refusals[#refusals + 1] = string.format('rule %d: %s', entry.index, text)
    end
  end
end

local function emit_group(rule, ctx, scope, group, findings, orders)
  local refusal = rule:group_refusal(ctx, group, scope.refused)
  if refusal then
    ctx:problem(scope.route, 'UnsupportedFeature', 'HTTPRoute can\'t be routed: ' .. refusal)
    rule:refuse(ctx, scope, group, orders)
    return
  end

  local first = group.rules[1].rule
  local backends, unresolved, lost, refs = backend_refs.resolve(rule, ctx, scope.route, first.backendRefs)
  findings.unresolved = findings.unresolved or unresolved
  if not scope.hostnames then return end
  scope.choice = rule:backend_choice(ctx, scope.route, first, { service = group.name, backends = backends, refs = refs, lost = lost })
  group.protocols = rule:group_protocols(ctx, scope, group)
  ctx:contribute('backend', group.name, rule:service_data(ctx, scope.route, group, backends))
  if rule:needs_terminator(ctx, group, backends) then backend_refs.emit_terminator(ctx, group.name) end
  if scope.expressions then
    expressions(rule, ctx, scope, group, orders)
  else
    traditional(rule, ctx, scope, group)
  end
end

-- What the findings say of the whole route; of what is `broken` it was told.
local function conclude(ctx, route, usable, refusals, broken, findings)
  for _, text in ipairs(refusals) do ctx:problem(route, 'UnsupportedFeature', text) end
  if #refusals + #broken == 0 then return end
  local text = table.concat(table.move(broken, 1, #broken, #refusals + 1, refusals), '; ')
  if #usable == 0 or #refusals - #broken >= #(route.spec.rules or {}) then
    findings.refused = text
  else
    findings.partial = text
  end
end

local function emit(rule, ctx, route, parents, findings)
  local usable, refusals, broken = usable_rules(rule, ctx, route)
  local scope = scope_of(rule, ctx, route, parents)
  scope.findings = findings
  note_refused_filters(rule, ctx, scope, usable, refusals)
  local orders = route_orders.new()
  for _, group in ipairs(groups_of(rule, ctx, route, usable)) do emit_group(rule, ctx, scope, group, findings, orders) end
  orders:contribute(ctx, MOST_ORDER)
  if scope.by_scheme then rule:tell_schemes_apart(ctx) end
  conclude(ctx, route, usable, refusals, broken, findings)
end

function M.translate(rule, ctx, route)
  route_steps.translate(rule, ctx, route, emit)
end

return M
