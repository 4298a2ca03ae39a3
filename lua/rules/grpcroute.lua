-- GRPCRoutes: Kong services for their backends, Kong routes for their matches, plugins for their filters.
local backend_refs = require 'lib.route.backend_refs'
local grpc_match = require 'lib.grpc.match'
local grpc_routes = require 'lib.grpc.routes'
local http_filters = require 'lib.http.filters'
local http_steps = require 'lib.http.steps'
local regexes = require 'lib.text.regexes'
local route_parents = require 'lib.route.parents'

local M = http_steps.new 'GRPCRoute'

local OVER_HTTP = { http = 'grpc', https = 'grpcs' }

-- Protocols of the Kong routes, by the listeners that take the route.
function M:protocols(ctx, route, parents)
  local protocols = {}
  for i, protocol in ipairs(route_parents.http_protocols(parents) or { 'http', 'https' }) do protocols[i] = OVER_HTTP[protocol] end
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

-- Fields of the priority, see lib.grpc.match.
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
