-- Matches of HTTPRoutes: as fields of a route for Kong's traditional router, and as expressions with their precedence.
local expression = require 'lib.text.expression'
local paths = require 'lib.text.paths'

local M = { DEFAULT_PATH = { type = 'PathPrefix', value = '/' } }

local sub, lower, concat = string.sub, string.lower, table.concat

-- A path prefix without its trailing slash; the root stays.
function M.prefix(value)
  if value == nil or value == '' or value == '/' then return '/' end
  if sub(value, -1) == '/' then return sub(value, 1, -2) end
  return value
end

-- Of headers (or query parameters) with one name, whatever its case, only the first counts.
function M.first_of_each(list, fold)
  local found, seen = {}, {}
  for _, item in ipairs(list or {}) do
    local name = fold and lower(item.name) or item.name
    if not seen[name] then
      seen[name] = true
      found[#found + 1] = item
    end
  end
  return found
end

-- By name; items of one name keep their order.
local function sorted(list)
  local copy = {}
  for _, item in ipairs(list or {}) do
    local position = #copy + 1
    while position > 1 and copy[position - 1].name > item.name do position = position - 1 end
    table.insert(copy, position, item)
  end
  return copy
end

-- What tells matches apart whose paths may be listed in one route. `spelled`: a type that is left out is not the default one.
function M.signature(match, spelled)
  local fallback = spelled and '' or 'Exact'
  local parts = { match.method or '' }
  local headers = {}
  for i, header in ipairs(M.first_of_each(match.headers, true)) do
    headers[i] = concat({ lower(header.name), header.type or fallback, header.value }, '\1')
  end
  table.sort(headers)
  local queries = {}
  for i, query in ipairs(match.queryParams or {}) do
    queries[i] = concat({ query.name, query.type or fallback, query.value }, '\1')
  end
  table.sort(queries)
  parts[2], parts[3] = concat(headers, '\2'), concat(queries, '\2')
  return concat(parts, '\3')
end

-- Kong wants a regular expression to begin with a slash, as every path does, and anchors it there itself.
function M.anchored(regex)
  regex = string.gsub(regex, '^%^', '')
  if sub(regex, 1, 2) == '.+' then return '/.*' .. sub(regex, 3) end
  if string.find(regex, '^%.%*/[%w_%-]') then return '/(?:.*/)?' .. sub(regex, 4) end
  if string.find(regex, '^%.%*[%w_%-]') then return '/' .. regex end
  return regex
end

-- How matches go into traditional paths: what is done to a text within a regular expression, to a prefix, to a regular expression.
local TIDY = { escape = paths.escape, prefix = M.prefix, regex = M.anchored }

-- Kong paths of a path match.
function M.traditional_paths(path, manner)
  local escape, prefix = (manner or TIDY).escape, (manner or TIDY).prefix
  local kind, value = path.type or 'PathPrefix', path.value or '/'
  if kind == 'Exact' then return { '~' .. escape(value) .. '$' } end
  if kind == 'RegularExpression' then return { '~' .. (manner or TIDY).regex(value) } end

  value = prefix(value)
  local folder = sub(value, -1) == '/' and value or value .. '/'
  return { '~' .. escape(value) .. '$', folder }
end

function M.is_prefix(path)
  return path == nil or (path.type or 'PathPrefix') == 'PathPrefix'
end

-- Paths of all matches of a traditional route; nil when none has a path.
function M.united_paths(bucket, manner)
  local all = {}
  for _, entry in ipairs(bucket) do
    if entry.match.path then
      for _, path in ipairs(M.traditional_paths(entry.match.path, manner)) do all[#all + 1] = path end
    end
  end
  return #all > 0 and all or nil
end

-- Kong paths that capture what follows the prefix, for rewriting it.
function M.capturing_paths(path, escape)
  local value = M.prefix(path.value)
  if value == '/' then return { '~/$', '~/(.*)' } end
  value = (escape or paths.escape)(value)
  return { '~' .. value .. '$', '~' .. value .. '(/.*)' }
end

-- Headers of a route for the traditional router; the second result names a header that is there twice.
function M.traditional_headers(headers)
  if not headers or #headers == 0 then return nil end
  local map = {}
  for _, header in ipairs(headers) do
    if map[header.name] then return nil, header.name end
    map[header.name] = { header.type == 'RegularExpression' and '~*' .. header.value or header.value }
  end
  return map
end

-- `captures`: the path is to be rewritten, so what follows the prefix is captured.
function M.path_expression(path, captures, escape)
  if not path then return '' end
  local kind, value = path.type or 'PathPrefix', path.value or '/'
  if kind == 'Exact' then return expression.equal('http.path', value) end
  if kind == 'RegularExpression' then
    return expression.regex('http.path', sub(value, 1, 1) == '^' and value or '^' .. value)
  end

  value = M.prefix(value)
  if captures then
    local pattern = value == '/' and '^/(.*)' or '^' .. (escape or paths.escape)(value) .. '(/.*)'
    return expression.any { expression.equal('http.path', value), expression.regex('http.path', pattern) }
  end
  if value == '/' then return expression.prefix('http.path', '/') end
  return expression.any { expression.equal('http.path', value), expression.prefix('http.path', value .. '/') }
end

local function valued(field, item)
  if item.type == 'RegularExpression' then return expression.regex(field, item.value) end
  return expression.equal(field, item.value)
end

function M.header_expression(headers)
  local matchers = {}
  for i, header in ipairs(sorted(headers)) do matchers[i] = valued(expression.header_field(header.name), header) end
  return expression.all(matchers)
end

local function query_expression(queries)
  local matchers = {}
  for i, query in ipairs(sorted(queries)) do matchers[i] = valued(expression.query_field(query.name), query) end
  return expression.all(matchers)
end

function M.expression(match, captures, escape)
  return expression.all {
    M.path_expression(match.path, captures, escape),
    M.header_expression(match.headers),
    query_expression(match.queryParams),
    match.method and expression.equal('http.method', match.method) or '',
  }
end

-- True when a match asks for the header Host, which Kong's traditional router takes for host names only.
function M.names_host(match)
  for _, header in ipairs(match.headers or {}) do
    if string.lower(header.name or '') == 'host' then return true end
  end
  return false
end

-- The first name that an expression can't hold; nil when it can hold all.
function M.unspeakable_name(match)
  for _, header in ipairs(match.headers or {}) do
    if string.find(header.name, '[^%w_.-]') then return 'header ' .. header.name end
  end
  for _, query in ipairs(match.queryParams or {}) do
    if string.find(query.name, '[^%w_.]') then return 'query parameter ' .. query.name end
  end
  return nil
end

-- The fields that a priority is made of.
function M.traits(host, match)
  local path = match.path
  local kind = path and (path.type or 'PathPrefix')
  return {
    precise_host = host ~= '' and sub(host, 1, 1) ~= '*',
    host_length = #host,
    exact = kind == 'Exact',
    regex = kind == 'RegularExpression',
    path_length = path and path.value and #path.value or 0,
    method = match.method ~= nil,
    headers = match.headers and #match.headers or 0,
    queries = match.queryParams and #match.queryParams or 0,
  }
end

-- No field may run over into the next one.
function M.limit_traits(traits)
  traits.host_length = math.min(traits.host_length, 255)
  traits.path_length = math.min(traits.path_length, 1024)
  traits.headers = math.min(traits.headers, 31)
  traits.queries = math.min(traits.queries, 31)
  return traits
end

-- The priority without the relative order, which takes the lowest 12 bits.
function M.priority(traits)
  local priority = 2 << 44
  if traits.precise_host then priority = priority + (1 << 43) end
  priority = priority + (traits.host_length << 35)
  if traits.exact then priority = priority + (1 << 34) end
  if traits.regex then priority = priority + (1 << 33) end
  if traits.path_length > 0 then priority = priority + ((traits.path_length - 1) << 23) end
  if traits.method then priority = priority + (1 << 22) end
  return priority + (traits.headers << 17) + (traits.queries << 12)
end

return M
