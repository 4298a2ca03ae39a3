-- Host names of listeners and of the routes attached to them: which covers which, and what both allow.
local M = {}

-- '*.example.com' covers every name with at least one label in front, other wildcards included.
function M.covers(pattern, host)
  if pattern == host then return true end
  if string.sub(pattern, 1, 2) ~= '*.' then return false end

  local suffix = string.sub(pattern, 2)
  return #host > #suffix and string.sub(host, -#suffix) == suffix
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

-- The names that a route serves behind listeners; an empty list is any name.
function M.of_route(route_hosts, listener_hosts)
  local asked = route_hosts and #route_hosts > 0 and route_hosts or { '' }
  local found, seen = {}, {}
  for _, host in ipairs(asked) do
    for _, listener_host in ipairs(listener_hosts) do
      local both = M.intersection(listener_host, host)
      if both == '' then return {} end
      if both and not seen[both] then
        seen[both] = true
        found[#found + 1] = both
      end
    end
  end
  return found
end

return M
