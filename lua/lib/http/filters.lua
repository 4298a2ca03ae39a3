-- Filters of HTTPRoutes and GRPCRoutes as plugins of their Kong routes.
local http_match = require 'lib.http.match'

local M = {
  PLUGIN_GROUP = 'configuration.konghq.com',
}

-- request-transformer takes its values for templates; a user's text is to arrive as it is.
function M.literal(text)
  text = string.gsub(text, '%$%(', '$("$")(')
  return (string.gsub(text, '^(%s*)#', '%1$("#")'))
end

local function identity(text)
  return text
end

local function header_list(headers, treat)
  if not headers or #headers == 0 then return nil end
  local list = {}
  for i, header in ipairs(headers) do list[i] = header.name .. ':' .. treat(header.value or '') end
  return { headers = list }
end

-- Configuration of request-transformer or response-transformer. `treat` changes the values.
function M.header_config(modifier, treat)
  treat = treat or identity
  local remove = modifier.remove
  return {
    replace = header_list(modifier.set, treat),
    add = header_list(modifier.set, treat),
    append = header_list(modifier.add, treat),
    remove = remove and #remove > 0 and { headers = remove } or nil,
  }
end

local SECTIONS = { 'replace', 'add', 'append', 'remove' }
local PHASES = { 'access', 'header_filter', 'log' }

