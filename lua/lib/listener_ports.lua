-- Which ports Kong listens on, as far as the option says, and so which listeners of a Gateway it can serve.
local M = {}

-- What a listener's port has to be for.
local USES = { HTTP = 'http', HTTPS = 'https', TCP = 'tcp', TLS = 'tls', UDP = 'udp' }
local IS_PROXY = { http = true, https = true }

local function use_of(flags)
  for _, use in ipairs { 'udp', 'tls', 'tcp' } do
    if string.find(flags, use, 1, true) then return use end
  end
  return string.find(flags, 'ssl', 1, true) and 'https' or 'http'
end

-- Ports by use, from texts like '8443/ssl', '9000/tcp' or Kong's own '0.0.0.0:8443 ssl'; `proxy` and `stream` say what is known at all.
function M.known(ctx)
  local known = { http = {}, https = {}, tcp = {}, tls = {}, udp = {} }
  for _, text in ipairs(ctx:option('proxy_listen') or {}) do
    local number, flags = string.match(text, '^(%d+)(.*)$')
    if not number then
      number, flags = string.match(text, ':(%d+)([^:]*)$')
    end
    if number then
      local use = use_of(flags)
      known[use][math.tointeger(tonumber(number))] = true
      known[IS_PROXY[use] and 'proxy' or 'stream'] = true
    end
  end
  return known
end

local function offers(known, listener)
  local ports = known[USES[listener.protocol] or '']
  return ports ~= nil and ports[listener.port] == true
end

-- True when Kong has the well-known ports itself, so that nothing in front of it maps ports to its own.
function M.is_exposed(known)
  return known.http[80] == true or known.https[443] == true
end

-- Listeners by what Kong serves them with; only these may stand for one another.
local GROUPS = { HTTP = 'proxy', HTTPS = 'proxy', TCP = 'tcp', UDP = 'udp', TLS = 'tls' }

-- True when the port that Kong sees is the listener's. Behind a Service that maps ports it is another; then Kong doesn't listen on all
-- ports of the Gateway's listeners of that group, and nothing can be said. `list`: these and others.
function M.is_direct(known, listener, list)
  local group = GROUPS[listener.protocol]
  if not known[IS_PROXY[USES[listener.protocol] or ''] and 'proxy' or 'stream'] then return false end
  if M.is_exposed(known) then return true end
  for _, other in ipairs(list) do
    if GROUPS[other.protocol] == group and not offers(known, other) then return false end
  end
  return true
end

-- True when Kong is known not to listen where the listener would. Routes of TCP and UDP match ports, which nothing may map then.
function M.is_unavailable(ctx, listener)
  local known = M.known(ctx)
  local group = GROUPS[listener.protocol]
  if not group or offers(known, listener) then return false end
  if group == 'tcp' or group == 'udp' then return known.stream == true end
  return M.is_exposed(known) and (group == 'proxy' or known.stream == true)
end

return M
