-- Steps of rules/httproute.lua that depend on Kong's router: what matches a request, and which route goes first.
local http_buckets = require 'lib.http.buckets'
local http_filters = require 'lib.http.filters'
local http_match = require 'lib.http.match'

local EXACT_PRIORITY = 1 -- regex_priority; others have 0

local steps = {}

local function is_exact(match)
  return match.path ~= nil and match.path.type == 'Exact'
end

-- Headers of a traditional route.
function steps:route_headers(ctx, match)
  return (http_match.traditional_headers(self:match_headers(ctx, match)))
end

-- Paths of a traditional route for the matches in `bucket`; nil when none of them has a path.
function steps:paths(ctx, bucket)
  local first = bucket[1]
  if http_match.is_prefix(first.match.path) and http_filters.captures_prefix(self:filters(ctx, first.rule)) then
    return http_match.capturing_paths(first.match.path or http_match.DEFAULT_PATH)
  end
  return http_match.united_paths(bucket)
end

function steps:match_expression(ctx, match, captures)
  return http_match.expression(match, captures)
end

-- Kong remembers which route it found for a host, a path and whatever else its routes ask for, but leaves the scheme out of that (3.9,
-- router/fields.lua), so an answer for HTTP would be given again for HTTPS. A route that matches nothing, but asks for the port and the
-- server name, keeps them apart; every HTTPRoute that needs it asks for the same one.
function steps:tell_schemes_apart(ctx)
  ctx:emit('route', {
    name = 'httproute.schemes', protocols = { 'http', 'https' }, priority = 0,
    tags = { 'k8s-kind:HTTPRoute', 'k8s-group:gateway.networking.k8s.io' },
    expression = '(net.dst.port == 1) && (tls.sni == "schemes.invalid")',
  })
end

-- Fields of the priority, see lib.http.match.
function steps:traits(ctx, name, match)
  return http_match.limit_traits(http_match.traits(name, match))
end

function steps:base_priority(ctx, name, match)
  return http_match.priority(self:traits(ctx, name, match))
end

-- Which expression routes are told apart by age: those that could match the same request.
function steps:order_key(ctx, base, name, match)
  local path = match.path
  local kind = path and path.type or 'PathPrefix'
  return string.format('httproute|%d|%s|%s', base, name, kind == 'RegularExpression' and '' or http_match.prefix(path and path.value))
end

-- A chance to change the fields of a traditional route; `bucket` holds its matches. A prefix matches its own path by an expression, too,
-- which must not tie with an exact path.
function steps:traditional_route(ctx, fields, bucket)
  if is_exact(bucket[1].match) then fields.regex_priority = EXACT_PRIORITY end
  if not (fields.hosts or fields.paths or fields.headers or fields.methods) then fields.paths = { '/' } end
  return fields
end

-- Rules of a group in the order in which traditional routes are named after them.
function steps:in_order(ctx, rules)
  return rules
end

-- The Kong routes that a bucket of matches becomes: whose paths they list, whose filters they have,
-- and how many have the same name (`copies`; nil: one).
function steps:shapes(ctx, bucket)
  return { { listed = bucket, filtered = { bucket[1] } } }
end

-- What tells matches apart whose paths can't be listed in one route.
function steps:match_signature(ctx, match)
  return http_match.signature(match) .. (is_exact(match) and ' exact' or '')
end

-- True when a rule's matches can't share one traditional route.
function steps:stands_alone(ctx, rule)
  return http_buckets.depends_on_path(self:filters(ctx, rule))
end

local M = {}

-- Gives a rule these steps.
function M.add(rule)
  for name, step in pairs(steps) do rule[name] = step end
end

return M
