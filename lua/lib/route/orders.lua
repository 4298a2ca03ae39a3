-- Expression routes of one object by the key of those that they compete with, to be given their priority by rules/route_order.lua.
local M = {}
M.__index = M

function M.new()
  return setmetatable({ keys = {}, by_key = {} }, M)
end

-- route: { base, rule, match, fields, service, guards }
function M:add(key, route)
  local list = self.by_key[key]
  if not list then
    list = {}
    self.by_key[key] = list
    self.keys[#self.keys + 1] = key
  end
  list[#list + 1] = route
end

-- `most`: the highest number that tells routes of one priority apart.
function M:contribute(ctx, most)
  for _, key in ipairs(self.keys) do ctx:contribute('route_order', key, { most = most, routes = self.by_key[key] }) end
end

return M
