-- Expressions of Kong's expression router. A matcher is its text; the empty text matches nothing in particular and drops out.
local hostnames = require 'lib.text.hostnames'

local M = {
  -- What stands where nothing is left to match.
  CATCH_ALL = '(net.protocol == "http") || (net.protocol == "https")',
}

local ESCAPES = { ['\\'] = '\\\\', ['"'] = '\\"', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }

function M.quote(text)
  return '"' .. string.gsub(text, '[\\"\n\r\t]', ESCAPES) .. '"'
end

local function join(matchers, operator)
  local present = {}
  for i = 1, #matchers do
    local matcher = matchers[i]
    if matcher and matcher ~= '' then present[#present + 1] = matcher end
  end
  if #present == 0 then return '' end
  if #present == 1 then return present[1] end
  return '(' .. table.concat(present, ') ' .. operator .. ' (') .. ')'
end

-- All of a list must match.
function M.all(matchers)
  return join(matchers, '&&')
end

-- One of a list must match.
function M.any(matchers)
  return join(matchers, '||')
end

function M.no(matcher)
  return matcher == '' and '' or '!(' .. matcher .. ')'
end

function M.equal(field, value)
  return field .. ' == ' .. M.quote(value)
end

function M.prefix(field, value)
  return field .. ' ^= ' .. M.quote(value)
end

function M.suffix(field, value)
  return field .. ' =^ ' .. M.quote(value)
end

function M.regex(field, value)
  return field .. ' ~ ' .. M.quote(value)
end

function M.number(field, value)
  return string.format('%s == %d', field, value)
end

function M.other_number(field, value)
  return string.format('%s != %d', field, value)
end

function M.header_field(name)
  return 'http.headers.' .. (string.gsub(string.lower(name), '-', '_'))
end

function M.query_field(name)
  return 'http.queries.' .. name
end

-- A host; one that begins with '*.' or ends with '.*' stands for many.
function M.host(host)
  if string.sub(host, 1, 1) == '*' then return M.suffix('http.host', string.sub(host, 2)) end
  if string.sub(host, -2) == '.*' then return M.prefix('http.host', string.sub(host, 1, -2)) end
  return M.equal('http.host', host)
end

-- A server name; one that begins with '*.' stands for many.
function M.sni(name)
  if string.sub(name, 1, 1) == '*' then return M.suffix('tls.sni', string.sub(name, 2)) end
  return M.equal('tls.sni', name)
end

-- Kong Ingress Controller takes a wildcard at the end for a literal.
function M.narrow_host(host)
  if string.sub(host, 1, 1) == '*' then return M.suffix('http.host', string.sub(host, 2)) end
  return M.equal('http.host', host)
end

-- `matcher_of` makes the matcher of a host (without: M.host) and may say '' to leave it out.
function M.hosts(hosts, matcher_of)
  local matchers = {}
  for i, host in ipairs(hosts) do matchers[i] = (matcher_of or M.host)(host) end
  return M.any(matchers)
end

function M.methods(methods)
  local matchers = {}
  for _, method in ipairs(methods) do
    if hostnames.is_method(method) then matchers[#matchers + 1] = M.equal('http.method', method) end
  end
  return M.any(matchers)
end

function M.snis(snis, accept)
  local matchers = {}
  for _, sni in ipairs(snis) do
    if (accept or hostnames.is_sni)(sni) then matchers[#matchers + 1] = M.equal('tls.sni', sni) end
  end
  return M.any(matchers)
end

-- Values of one header, as annotations have them: '~*' in front makes a regular expression.
function M.header_values(name, values)
  local field = M.header_field(name)
  local matchers = {}
  for _, value in ipairs(values) do
    if string.sub(value, 1, 2) == '~*' then
      matchers[#matchers + 1] = M.regex(field, string.sub(value, 3))
    else
      matchers[#matchers + 1] = M.equal(field, value)
    end
  end
  return M.any(matchers)
end

-- Headers by name; the header Host is left to hosts.
function M.headers(headers)
  local names = {}
  for name in pairs(headers) do
    if string.lower(name) ~= 'host' then names[#names + 1] = name end
  end
  table.sort(names)

  local matchers = {}
  for _, name in ipairs(names) do matchers[#matchers + 1] = M.header_values(name, headers[name]) end
  return M.all(matchers)
end

-- Routes of streams: server names and destination ports.
function M.stream(snis, ports, accept)
  local matchers = {}
  for _, port in ipairs(ports) do matchers[#matchers + 1] = M.number('net.dst.port', port) end
  return M.all { M.snis(snis, accept), M.any(matchers) }
end

return M