local function append(into, list)
  for _, item in ipairs(list or {}) do into[#into + 1] = item end
end

-- Nil where neither says anything.
local function merged_section(one, other)
  local merged = { uri = one and one.uri }
  for _, section in ipairs { one or {}, other or {} } do
    if section.headers then
      merged.headers = merged.headers or {}
      append(merged.headers, section.headers)
    end
    if not merged.uri or merged.uri == '' then merged.uri = section.uri end
  end
  return next(merged) and merged or nil
end

-- Adds the functions of one configuration of `pre-function` to those of another, which it returns.
function M.merge_functions(into, config)
  for _, phase in ipairs(PHASES) do
    if config[phase] then
      into[phase] = into[phase] or {}
      append(into[phase], config[phase])
    end
  end
  return into
end

-- A Kong route takes one plugin of a name, so several transformers or functions become one.
function M.merge(plugins)
  local merged, by_name = {}, {}
  for _, plugin in ipairs(plugins) do
    local first = by_name[plugin.name]
    if first and string.find(plugin.name, '-transformer', 1, true) then
      for _, name in ipairs(SECTIONS) do first.config[name] = merged_section(first.config[name], plugin.config[name]) end
    elseif first and plugin.name == 'pre-function' then
      M.merge_functions(first.config, plugin.config)
    else
      by_name[plugin.name] = plugin
      merged[#merged + 1] = plugin
    end
  end
  return merged
end

-- The new path where what follows the matched prefix is kept; it is captured by the route's path.
function M.replaced_prefix(replacement, matched, treat)
  local prefix = http_match.prefix(matched)
  if replacement == nil then return '/' end
  replacement = (treat or identity)((string.gsub(replacement, '/$', '')))
  if replacement == '' then
    if prefix == '/' then return '$(uri_captures[1] == nil and "/" or "/" .. uri_captures[1])' end
    return '$(uri_captures[1] == nil and "/" or uri_captures[1])'
  end
  if prefix == '/' then return replacement .. '$(uri_captures[1] == nil and "" or "/" .. uri_captures[1])' end
  return replacement .. '$(uri_captures[1])'
end

-- Configuration of request-transformer for a URLRewrite; nil and why when it asks for nothing.
function M.rewrite_config(rewrite, match, treat)
  treat = treat or identity
  local path, hostname = rewrite.path, rewrite.hostname
  if not path and not hostname then return nil, 'URLRewrite missing Path and Hostname' end

  local config = {}
  if hostname then
    config.replace = { headers = { 'host:' .. hostname } }
    config.add = { headers = { 'host:' .. hostname } }
  end
  if path then
    config.replace = config.replace or {}
    if path.type == 'ReplaceFullPath' then
      config.replace.uri = treat(path.replaceFullPath ~= '' and path.replaceFullPath or '/')
    else
      config.replace.uri = M.replaced_prefix(path.replacePrefixMatch, match.path and match.path.value, treat)
    end
  end
  return config
end

-- True when a filter of the list rewrites the matched prefix, which has to be captured then.
function M.captures_prefix(filters)
  for _, filter in ipairs(filters or {}) do
    local path = filter.type == 'URLRewrite' and filter.urlRewrite and filter.urlRewrite.path
    if path and path.type == 'ReplacePrefixMatch' then return true end
  end
  return false
end

function M.has(filters, kind)
  for _, filter in ipairs(filters or {}) do
    if filter.type == kind then return true end
  end
  return false
end

local KONG_METHODS = {
  GET = true, HEAD = true, PUT = true, PATCH = true, POST = true, DELETE = true, OPTIONS = true, TRACE = true, CONNECT = true,
}

local function origin(text)
  if text == '*' or not string.find(text, '*', 1, true) then return text end
  local pattern = string.gsub(text, '[%.%-%+%?%[%]%(%)%^%$%{%}|\\]', '\\%0')
  return '^' .. string.gsub(pattern, '%*', '[^/]+') .. '$'
end

local function unless_any(list, accept)
  local found = {}
  for _, item in ipairs(list or {}) do
    if item == '*' then return nil end
    if accept(item) then found[#found + 1] = item end
  end
  return #found > 0 and found or nil
end

local function everything()
  return true
end

local function contains_any(list)
  for _, item in ipairs(list or {}) do
    if item == '*' then return true end
  end
  return false
end

-- What the plugin cors leaves out of answers to preflight requests: any method means the one that is asked for, and which headers
-- are exposed is said there too.
local function preflight(cors)
  local exposed = cors.exposeHeaders or {}
  local any_method = contains_any(cors.allowMethods)
  if not any_method and #exposed == 0 then return nil end

  local lines = {
    'local request, response = kong.request, kong.response',
    'local method = request.get_method() == "OPTIONS" and request.get_header("Access-Control-Request-Method")',
    'if method and request.get_header("Origin") then',
  }
  if any_method then lines[#lines + 1] = '  response.set_header("Access-Control-Allow-Methods", method)' end
  if #exposed > 0 then
    lines[#lines + 1] = string.format('  response.set_header("Access-Control-Expose-Headers", %q)', table.concat(exposed, ', '))
  end
  lines[#lines + 1] = 'end'
  return table.concat(lines, '\n')
end

-- The plugins of a CORS filter.
function M.cors_plugins(cors)
  local script = preflight(cors)
  return { name = 'cors', config = M.cors_config(cors) },
    script and { name = 'pre-function', config = { header_filter = { script } } } or nil
end

-- Configuration of the plugin cors.
function M.cors_config(cors)
  local origins = {}
  for i, text in ipairs(cors.allowOrigins or {}) do origins[i] = origin(text) end
  return {
    origins = #origins > 0 and origins or nil,
    methods = unless_any(cors.allowMethods, function(method) return KONG_METHODS[method] end),
    headers = unless_any(cors.allowHeaders, everything),
    exposed_headers = unless_any(cors.exposeHeaders, everything),
    max_age = cors.maxAge,
    credentials = cors.allowCredentials or nil,
  }
end

-- The name of the KongPlugin that an ExtensionRef means; nil and why when it means something else.
function M.extension(filter)
  local ref = filter.extensionRef or {}
  if ref.group ~= M.PLUGIN_GROUP or ref.kind ~= 'KongPlugin' then
    return nil, string.format('plugin %s/%s unsupported', tostring(ref.group), tostring(ref.kind))
  end
  return ref.name
end

-- Filters as text that is equal for equal filters in whatever order.
function M.signature(filters, encode)
  local texts = {}
  for i, filter in ipairs(filters or {}) do texts[i] = encode(filter) end
  table.sort(texts)
  return table.concat(texts, ';')
end

return M
