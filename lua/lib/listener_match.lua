-- Conditions on the port and address that a request came to, where Kong listens on the very ports of a Gateway's listeners.
local expression = require 'lib.expression'

local M = {}

-- Ports that Kong's proxy is known to listen on; nil when nothing is known.
local function listens(ctx)
  local ports
  for _, text in ipairs(ctx:option('proxy_listen') or {}) do
    local port = math.tointeger(tonumber(string.match(text, '(%d+)[^%d:]*$')))
    if port then
      ports = ports or {}
      ports[port] = true
    end
  end
  return ports
end

-- Behind a Service the ports that Kong sees are others than the Gateway's; then nothing can be said of them.
local function is_direct(gateway, ports)
  for _, listener in ipairs(gateway.spec.listeners or {}) do
    if (listener.protocol == 'HTTP' or listener.protocol == 'HTTPS') and not ports[listener.port] then return false end
  end
  return true
end

local function addresses(gateway)
  local matchers = {}
  for _, address in ipairs(gateway.spec.addresses or {}) do
    if (address.type or 'IPAddress') == 'IPAddress' and string.find(address.value or '', '^[%x:.]+$') then
      matchers[#matchers + 1] = 'net.dst.ip == ' .. address.value
    end
  end
  return expression.any(matchers)
end

-- The matcher for requests that came through listeners which take the route; '' when these can't be told.
function M.expression(ctx, parents)
  local ports = listens(ctx)
  if not ports then return '' end

  local matchers, seen = {}, {}
  for _, parent in ipairs(parents) do
    if parent.accepted then
      if not parent.gateway or not is_direct(parent.gateway, ports) then return '' end
      for _, listener in ipairs(parent.listeners) do
        local matcher = expression.all { addresses(parent.gateway), expression.number('net.dst.port', listener.port) }
        if not seen[matcher] then
          seen[matcher] = true
          matchers[#matchers + 1] = matcher
        end
      end
    end
  end
  return expression.any(matchers)
end

return M
