-- HTTPRoutes: Kong services for their backends, Kong routes for their matches, plugins for their filters.
local backend_filters = require 'lib.http.backend_filters'
local backend_refs = require 'lib.route.backend_refs'
local http_filters = require 'lib.http.filters'
local http_match = require 'lib.http.match'
local http_router_steps = require 'lib.http.router_steps'
local http_routes = require 'lib.http.routes'
local http_services = require 'lib.http.services'
local http_steps = require 'lib.http.steps'
local mirrors = require 'lib.http.mirrors'
local redirects = require 'lib.http.redirects'
local regexes = require 'lib.text.regexes'
local route_parents = require 'lib.route.parents'

local M = http_steps.new('HTTPRoute', { reads = mirrors.READS, contributes = { 'upstream' } })

http_router_steps.add(M)

function M:protocols(ctx, route, parents)
  return route_parents.http_protocols(parents)
end

-- Why the whole route can't be had; nil when it can.
function M:route_refusal(ctx, route)
  return nil
end

-- Why a rule can't be had at all; nil when it can.
function M:rule_refusal(ctx, rule)
  local expressions = ctx:option('router_flavor') == 'expressions'
  for _, match in ipairs(rule.matches or {}) do
    local name = expressions and http_match.unspeakable_name(match)
    if name then return 'the expression router cannot match ' .. name end
    if not expressions and match.queryParams and #match.queryParams > 0 then return 'query param matches are not yet supported' end
    if not expressions and http_match.names_host(match) then return 'the traditional router cannot match the header Host' end
  end
  return nil
end

-- Why one match of a rule can't be had; nil when it can.
function M:match_fault(ctx, match)
  return regexes.http_match_fault(ctx, match)
end

-- What a rule asks for in vain, though it can be had without: a list of texts.
function M:ignored_fields(ctx, rule)
  return http_services.ignored_fields(rule)
end

local SUPPORTED = {
  RequestHeaderModifier = true, ResponseHeaderModifier = true, RequestRedirect = true, RequestMirror = true, CORS = true,
}

-- Why a filter can't be had; nil when it can. Requests that needed it are answered with a 500.
function M:filter_refusal(ctx, filter)
  local kind = filter.type
  if SUPPORTED[kind] then return nil end
  if kind == 'URLRewrite' then
    local rewrite = filter.urlRewrite or {}
    return not rewrite.path and not rewrite.hostname and 'URLRewrite missing Path and Hostname' or nil
  end
  if kind == 'ExtensionRef' then return select(2, http_filters.extension(filter)) end
  return string.format('httpFilter %s unsupported', tostring(kind))
end

-- Filters of a rule, with those of its backends where all backends have the same; others are up to `backend_choice`.
function M:filters(ctx, rule)
  local refs = rule.backendRefs or {}
  local first = refs[1] and refs[1].filters
  if not first or #first == 0 or backend_filters.differ(rule) then return rule.filters or {} end
  local all = {}
  for _, filter in ipairs(rule.filters or {}) do all[#all + 1] = filter end
  for _, filter in ipairs(first) do all[#all + 1] = filter end
  return all
end

-- Why the filters of a rule's backends can't be had.
function M:backend_filter_refusal(ctx, rule)
  return backend_filters.refusal(rule)
end

-- What a rule asks of its Kong service: { timeout, retries } or nil.
function M:service_settings(ctx, rule)
  return http_services.settings(rule)
end

-- Name of the Kong service of a rule that stands at `index`; rules of equal key share the first one's.
function M:service_key(ctx, route, rule, index)
  local settings = self:service_settings(ctx, rule)
  if ctx:option('combined_services') and not settings then
    return http_services.combined_name(route, rule), http_services.combined_name(route, rule)
  end
  local key = http_services.signature(rule)
  if settings then key = string.format('%s|%d|%d', key, settings.timeout, settings.retries) end
  return key, http_services.name(route, index)
end

-- What a group of rules asks of its Kong service; they were grouped by it.
function M:group_settings(ctx, group)
  return self:service_settings(ctx, group.rules[1].rule)
end

function M:service_data(ctx, route, group, backends)
  local settings = self:group_settings(ctx, group)
  local timeout = settings and settings.timeout or http_services.DEFAULT_TIMEOUT
  return {
    host = group.name, protocol = 'http', connect_timeout = timeout, read_timeout = timeout, write_timeout = timeout,
    retries = settings and settings.retries or http_services.RETRIES, backends = backends,
    parent = backend_refs.parent(route), rank = http_services.rank(route, group.rules),
    timeouts_rank = settings and settings.index and http_services.rank_of(route, settings.index),
  }
end

-- True when requests for the group's service have to be answered with a 500.
function M:needs_terminator(ctx, group, backends)
  if not backend_refs.leads_nowhere(backends) then return false end
  for _, entry in ipairs(group.rules) do
    if not http_filters.has(entry.rule.filters, 'RequestRedirect') then return true end
  end
  return false
end

-- Lua for Kong that refuses the share of requests that would go to backends which can't be used; nil when all can.
function M:failing_share(ctx, backends, lost)
  return backend_refs.failing_share(backends, lost)
end

-- Configuration of `pre-function` for what is decided before a backend is asked; nil for nothing. `group`: service (its name), backends,
-- refs (their backendRefs), lost (the weight of those that can't be used).
function M:backend_choice(ctx, route, rule, group)
  if backend_filters.differ(rule) then
    local choice = backend_filters.offer(ctx, group.service, route, self:tags(ctx, route), group.backends, group.refs, group.lost)
    if choice then return choice end
  end
  local failing = self:failing_share(ctx, group.backends, group.lost)
  return failing and { access = { failing } }
end

-- Why a group of rules can't be had at all (nil: it can); then nothing of it is sent. `refused`: why filters can't be had, by rule.
function M:group_refusal(ctx, group, refused)
  return nil
end

-- What is left to say of a group that can't be had.
function M:refuse(ctx, scope, group, orders)
end

-- Protocols of a group's routes.
function M:group_protocols(ctx, scope, group)
  return scope.protocols
end

-- Plugins of one match for a RequestRedirect.
function M:redirect(ctx, redirect, match, scope)
  return redirects.plugins(redirect, match, scope)
end

-- Configuration of `pre-function` for a RequestMirror (nil: nothing is sent), and what is wrong with its backendRef.
function M:mirror(ctx, route, mirror)
  local backends, unresolved = backend_refs.resolve(self, ctx, route, { mirror.backendRef })
  return backends[1] and mirrors.functions(ctx, mirror, backends[1]), unresolved
end

function M:rewrite_config(ctx, rewrite, match)
  local path = rewrite.path
  if path and path.type == 'ReplacePrefixMatch' and not http_match.is_prefix(match.path) then
    rewrite = { hostname = rewrite.hostname, path = { type = 'ReplaceFullPath', replaceFullPath = path.replacePrefixMatch } }
  end
  return http_filters.rewrite_config(rewrite, match, http_filters.literal)
end

function M:translate(ctx, route)
  http_routes.translate(self, ctx, route)
end

return M
