-- Matches of GRPCRoutes: as paths and headers for Kong's traditional router, and as expressions with their precedence.
local expression = require 'lib.text.expression'
local http_match = require 'lib.http.match'
local paths = require 'lib.text.paths'

local M = {}

local function given(text)
  return text ~= nil and text ~= '' and text or nil
end

-- Kong paths of a method match, anchored at both ends.
function M.traditional_paths(method)
  if not method then return nil end
  local service, name = given(method.service), given(method.method)
  if method.type == 'RegularExpression' then
    return { string.format('~/(?:%s)/(?:%s)$', service or '[^/]+', name or '[^/]+') }
  end
  if not service and not name then return { '/' } end
  if not name then return { '/' .. service .. '/' } end
  return { string.format('~/%s/%s$', service and paths.escape(service) or '[^/]+', paths.escape(name)) }
end

-- As Kong Ingress Controller has them: neither escaped nor anchored.
function M.loose_paths(method)
  if not method then return nil end
  local fallback = method.type == 'RegularExpression' and '.+' or ''
  return { '~/' .. (given(method.service) or '.+') .. '/' .. (given(method.method) or fallback) }
end

-- Headers of a traditional route: several values of one name are alternatives.
function M.traditional_headers(headers, literal)
  if not headers or #headers == 0 then return nil end
  local map = {}
  for _, header in ipairs(headers) do
    local is_regex = header.type == 'RegularExpression' and not literal
    map[header.name] = map[header.name] or {}
    table.insert(map[header.name], is_regex and '~*' .. header.value or header.value)
  end
  return map
end

function M.method_expression(method)
  if not method then return '' end
  local service, name = given(method.service), given(method.method)
  if not service and not name then return expression.prefix('http.path', '/') end
  if method.type == 'RegularExpression' then
    return expression.regex('http.path', '^/' .. (service or '.+') .. '/' .. (name or '.+'))
  end
  if not name then return expression.prefix('http.path', '/' .. service .. '/') end
  if not service then return expression.suffix('http.path', '/' .. name) end
  return expression.equal('http.path', '/' .. service .. '/' .. name)
end

function M.header_expression(headers)
  return http_match.header_expression(headers)
end

-- The fields that a priority is made of.
function M.traits(host, match)
  local method = match.method or {}
  return {
    precise_host = host ~= '' and string.sub(host, 1, 1) ~= '*',
    host_length = #host,
    service_length = #(method.service or ''),
    method_length = #(method.method or ''),
    headers = match.headers and #match.headers or 0,
  }
end

-- No field may run over into the next one.
function M.limit_traits(traits)
  traits.host_length = math.min(traits.host_length, 255)
  traits.service_length = math.min(traits.service_length, 2047)
  traits.method_length = math.min(traits.method_length, 2047)
  traits.headers = math.min(traits.headers, 31)
  return traits
end

-- The priority without the relative order, which takes the lowest 8 bits.
function M.priority(traits)
  local priority = 1 << 44
  if traits.precise_host then priority = priority + (1 << 43) end
  return priority + (traits.host_length << 35) + (traits.service_length << 24) + (traits.method_length << 13) + (traits.headers << 8)
end

return M
