-- What Kong Ingress Controller does differently with HTTPRoutes; used by packs/kic.
local gateways = require 'lib.gateway.gateways'
local http_buckets = require 'lib.http.buckets'
local http_filters = require 'lib.http.filters'
local http_match = require 'lib.http.match'
local http_services = require 'lib.http.services'
local listener_facts = require 'lib.listener.facts'
local route_parents = require 'lib.route.parents'
local tags = require 'lib.object.tags'

local M = { KIND = 'gateway.networking.k8s.io/v1/HTTPRoute' }

-- All expression routes of one priority compete.
function M.order_key(base)
  return string.format('httproute|%d', base)
end

-- A query match that the traditional router can't have voids the whole HTTPRoute.
function M.has_query(route)
  for _, rule in ipairs(route.spec.rules or {}) do
    for _, match in ipairs(rule.matches or {}) do
      if match.queryParams and #match.queryParams > 0 then return true end
    end
  end
  return false
end

-- Listeners of all Gateways that are there, whether they take the route or not.
function M.listeners(ctx, parents)
  local list = {}
  for _, parent in ipairs(parents) do
    for _, listener in ipairs(parent.gateway and listener_facts.all(ctx, gateways.owner_key(parent.gateway)) or {}) do
      if not parent.ref.sectionName or parent.ref.sectionName == listener.name then list[#list + 1] = listener end
    end
  end
  return list
end

-- Rules are visited in the order of '<namespace>/<name>.<index>' as text.
function M.in_text_order(rules)
  local list = table.move(rules, 1, #rules, 1, {})
  table.sort(list, function(one, other) return tostring(one.index) < tostring(other.index) end)
  return list
end

-- Headers without a value lose their colon; a list that is empty leaves a section without headers.
function M.plain_headers(config, modifier)
  for _, section in pairs(config) do
    for i, text in ipairs(section.headers or {}) do section.headers[i] = string.gsub(text, '^([^:]+):$', '%1') end
  end
  if modifier.set then config.replace, config.add = config.replace or {}, config.add or {} end
  if modifier.add then config.append = config.append or {} end
  if modifier.remove then config.remove = config.remove or {} end
  return config
end

-- Protocols of the listeners of all HTTPRoutes that share a Kong service.
function M.shared_protocols(ctx, scope, group)
  local parents = table.move(scope.parents, 1, #scope.parents, 1, {})
  for _, other in ipairs(ctx:list(M.KIND, scope.namespace)) do
    local void = not scope.expressions and M.has_query(other)
    if not void and other.metadata.name ~= scope.name and http_services.shares(other, group.name) then
      local found = route_parents.of(ctx, other, 'HTTPRoute', true)
      table.move(found, 1, #found, #parents + 1, parents)
    end
  end
  return route_parents.http_protocols(parents)
end

-- Routes that are refused keep their places in the order.
function M.take_places(scope, group, orders)
  for _, name in ipairs(#scope.hostnames > 0 and scope.hostnames or { '' }) do
    for _, rule_entry in ipairs(group.rules) do
      for _, entry in ipairs(http_buckets.entries(rule_entry)) do
        local base = http_match.priority(http_match.traits(name, entry.match))
        orders:add(M.order_key(base), { base = base, rule = entry.index, match = entry.position })
      end
    end
  end
end

-- Tags of a rule without matches.
function M.without_rule_names(list)
  local left = {}
  for _, tag in ipairs(list) do
    if string.sub(tag, 1, #tags.RULE_NAME) ~= tags.RULE_NAME then left[#left + 1] = tag end
  end
  return left
end

-- The first matches of a bucket: one of them, two of them, up to all.
function M.prefixes(bucket)
  local shapes = {}
  for i = 1, #bucket do
    local matches = table.move(bucket, 1, i, 1, {})
    shapes[i] = { listed = matches, filtered = matches, copies = #bucket }
  end
  return shapes
end

-- An empty path is none.
function M.rewrite_config(rewrite, match)
  local config, why = http_filters.rewrite_config(rewrite, match)
  if config and rewrite.path and rewrite.path.type == 'ReplaceFullPath' and rewrite.path.replaceFullPath == '' then
    config.replace.uri = nil
    if not next(config.replace) then config.replace = nil end
  end
  return config, why
end

return M
