-- Plugins of a Kong route that an HTTPRoute or GRPCRoute makes: those of its filters, and the KongPlugins that it names.
local http_filters = require 'lib.http.filters'
local plugins = require 'lib.plugin.plugins'

local M = {}

local TERMINATED = { name = 'request-termination', config = { status_code = 500, message = 'a filter of this route is not supported' } }

-- Functions for a mirror, worked out once for all Kong routes of a rule.
local function mirror_of(rule, ctx, scope, filter)
  scope.mirrors = scope.mirrors or {}
  local mirror = scope.mirrors[filter]
  if mirror == nil then
    local functions, unresolved = rule:mirror(ctx, scope.route, filter.requestMirror or {})
    scope.findings.unresolved = scope.findings.unresolved or unresolved
    mirror = functions or false
    scope.mirrors[filter] = mirror
  end
  return mirror and { name = 'pre-function', config = http_filters.merge_functions({}, mirror) } or nil
end

local function collect(rule, ctx, scope, filters, match)
  local list, extensions = {}, {}
  if scope.choice then list[1] = { name = 'pre-function', config = http_filters.merge_functions({}, scope.choice) } end
  for _, filter in ipairs(filters) do
    local kind = filter.type
    if kind == 'RequestHeaderModifier' then
      list[#list + 1] = { name = 'request-transformer', config = rule:header_config(ctx, filter.requestHeaderModifier or {}, true) }
    elseif kind == 'ResponseHeaderModifier' then
      list[#list + 1] = { name = 'response-transformer', config = rule:header_config(ctx, filter.responseHeaderModifier or {}, false) }
    elseif kind == 'URLRewrite' then
      list[#list + 1] = { name = 'request-transformer', config = rule:rewrite_config(ctx, filter.urlRewrite, match) }
    elseif kind == 'RequestRedirect' then
      for _, plugin in ipairs(rule:redirect(ctx, filter.requestRedirect or {}, match, scope)) do list[#list + 1] = plugin end
    elseif kind == 'CORS' then
      local cors, preflight = http_filters.cors_plugins(filter.cors or {})
      list[#list + 1] = cors
      list[#list + 1] = preflight
    elseif kind == 'RequestMirror' then
      list[#list + 1] = mirror_of(rule, ctx, scope, filter)
    elseif kind == 'ExtensionRef' then
      extensions[#extensions + 1] = http_filters.extension(filter)
    end
  end
  return http_filters.merge(list), extensions
end

-- Plugins and names of KongPlugins that one match asks for.
local function plugins_of(rule, ctx, scope, entry)
  if rule:is_filtered(ctx, entry) then
    if scope.refused[entry.index] then return { TERMINATED }, {} end
    return collect(rule, ctx, scope, rule:filters(ctx, entry.rule), entry.match)
  end
  return {}, {}
end

-- Attaches what the filters of `entries` (matches of one Kong route) and annotations ask for; returns the guards.
-- place: { route (its name), tags, service, copies (how many routes have that name; nil: one) }.
function M.attach(rule, ctx, scope, entries, place)
  local extensions, last = {}, nil
  for _, entry in ipairs(entries) do
    local list
    list, last = plugins_of(rule, ctx, scope, entry)
    for _, plugin in ipairs(list) do
      local config = plugin.config and next(plugin.config) and plugin.config
      ctx:emit('plugin', { name = plugin.name, config = config, tags = place.tags }, { route = place.route }, { step = 'filters' })
    end
  end
  for _ = 1, place.copies or 1 do table.move(last, 1, #last, #extensions + 1, extensions) end

  local key = table.concat(extensions, ',')
  local resolved = scope.attachments[key]
  if resolved == nil then
    resolved = plugins.resolve(ctx, scope.route, extensions) or false
    scope.attachments[key] = resolved
  end
  return plugins.bind(ctx, resolved or nil, { route = place.route }, place.service, place.copies)
end

return M
