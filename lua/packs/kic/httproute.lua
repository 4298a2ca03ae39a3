-- HTTPRoutes as Kong Ingress Controller translates them.
local http_filters = require 'lib.http.filters'
local http_match = require 'lib.http.match'
local http_services = require 'lib.http.services'
local durations = require 'lib.text.durations'
local kic_hostnames = require 'lib.kic.hostnames'
local kic_http_routes = require 'lib.kic.http_routes'
local kic_route_steps = require 'lib.kic.route_steps'
local redirects = require 'lib.http.redirects'

local FILTERS = {
  RequestHeaderModifier = true, ResponseHeaderModifier = true, RequestRedirect = true, URLRewrite = true, ExtensionRef = true,
}

local function as_is(text)
  return text
end

local function filter_refusal(super, ctx, filter)
  if not FILTERS[filter.type] then return string.format('httpFilter %s unsupported', tostring(filter.type)) end
  return super(ctx, filter)
end

local AS_IS = { escape = as_is, prefix = as_is, regex = as_is }

local function hostnames_of(super, ctx, route, parents)
  if #parents == 0 then return route.spec.hostnames or {} end
  for _, parent in ipairs(parents) do
    if parent.assumed or not parent.gateway then return route.spec.hostnames or {} end
  end
  local found = kic_hostnames.of_route(route.spec.hostnames, kic_http_routes.listeners(ctx, parents))
  return #found > 0 and found or super(ctx, route, parents)
end

return kic_route_steps.http_override('HTTPRoute', {
  reads = { kic_http_routes.KIND },

  route_refusal = function(_, ctx, route)
    if ctx:option('router_flavor') == 'expressions' or not kic_http_routes.has_query(route) then return nil end
    return 'query param matches are not yet supported'
  end,
  rule_refusal = function() return nil end,
  -- Among expressions of one match the last name goes first.
  hostnames = function(super, ctx, route, parents)
    local names = hostnames_of(super, ctx, route, parents)
    return names and ctx:option('router_flavor') == 'expressions' and kic_hostnames.reversed(names) or names
  end,

  filters = function(_, _, rule) return rule.filters or {} end,
  backend_filter_refusal = function() return nil end,
  ignored_fields = function() return {} end,
  filter_refusal = filter_refusal,
  group_refusal = function(_, ctx, group, refused)
    local expressions = ctx:option('router_flavor') == 'expressions'
    for _, entry in ipairs(group.rules) do
      local bare = not entry.rule.matches or #entry.rule.matches == 0
      if refused[entry.index] and (expressions or not bare) then return refused[entry.index] end
      for _, match in ipairs(not expressions and entry.rule.matches or {}) do
        local _, twice = http_match.traditional_headers(match.headers)
        if twice then return 'multiple header matches for the same header are not allowed: ' .. twice end
      end
    end
    return nil
  end,

  -- The request's timeout and retries are not looked at; the last rule's backend timeout counts for all that share the service.
  service_settings = function() return nil end,
  group_settings = function(_, _, group)
    local settings
    for _, entry in ipairs(kic_http_routes.in_text_order(group.rules)) do
      local limit = durations.milliseconds(entry.rule.timeouts and entry.rule.timeouts.backendRequest)
      if limit and limit ~= http_services.DEFAULT_TIMEOUT then
        settings = { timeout = limit, retries = http_services.RETRIES, index = entry.index }
      end
    end
    return settings
  end,
  needs_terminator = function(_, _, group, backends) return #backends == 0 and #(group.rules[1].rule.backendRefs or {}) > 0 end,

  -- What can't be had takes the Kong service away from all HTTPRoutes that share it, and keeps its places in the order.
  refuse = function(_, ctx, scope, group, orders)
    ctx:contribute('backend', group.name, { refused = true })
    if scope.expressions then kic_http_routes.take_places(scope, group, orders) end
  end,
  group_protocols = function(_, ctx, scope, group)
    return ctx:option('combined_services') and kic_http_routes.shared_protocols(ctx, scope, group) or scope.protocols
  end,

  in_order = function(_, _, rules) return kic_http_routes.in_text_order(rules) end,
  -- For a redirect there is a route of the same name for each match; it has what those before it have, too. A gateway takes one.
  shapes = function(super, ctx, bucket)
    local redirects_each = not bucket[1].bare and http_filters.has(bucket[1].rule.filters, 'RequestRedirect')
    if not redirects_each or not ctx:option('offline') then return super(ctx, bucket) end
    return kic_http_routes.prefixes(bucket)
  end,
  stands_alone = function() return false end,
  match_signature = function(_, _, match) return http_match.signature(match, true) end,

  redirect = function(_, ctx, redirect, match)
    if ctx:option('redirect_plugin') then return { redirects.plain(redirect) } end
    return redirects.terminated(redirect, match)
  end,
  header_config = function(_, _, modifier) return kic_http_routes.plain_headers(http_filters.header_config(modifier), modifier) end,
  rewrite_config = function(_, _, rewrite, match) return kic_http_routes.rewrite_config(rewrite, match) end,
  is_filtered = function(_, ctx, entry) return not entry.bare or ctx:option('router_flavor') == 'expressions' end,

  backend_choice = function() return nil end,
  paths = function(_, _, bucket)
    local first = bucket[1]
    if first.bare then return nil end
    if http_filters.captures_prefix(first.rule.filters) then
      local entry = http_filters.has(first.rule.filters, 'RequestRedirect') and bucket[#bucket] or first
      return http_match.capturing_paths(entry.match.path or http_match.DEFAULT_PATH, as_is)
    end
    return http_match.united_paths(bucket, AS_IS)
  end,
  traditional_route = function(_, _, fields, bucket)
    if bucket[1].bare then
      fields.strip_path = nil
      fields.tags = kic_http_routes.without_rule_names(fields.tags)
    end
    return fields
  end,

  tell_schemes_apart = function() end,
  match_expression = function(_, _, match, captures)
    if match.path then match.path.value = match.path.value or '' end
    return http_match.expression(match, captures, as_is)
  end,
  traits = function(_, _, name, match) return http_match.traits(name, match) end,
  order_key = function(_, _, base) return kic_http_routes.order_key(base) end,
})
