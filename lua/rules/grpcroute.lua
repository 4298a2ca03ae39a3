-- GRPCRoutes: Kong services for their backends, Kong routes for their matches, plugins for their filters.
local backend_refs = require 'lib.backend_refs'
local expression = require 'lib.expression'
local gateways = require 'lib.gateways'
local grpc_match = require 'lib.grpc_match'
local grpc_routes = require 'lib.grpc_routes'
local http_filters = require 'lib.http_filters'
local http_match = require 'lib.http_match'
local listener_match = require 'lib.listener_match'
local plugins = require 'lib.plugins'
local regexes = require 'lib.regexes'
local route_overrides = require 'lib.route_overrides'
local route_status = require 'lib.route_status'
local tags = require 'lib.tags'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/GRPCRoute',
  reads = plugins.join(gateways.READS, backend_refs.READS, plugins.READS),
  contributes = plugins.join({ 'backend', 'route_order' }, route_status.CONTRIBUTES, plugins.CONTRIBUTES),
  consults = listener_match.CONSULTS,
}

M.tags = tags.step
M.overrides = route_overrides.step
M.backend_kind = backend_refs.kind_of

-- Which Gateways are asked, and with what result: see lib.gateways.
function M:parents(ctx, route)
  return gateways.parents(ctx, route, 'GRPCRoute')
end

function M:is_attached(ctx, parents)
  return gateways.any_accepted(parents)
end

-- Host names that the Kong routes match; an empty list matches any, and nil leaves none.
function M:hostnames(ctx, route, parents)
  return listener_match.names(ctx, route, parents)
end

local OVER_HTTP = { http = 'grpc', https = 'grpcs' }

-- Protocols of the Kong routes, by the listeners that take the route.
function M:protocols(ctx, route, parents)
  local protocols = {}
  for i, protocol in ipairs(gateways.http_protocols(parents) or { 'http', 'https' }) do protocols[i] = OVER_HTTP[protocol] end
  return protocols
end

-- What Kong speaks to the backends; annotations and policies of a Service may say otherwise.
function M:service_protocol(ctx, parents)
  return 'grpc'
end

-- Whether a Kong service in front of several Services has the GRPCRoute's tags.
function M:parent_gives_tags(ctx)
  return true
end

-- Why one match of a rule can't be had; nil when it can.
function M:match_fault(ctx, match)
  return regexes.grpc_match_fault(ctx, match)
end

-- Why a filter can't be had; nil when it can. Requests that needed it are refused.
function M:filter_refusal(ctx, filter)
  local kind = filter.type
  if kind == 'RequestHeaderModifier' or kind == 'ResponseHeaderModifier' then return nil end
  if kind == 'ExtensionRef' then return select(2, http_filters.extension(filter)) end
  return string.format('grpcFilter %s unsupported', tostring(kind))
end

function M:filters(ctx, rule)
  return rule.filters or {}
end

-- True when the filters of an entry (a match of a rule) take effect.
function M:is_filtered(ctx, entry)
  return true
end

function M:header_config(ctx, modifier, in_request)
  return http_filters.header_config(modifier, in_request and http_filters.literal or nil)
end

-- The HTTP status for requests that have no backend; clients make UNAVAILABLE of it.
function M:terminator_status(ctx)
  return 503
end

-- How many plugins answer requests that have no backend.
function M:terminators(ctx, rule, backends)
  return backend_refs.leads_nowhere(backends) and 1 or 0
end

-- Lua for Kong that refuses the share of requests that would go to backends which can't be used; nil when all can.
function M:failing_share(ctx, backends, lost)
  return backend_refs.failing_share(backends, lost, self:terminator_status(ctx))
end

-- Headers of a match that count.
function M:match_headers(ctx, match)
  return http_match.first_of_each(match.headers, true)
end

function M:route_headers(ctx, match)
  return grpc_match.traditional_headers(self:match_headers(ctx, match))
end

function M:paths(ctx, match)
  return grpc_match.traditional_paths(match.method)
end

-- A chance to change the fields of a traditional route.
function M:traditional_route(ctx, fields, entry)
  fields.preserve_host = true
  if not fields.paths and not fields.hosts and not fields.headers then fields.paths = { '/' } end
  return fields
end

function M:host_expression(ctx, name)
  return name == '' and '' or expression.host(name)
end

-- What tells the listeners that take the route from others, for one of its host names.
function M:listener_expression(ctx, route, parents, name)
  return listener_match.expression(ctx, route, parents, name)
end

function M:sni_expression(ctx, snis)
  return expression.snis(snis or {})
end

-- Fields of the priority, see lib.grpc_match.
function M:traits(ctx, name, match)
  return grpc_match.limit_traits(grpc_match.traits(name, match))
end

function M:base_priority(ctx, name, match)
  return grpc_match.priority(self:traits(ctx, name, match))
end

-- Which expression routes are told apart by age: those that could match the same request.
function M:order_key(ctx, base, name, match)
  local method = match.method or {}
  local exact = method.type ~= 'RegularExpression'
  local path = exact and (method.service or '') .. '/' .. (method.method or '') or ''
  return string.format('grpcroute|%d|%s|%s', base, name, path)
end

-- Requests that no route matches: Kong's own answer says NOT_FOUND to clients where gRPC has UNIMPLEMENTED. The expression router can
-- have a last resort that says it right; every GRPCRoute asks for the same one.
function M:no_route(ctx)
  local name = 'grpcroute.no-route'
  local marks = { 'k8s-kind:GRPCRoute', 'k8s-group:gateway.networking.k8s.io' }
  ctx:emit('route', {
    name = name, protocols = { 'grpc', 'grpcs' }, priority = 0, tags = marks,
    expression = 'http.headers.content_type ^= "application/grpc"',
  })
  ctx:emit('plugin', { name = 'request-termination', config = { status_code = 404 }, tags = marks }, { route = name })
end

function M:translate(ctx, route)
  grpc_routes.translate(self, ctx, route)
end

return M
