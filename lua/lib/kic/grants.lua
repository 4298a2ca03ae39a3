-- Which bindings of plugins Kong Ingress Controller takes: it wants a grant wherever a namespace is spelt out, and the Kong service made.
local grants = require 'lib.object.grants'

local M = {}

local function is_dropped(ctx, data)
  local service = data.relation == 'service' and data.target or data.service
  return service ~= nil and ctx:consulted('dropped_backend', service)
end

--- The contributions whose references are permitted.
function M.counting(ctx, contributions)
  local list = {}
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    local target = { group = 'configuration.konghq.com', kind = 'KongPlugin', namespace = data.namespace, name = data.name }
    if (not data.spelled or grants.permits(ctx, data.spelled, target)) and not is_dropped(ctx, data) then
      list[#list + 1] = contribution
    end
  end
  return list
end

return M
