-- Host names of an HTTPRoute as Kong Ingress Controller works them out: from the first listener that fits. Used by packs/kic.
local host = require 'host'

local M = {}

local SERVES = { HTTP = true, HTTPS = true, TLS = true }

-- Labels from left to right; '*' skips to the first label that is the pattern's next, and never goes back.
function M.covers(pattern, name)
  local wanted, given = host.split(pattern, '.'), host.split(name, '.')
  local position = 1
  for i, label in ipairs(wanted) do
    if label == '*' then
      local following = wanted[i + 1]
      position = position + 1
      while position <= #given and following and given[position] ~= following do position = position + 1 end
      if not following then position = #given + 1 end
    else
      if given[position] ~= label then return false end
      position = position + 1
    end
  end
  return position == #given + 1
end

local function narrowed(name, listeners)
  for _, listener in ipairs(listeners) do
    local own = listener.hostname or ''
    if own == '' or M.covers(own, name) then return name end
    if M.covers(name, own) then return own end
  end
  return nil
end

-- `listeners`: those of all Gateways that are there, refused or not.
function M.of_route(hostnames, listeners)
  local found = {}
  if hostnames and #hostnames > 0 then
    for _, name in ipairs(hostnames) do found[#found + 1] = narrowed(name, listeners) end
    return found
  end
  for _, listener in ipairs(listeners) do
    if SERVES[listener.protocol] then
      if (listener.hostname or '') == '' then return {} end
      found[#found + 1] = listener.hostname
    end
  end
  return found
end

-- Among expressions of one priority and one match the last name goes first.
function M.reversed(hostnames)
  local result = {}
  for i = #hostnames, 1, -1 do result[#result + 1] = hostnames[i] end
  return result
end

return M
