-- Which routes a request matches, as Kong's router decides: of the expressions flavour, and of traditional_compatible, which makes
-- expressions and priorities out of the routes' fields and splits routes by their paths (a part for all regular expressions, one for
-- each length of prefixes).
--
-- A request: { protocol, host, port, path, method, sni, headers = { name_with_underscores = value }, queries = { name = value } }.
local regex = require 'spec.property.regex'

local M = {}

local function field_of(request, name)
  local header = name:match('^http%.headers%.(.*)')
  if header then return request.headers and request.headers[header] end
  local query = name:match('^http%.queries%.(.*)')
  if query then return request.queries and request.queries[query] end
  local fields = {
    ['net.protocol'] = request.protocol, ['net.dst.port'] = request.port, ['tls.sni'] = request.sni, ['http.method'] = request.method,
    ['http.host'] = request.host, ['http.path'] = request.path,
  }
  return fields[name]
end

local OPERATORS = {
  ['=='] = function(value, literal) return value == literal end,
  ['!='] = function(value, literal) return value ~= literal end,
  ['^='] = function(value, literal) return value:sub(1, #literal) == literal end,
  ['=^'] = function(value, literal) return #value >= #literal and value:sub(#value - #literal + 1) == literal end,
  ['~'] = function(value, literal) return regex.matches(literal, value) end,
  contains = function(value, literal) return value:find(literal, 1, true) ~= nil end,
  ['<'] = function(value, literal) return value < literal end,
  ['<='] = function(value, literal) return value <= literal end,
  ['>'] = function(value, literal) return value > literal end,
  ['>='] = function(value, literal) return value >= literal end,
}

local ESCAPES = { n = '\n', r = '\r', t = '\t' }

local function tokens_of(text)
  local tokens, at = {}, 1
  local function take(pattern, kind, change)
    local first, last, value = text:find('^(' .. pattern .. ')', at)
    if not first then return false end
    tokens[#tokens + 1] = { kind = kind, value = change and change(value) or value }
    at = last + 1
    return true
  end
  while at <= #text do
    if not text:match('^%s', at) then
      local string_end = text:match('^"[^"\\]*()', at)
      while string_end and text:sub(string_end, string_end) == '\\' do string_end = text:match('^[^"\\]*()', string_end + 2) end
      if string_end then
        tokens[#tokens + 1] = {
          kind = 'literal', value = text:sub(at + 1, string_end - 1):gsub('\\(.)', function(char) return ESCAPES[char] or char end),
        }
        at = string_end + 1
      else
        assert(take('&&', '&&') or take('||', '||') or take('[!=<>]=', 'operator') or take('%^=', 'operator') or take('=%^', 'operator')
          or take('[~<>]', 'operator') or take('!', '!') or take('[()]', 'bracket') or take('%d+', 'literal', math.tointeger)
          or take('contains', 'operator') or take('[%w_.-]+', 'field'), 'not understood: ' .. text:sub(at))
      end
    else
      at = at + 1
    end
  end
  return tokens
end

-- In Kong's language `||` binds closer than `&&`.
local function parse(text)
  local tokens, at = tokens_of(text), 1
  local all

  local function accept(value)
    local token = tokens[at]
    if not token or token.kind == 'literal' or token.value ~= value then return false end
    at = at + 1
    return true
  end

  local function term()
    if accept('!') then
      local inner = term()
      return function(request) return not inner(request) end
    end
    if accept('(') then
      local inner = all()
      assert(accept(')'), 'a bracket stays open: ' .. text)
      return inner
    end
    local field, operator, literal = tokens[at].value, OPERATORS[tokens[at + 1].value], tokens[at + 2].value
    assert(tokens[at].kind == 'field' and operator and tokens[at + 2].kind == 'literal', 'no predicate: ' .. text)
    at = at + 3
    return function(request)
      local value = field_of(request, field)
      return value ~= nil and operator(value, literal)
    end
  end

  local function list(separator, part, decides)
    return function()
      local parts = { part() }
      while accept(separator) do parts[#parts + 1] = part() end
      return function(request)
        for _, each in ipairs(parts) do
          if each(request) == decides then return decides end
        end
        return not decides
      end
    end
  end

  all = list('&&', list('||', term, true), false)
  local whole = all()
  assert(at == #tokens + 1, 'more than an expression: ' .. text)
  return whole
end

local function quoted(text)
  return '"' .. text:gsub('[\\"]', '\\%0') .. '"'
end

local function any_of(values, form)
  if not values or #values == 0 then return nil end
  local parts = {}
  for i, value in ipairs(values) do parts[i] = form(value) end
  return '(' .. table.concat(parts, ' || ') .. ')'
end

local function host_form(host)
  if host:sub(1, 1) == '*' then return 'http.host =^ ' .. quoted(host:sub(2)) end
  if host:sub(-1) == '*' then return 'http.host ^= ' .. quoted(host:sub(1, -2)) end
  return 'http.host == ' .. quoted(host)
end

local function path_form(path)
  if path:sub(1, 1) == '~' then return 'http.path ~ ' .. quoted('^' .. path:sub(2)) end
  return 'http.path ^= ' .. quoted(path)
end

-- Values are compared in lower case.
local function header_form(name)
  local field = 'http.headers.' .. name:lower():gsub('-', '_')
  return function(value)
    if value:sub(1, 2) == '~*' then return field .. ' ~ ' .. quoted(value:sub(3):lower()) end
    return field .. ' == ' .. quoted(value:lower())
  end
end

local function count(map)
  local number = 0
  for _ in pairs(map or {}) do number = number + 1 end
  return number
end

local function traditional_expression(route, paths)
  local parts = {}
  local function add(part) parts[#parts + 1] = part end
  local snis = any_of(route.snis, function(sni) return 'tls.sni == ' .. quoted(sni) end)
  if snis then add('(net.protocol != "https" || ' .. snis .. ')') end
  add(any_of(route.methods, function(method) return 'http.method == ' .. quoted(method) end))
  add(any_of(route.hosts, host_form))
  add(any_of(paths, path_form))
  for name, values in pairs(route.headers or {}) do add(any_of(values, header_form(name))) end
  return table.concat(parts, ' && ')
end

local function traditional_priority(route, paths)
  local headers = count(route.headers)
  local weight = 0
  for _, present in ipairs { count(route.methods) > 0, count(route.hosts) > 0, headers > 0, count(route.snis) > 0, count(paths) > 0 } do
    if present then weight = weight + 1 end
  end
  local plain = route.hosts ~= nil
  for _, host in ipairs(route.hosts or {}) do plain = plain and not host:find('*', 1, true) end
  local is_regex = paths ~= nil and paths[1]:sub(1, 1) == '~'
  local length = paths and not is_regex and #paths[1] or 0
  return weight << 61 | (plain and 1 or 0) << 60 | math.min(headers, 255) << 52 | (is_regex and 1 or 0) << 51
    | (is_regex and route.regex_priority or 0) << 19 | length
end

local function split_paths(paths)
  if not paths or #paths == 0 then return { false } end
  local groups, by_key = {}, {}
  for _, path in ipairs(paths) do
    local key = path:sub(1, 1) == '~' and 0 or #path
    if not by_key[key] then
      by_key[key] = {}
      groups[#groups + 1] = by_key[key]
    end
    table.insert(by_key[key], path)
  end
  return groups
end

-- A router for decK's state: list of { matches, priority, route, service }.
function M.traditional_compatible(state)
  local entries = {}
  for _, service in ipairs(state.services or {}) do
    for _, route in ipairs(service.routes or {}) do
      for _, paths in ipairs(split_paths(route.paths)) do
        entries[#entries + 1] = {
          matches = parse(traditional_expression(route, paths or nil)), priority = traditional_priority(route, paths or nil),
          route = route.name, service = service.name,
        }
      end
    end
  end
  return entries
end

local NORMAL = { grpc = 'http', grpcs = 'https' }

function M.expressions(state)
  local entries = {}
  for _, service in ipairs(state.services or {}) do
    for _, route in ipairs(service.routes or {}) do
      local text, protocols = route.expression, route.protocols or { 'http', 'https' }
      if #protocols > 1 or protocols[1] ~= 'https' then
        text = text .. ' && ' .. any_of(protocols, function(protocol) return 'net.protocol == ' .. quoted(NORMAL[protocol] or protocol) end)
      end
      entries[#entries + 1] = { matches = parse(text), priority = route.priority, route = route.name, service = service.name }
    end
  end
  return entries
end

-- The names of the services that the request may reach, sorted: those of the routes of the highest priority among the ones that match.
-- More than one: Kong decides by the routes' ids.
function M.services(router, request)
  local best, found = nil, {}
  for _, entry in ipairs(router) do
    if (not best or not math.ult(entry.priority, best)) and entry.matches(request) then
      if entry.priority ~= best then best, found = entry.priority, {} end
      found[entry.service] = entry.route
    end
  end
  local names = {}
  for name in pairs(found) do names[#names + 1] = name end
  table.sort(names)
  return names, found
end

return M
