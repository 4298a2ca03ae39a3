-- What annotations of a Kubernetes Service change in the Kong service in front of it.
local annotations = require 'lib.object.annotations'
local route_overrides = require 'lib.route.overrides'

local M = {}

local LONGEST_TIMEOUT = 2147483646

local TIMEOUT = { least = 1, most = LONGEST_TIMEOUT }
-- In the order in which they are looked at.
local FIELDS = {
  { 'path', 'path' },
  { 'connect-timeout', 'connect_timeout', TIMEOUT },
  { 'write-timeout', 'write_timeout', TIMEOUT },
  { 'read-timeout', 'read_timeout', TIMEOUT },
  { 'retries', 'retries', { least = 0, most = 32767 } },
  { 'tls-verify', 'tls_verify' },
  { 'tls-verify-depth', 'tls_verify_depth', { least = 0, most = 64 } },
}

local STREAM = { tcp = true, tls = true, udp = true, tls_passthrough = true }
local WITHOUT_TLS = { http = true, grpc = true, tcp = true, tls_passthrough = true, udp = true, ws = true }

function M.is_without_tls(protocol)
  return WITHOUT_TLS[protocol or 'http'] or false
end

local function parse(field, text)
  if field == 'path' then return string.sub(text, 1, 1) == '/' and text or nil end
  if field == 'tls_verify' then return annotations.boolean(text) end
  return annotations.integer(text)
end

local function in_range(value, range)
  return not range or (value >= range.least and value <= range.most)
end

local function nobody() end

-- Changes the fields of `kong_service`. `report(text)` hears of values that cannot be used; without it, numbers of any size pass.
function M.apply(kong_service, service, report)
  local all = annotations.of(service)
  local wrong = report or nobody

  local protocol = all['konghq.com/protocol']
  if protocol and protocol ~= '' then
    local known = report and route_overrides.is_protocol or route_overrides.is_narrow_protocol
    if known(protocol) then
      kong_service.protocol = protocol
    else
      wrong(string.format('konghq.com/protocol: "%s" is no protocol', protocol))
    end
  end

  for _, field in ipairs(FIELDS) do
    local text = all[annotations.PREFIX .. field[1]]
    if text then
      local value = parse(field[2], text)
      if value ~= nil and (not report or in_range(value, field[3])) then
        kong_service[field[2]] = value
      else
        wrong(string.format('konghq.com/%s: "%s" cannot be used', field[1], text))
      end
    end
  end
end

-- Kong refuses paths where there are none.
function M.drop_path(kong_service)
  local protocol = kong_service.protocol
  if protocol == 'grpc' or protocol == 'grpcs' or STREAM[protocol] then kong_service.path = nil end
end

-- Kong refuses checks of certificates where there is no TLS. True when something was dropped.
function M.drop_verification(kong_service)
  if not M.is_without_tls(kong_service.protocol) then return false end
  local dropped = kong_service.tls_verify ~= nil or kong_service.tls_verify_depth ~= nil
  kong_service.tls_verify, kong_service.tls_verify_depth = nil, nil
  return dropped
end

-- Kong Ingress Controller knows that of grpc only.
function M.drop_path_of_grpc(kong_service)
  local protocol = kong_service.protocol
  if protocol == 'grpc' or protocol == 'grpcs' then kong_service.path = nil end
end

return M
