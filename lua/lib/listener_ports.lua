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

function M.is_proxy(listener)
  return IS_PROXY[USES[listener.protocol] or ''] == true
end

local function offers(known, listener)
  local ports = known[USES[listener.protocol] or '']
  return ports ~= nil and ports[listener.port] == true
end

-- True when the ports that Kong sees are those of the Gateway's HTTP and HTTPS listeners. Behind a Service that maps them they are
-- others; then none of the listeners is among them, and nothing can be said.
function M.is_direct(known, gateway)
  if not known.proxy then return false end
  for _, listener in ipairs(gateway.spec.listeners or {}) do
    if M.is_proxy(listener) and offers(known, listener) then return true end
  end
  return false
end

-- True when Kong is known not to listen where the listener would.
function M.is_unavailable(ctx, gateway, listener)
  local known = M.known(ctx)
  if M.is_proxy(listener) then return M.is_direct(known, gateway) and not offers(known, listener) end
  return known.stream == true and not offers(known, listener)
end

return M
