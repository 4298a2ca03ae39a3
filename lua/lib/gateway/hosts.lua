-- Host names of listeners and of the routes attached to them: which covers which, and what both allow.
local M = {}

-- '*.example.com' covers every name with at least one label in front, other wildcards included.
function M.covers(pattern, host)
  if pattern == host then return true end
  if string.sub(pattern, 1, 2) ~= '*.' then return false end

  local suffix = string.sub(pattern, 2)
  return #host > #suffix and string.sub(host, -#suffix) == suffix
end

-- True when a listener of the name `host` goes before one of the name `other`; '' is any.
function M.is_narrower(host, other)
  return host ~= other and (other == '' or M.covers(other, host))
end

-- All names that a host name is narrower than.
function M.wider(host)
  local names = {}
  if not host or host == '' then return names end
  for dot in string.gmatch(host, '()%.') do
    local name = '*' .. string.sub(host, dot)
    if M.is_narrower(host, name) then names[#names + 1] = name end
  end
  names[#names + 1] = ''
  return names
end

-- The narrower of two names where one covers the other; nil when they have nothing in common. '' or nil is any name.
function M.intersection(one, other)
  if one == nil or one == '' then return other or '' end
  if other == nil or other == '' then return one end
  if M.covers(one, other) then return other end
  if M.covers(other, one) then return one end
  return nil
end

-- True when a listener with this name takes a route with these.
function M.meets(listener_host, route_hosts)
  if not route_hosts or #route_hosts == 0 then return true end
  for _, host in ipairs(route_hosts) do
    if M.intersection(listener_host, host) then return true end
  end
  return false
end

return M
