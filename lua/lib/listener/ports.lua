-- Which ports and addresses Kong listens on, as far as the option says, and so which listeners of a Gateway it can serve.
local M = {}

-- What a listener's port has to be for.
local USES = { HTTP = 'http', HTTPS = 'https', TCP = 'tcp', TLS = 'tls', UDP = 'udp' }
local IS_PROXY = { http = true, https = true }

-- Where Kong's addresses don't matter, or any will do.
local ANY = ''

local function use_of(flags)
  for _, use in ipairs { 'udp', 'tls', 'tcp' } do
    if string.find(flags, use, 1, true) then return use end
  end
  return string.find(flags, 'ssl', 1, true) and 'https' or 'http'
end

-- The address, port and use of a text like '8443/ssl', '10.0.0.1:9000/tcp', '[2001:db8::1]:80' or Kong's own '0.0.0.0:8443 ssl'.
local function read(text)
  local address, number, flags = string.match(text, '^%[?([%x:.]*)%]?:(%d+)([^:]*)$')
  if not number then number, flags = string.match(text, '^(%d+)(.*)$') end
  if not number then return nil end

  if not address or string.find(address, '^[0:.]*$') then address = ANY end
  return address, math.tointeger(tonumber(number)), use_of(flags)
end

-- By use and port the addresses that Kong listens on there; `proxy` and `stream` say what is known at all. `addresses` lists those that
-- Gateways may have for their own: `shared` ones, where Kong listens for all that it listens for on any, and those of single ports.
function M.known(ctx)
  local known = { http = {}, https = {}, tcp = {}, tls = {}, udp = {}, addresses = {}, shared = {} }
  local seen = { [ANY] = true }
  local function note(address)
    if not seen[address] then known.addresses[#known.addresses + 1] = address end
    seen[address] = true
  end

  for _, address in ipairs(ctx:option('gateway_addresses') or {}) do
    known.shared[address] = true
    note(address)
  end
  for _, text in ipairs(ctx:option('proxy_listen') or {}) do
    local address, port, use = read(text)
    if address then
      known[use][port] = known[use][port] or {}
      known[use][port][address] = true
      known[IS_PROXY[use] and 'proxy' or 'stream'] = true
      note(address)
    end
  end
  return known
end

-- True when Kong listens on the port for that use, wherever.
function M.listens(known, use, port)
  return known[use][port] ~= nil
end

-- The addresses that Kong listens on for a listener; nil for none.
local function places(known, listener)
  local ports = known[USES[listener.protocol] or '']
  return ports and ports[listener.port]
end

-- True when Kong serves the listener, at that address (nil or false: at any).
local function offers(known, listener, address)
  local found = places(known, listener)
  return found ~= nil and (not address or found[ANY] == true or found[address] == true)
end

local function is_known(known, listener)
  return known[IS_PROXY[USES[listener.protocol] or ''] and 'proxy' or 'stream'] == true
end

-- The ports that Kong listens on for the listener's use (for HTTP and HTTPS: `both`) beside its own, at the addresses (nil: at any),
-- sorted; nil when nothing is known.
function M.others(known, listener, addresses, both)
  if not is_known(known, listener) then return nil end
  local list, seen = {}, { [listener.port] = true }
  for _, use in ipairs(both and { 'http', 'https' } or { USES[listener.protocol] }) do
    for port, found in pairs(known[use]) do
      local there = not addresses or found[ANY] == true
      for _, address in ipairs(addresses or {}) do there = there or found[address] == true end
      if there and not seen[port] then list[#list + 1] = port end
      seen[port] = seen[port] or there
    end
  end
  table.sort(list)
  return list
end

-- How many of the listeners Kong serves at an address, as far as it is known, and whether Gateways may have it for them.
function M.count_offers(known, list, address)
  local count, may_have = 0, known.shared[address] == true
  for _, listener in ipairs(list) do
    local found = places(known, listener)
    if not is_known(known, listener) or offers(known, listener, address) then count = count + 1 end
    may_have = may_have or (found ~= nil and found[address] == true)
  end
  return count, may_have
end

-- True when Kong has the well-known ports itself, so that nothing in front of it maps ports to its own.
function M.is_exposed(known)
  return M.listens(known, 'http', 80) or M.listens(known, 'https', 443)
end

-- Listeners by what Kong serves them with; only these may stand for one another.
local GROUPS = { HTTP = 'proxy', HTTPS = 'proxy', TCP = 'tcp', UDP = 'udp', TLS = 'tls' }

-- True when the port that Kong sees is the listener's. Behind a Service that maps ports it is another; then Kong doesn't listen on all
-- ports of the Gateway's listeners of that group, and nothing can be said. `list`: these and others.
function M.is_direct(known, listener, list)
  local group = GROUPS[listener.protocol]
  if not is_known(known, listener) then return false end
  if M.is_exposed(known) then return true end
  for _, other in ipairs(list) do
    if GROUPS[other.protocol] == group and not offers(known, other) then return false end
  end
  return true
end

-- True when Kong is known not to listen where the listener would, at the Gateway's addresses (nil: at any). Routes of TCP and UDP match
-- ports, which nothing may map then.
function M.is_unavailable(ctx, listener, addresses)
  local known = M.known(ctx)
  local group = GROUPS[listener.protocol]
  if not group then return false end
  for _, address in ipairs(addresses or { false }) do
    if offers(known, listener, address) then return false end
  end
  if addresses and #addresses > 0 then return is_known(known, listener) end
  if group == 'tcp' or group == 'udp' then return known.stream == true end
  return M.is_exposed(known) and (group == 'proxy' or known.stream == true)
end

return M
