-- Which bindings of plugins Kong Ingress Controller takes: it wants a grant wherever a namespace is spelt out.
local grants = require 'lib.grants'

local M = {}

--- The contributions whose references are permitted.
function M.counting(ctx, contributions)
  local list = {}
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    local target = { group = 'configuration.konghq.com', kind = 'KongPlugin', namespace = data.namespace, name = data.name }
    if not data.spelled or grants.permits(ctx, data.spelled, target) then
      list[#list + 1] = contribution
    end
  end
  return list
end

return M
