-- KongUpstreamPolicy and KongIngress as fields of a Kong upstream.
local M = {}

local INPUTS = { { 'header', 'header' }, { 'cookie', 'cookie' }, { 'queryArg', 'query_arg' }, { 'uriCapture', 'uri_capture' } }

-- What is hashed: the name of an input, or which field names it.
local function hash_kind(hash)
  if hash.input then return hash.input end
  for _, input in ipairs(INPUTS) do
    if hash[input[1]] then return input[2] end
  end
  return nil
end

local function renamed(source, names)
  if not source then return nil end
  local result = {}
  for i = 1, #names do
    local value = source[names[i][1]]
    if value ~= nil then result[names[i][2]] = value end
  end
  return result
end

local HEALTHY = { { 'httpStatuses', 'http_statuses' }, { 'interval', 'interval' }, { 'successes', 'successes' } }
local UNHEALTHY = {
  { 'httpFailures', 'http_failures' }, { 'httpStatuses', 'http_statuses' }, { 'tcpFailures', 'tcp_failures' }, { 'timeouts', 'timeouts' },
  { 'interval', 'interval' },
}
local CHECK = {
  { 'type', 'type' }, { 'concurrency', 'concurrency' }, { 'httpPath', 'http_path' }, { 'httpsSni', 'https_sni' },
  { 'httpsVerifyCertificate', 'https_verify_certificate' }, { 'timeout', 'timeout' }, { 'headers', 'headers' },
}

local function check(source)
  if not source then return nil end
  local result = renamed(source, CHECK)
  result.healthy = renamed(source.healthy, HEALTHY)
  result.unhealthy = renamed(source.unhealthy, UNHEALTHY)
  return result
end

local function healthchecks(source)
  return { active = check(source.active), passive = check(source.passive), threshold = source.threshold }
end

local function set_hashes(upstream, hash_on, fallback)
  upstream.hash_on = hash_kind(hash_on) or upstream.hash_on
  upstream.hash_on_header = hash_on.header or upstream.hash_on_header
  upstream.hash_on_query_arg = hash_on.queryArg or upstream.hash_on_query_arg
  upstream.hash_on_uri_capture = hash_on.uriCapture or upstream.hash_on_uri_capture
  upstream.hash_on_cookie = hash_on.cookie or fallback.cookie or upstream.hash_on_cookie
  upstream.hash_on_cookie_path = hash_on.cookiePath or fallback.cookiePath or upstream.hash_on_cookie_path

  upstream.hash_fallback = hash_kind(fallback) or upstream.hash_fallback
  upstream.hash_fallback_header = fallback.header or upstream.hash_fallback_header
  upstream.hash_fallback_query_arg = fallback.queryArg or upstream.hash_fallback_query_arg
  upstream.hash_fallback_uri_capture = fallback.uriCapture or upstream.hash_fallback_uri_capture
end

local function is_at_least(version, major, minor)
  local has_major, has_minor = string.match(version or '', '^(%d+)%.(%d+)')
  has_major, has_minor = tonumber(has_major or 0), tonumber(has_minor or 0)
  return has_major > major or (has_major == major and has_minor >= minor)
end

-- Changes the fields of an upstream as a KongUpstreamPolicy asks. Returns nil and why when the gateway cannot do that.
function M.apply(upstream, policy, kong_version)
  local spec = policy.spec or {}
  if spec.algorithm == 'sticky-sessions' and not is_at_least(kong_version, 3, 11) then
    return nil, string.format(
      "sticky sessions algorithm specified in KongUpstreamPolicy '%s' is not supported with Kong Gateway versions < 3.11.0",
      policy.metadata.name)
  end

  upstream.algorithm = spec.algorithm or upstream.algorithm
  upstream.slots = spec.slots or upstream.slots
  set_hashes(upstream, spec.hashOn or {}, spec.hashOnFallback or {})
  if spec.healthchecks then upstream.healthchecks = healthchecks(spec.healthchecks) end
  if spec.stickySessions then
    upstream.sticky_sessions_cookie = spec.stickySessions.cookie or upstream.sticky_sessions_cookie
    upstream.sticky_sessions_cookie_path = spec.stickySessions.cookiePath or upstream.sticky_sessions_cookie_path
  end
  return true
end

local KONG_INGRESS_FIELDS = {
  'host_header', 'algorithm', 'slots', 'healthchecks', 'hash_on', 'hash_fallback', 'hash_on_header', 'hash_fallback_header',
  'hash_on_cookie', 'hash_on_cookie_path', 'hash_on_query_arg', 'hash_fallback_query_arg', 'hash_on_uri_capture',
  'hash_fallback_uri_capture',
}

-- Only the section `upstream` of a KongIngress still counts.
function M.apply_kong_ingress(upstream, kong_ingress)
  for _, field in ipairs(KONG_INGRESS_FIELDS) do
    local value = (kong_ingress.upstream or {})[field]
    if value ~= nil then upstream[field] = value end
  end
end

return M
