-- Gateways of ours to which no route is attached, for those who ask; the key is namespace/name. Contributions: { sections }, the keys of
-- the Gateway's listeners in the topic `attached_routes`.
local unused = require 'lib.object.unused'

local M = {
  api = 1,
  shared = 'unused_gateway',
  consults = { 'attached_routes' },
}

function M:translate(ctx, _, contributions)
  for _, contribution in ipairs(contributions) do
    local attached = false
    for _, section in ipairs(contribution.data.sections) do attached = attached or ctx:consulted('attached_routes', section) end
    if not attached then unused.tell(ctx, contribution.from, 'no route is attached to it') end
  end
end

return M
