-- What Kong Ingress Controller does differently with plugins; used by packs/kic.
local tags = require 'lib.object.tags'

local M = {}

-- `run_on` is passed on, and users' tags stay as they are.
function M.fields(super, ctx, plugin, config)
  local fields = super(ctx, plugin, config)
  fields.run_on = ctx:option('offline') and plugin.run_on or nil -- gateways know no such field any more
  return fields
end

function M.tags(_, _, object, additional)
  return tags.verbatim(object, additional)
end

return M
