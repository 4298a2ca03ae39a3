-- RequestRedirect filters: as the plugin `redirect` where the answer is known beforehand, else as a few lines for `pre-function`.
local http_match = require 'lib.http.match'
local null = require('host').null

local M = {}

local WELL_KNOWN = { http = 80, https = 443 }

-- Kong has had the plugin `redirect` since 3.9.
function M.has_plugin(version)
  local major, minor = string.match(version or '', '^(%d+)%.(%d+)')
  if not major then return true end
  major, minor = tonumber(major), tonumber(minor)
  return major > 3 or (major == 3 and minor >= 9)
end

-- host[:port] and a path without doubled or trailing slashes, and without `.` and `..`.
function M.join(authority, path)
  local parts = {}
  for part in string.gmatch(authority .. '/' .. path, '[^/]+') do
    if part == '..' and #parts > 0 then
      parts[#parts] = nil
    elseif part ~= '.' then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, '/')
end

local function full_path(redirect)
  local path = redirect.path
  return path and path.type == 'ReplaceFullPath' and (path.replaceFullPath or '/') or nil
end

local function authority(redirect)
  if redirect.port then return string.format('%s:%d', redirect.hostname, redirect.port) end
  return redirect.hostname
end

-- The plugin `redirect` as Kong Ingress Controller fills it in: it knows neither a replaced prefix nor a scheme without a hostname.
function M.plain(redirect)
  local path = full_path(redirect)
  local location = path or '/'
  if redirect.hostname then
    location = (redirect.scheme or 'http') .. '://' .. M.join(authority(redirect), location)
  end
  return {
    name = 'redirect',
    config = { status_code = redirect.statusCode, location = location, keep_incoming_path = path == nil },
  }
end

-- The same for a gateway without that plugin.
function M.terminated(redirect, match)
  local location = full_path(redirect) or (match.path and match.path.value) or ''
  if redirect.hostname then
    location = (redirect.scheme or 'http') .. '://' .. M.join(authority(redirect), location)
  end
  return {
    { name = 'request-termination', config = { status_code = redirect.statusCode or null } },
    { name = 'response-transformer', config = { add = { headers = { location == '' and 'Location' or 'Location:' .. location } } } },
  }
end

-- The port to write down: the one asked for, else the scheme's own, else the listener's.
local function port_of(redirect, scheme, ports)
  local port = redirect.port
  if not port and not redirect.scheme and ports then port = ports[scheme] end
  return port ~= WELL_KNOWN[scheme] and port or nil
end

-- What is the same for every request of the Kong route; nil when requests differ.
local function fixed(redirect, scope)
  local scheme = redirect.scheme or scope.scheme
  local host = redirect.hostname or scope.host
  local path = redirect.path
  if not scheme or not host or (path and path.type ~= 'ReplaceFullPath') then return nil end
  if not redirect.port and not redirect.scheme and not scope.ports then return nil end

  local port = port_of(redirect, scheme, scope.ports)
  return scheme .. '://' .. (port and string.format('%s:%d', host, port) or host) .. (full_path(redirect) or '')
end

local function literal(value)
  return value and string.format('%q', value) or 'nil'
end

-- Lua for Kong: works the answer out from the request.
local function script(redirect, match, scope)
  local ports = scope.ports or {}
  local lines = {
    'local request = kong.request',
    'local scheme = ' .. literal(redirect.scheme) .. ' or request.get_forwarded_scheme()',
    'local host = ' .. literal(redirect.hostname) .. ' or request.get_forwarded_host()',
    string.format('local listeners = { http = %s, https = %s }', ports.http or 'nil', ports.https or 'nil'),
    'local known = { http = 80, https = 443 }',
    string.format('local port = %s', redirect.port or (redirect.scheme and 'nil' or 'listeners[scheme]')),
    'local path = request.get_raw_path()',
  }
  local path = redirect.path
  if path and path.type == 'ReplaceFullPath' then
    lines[#lines + 1] = 'path = ' .. literal(full_path(redirect))
  elseif path then
    local prefix = http_match.prefix(match.path and match.path.value)
    local replacement = string.gsub(path.replacePrefixMatch or '/', '/$', '')
    lines[#lines + 1] = string.format('path = %s .. string.sub(path, %d)', literal(replacement), prefix == '/' and 1 or #prefix + 1)
    lines[#lines + 1] = 'if path == "" then path = "/" end'
  end
  lines[#lines + 1] = 'local query = request.get_raw_query()'
  lines[#lines + 1] = 'local location = scheme .. "://" .. host'
  lines[#lines + 1] = 'if port and port ~= known[scheme] then location = location .. ":" .. port end'
  lines[#lines + 1] = 'location = location .. path .. (query ~= "" and "?" .. query or "")'
  lines[#lines + 1] = string.format('return kong.response.exit(%d, nil, { Location = location })', redirect.statusCode or 302)
  return table.concat(lines, '\n')
end

-- The plugins for one Kong route. `scope`: host (its only, exact host), scheme (its only protocol), ports by scheme of its listeners,
-- has_plugin.
function M.plugins(redirect, match, scope)
  local location = scope.has_plugin and fixed(redirect, scope)
  if location then
    return { {
      name = 'redirect',
      config = { status_code = redirect.statusCode or 302, location = location, keep_incoming_path = redirect.path == nil },
    } }
  end
  return { { name = 'pre-function', config = { access = { script(redirect, match, scope) } } } }
end

return M
