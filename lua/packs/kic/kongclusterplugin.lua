-- KIC passes `run_on` on, and users' tags as they are.
local tags = require 'lib.tags'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1/KongClusterPlugin',

  fields = function(super, ctx, plugin, config)
    local fields = super(ctx, plugin, config)
    fields.run_on = ctx:option('offline') and plugin.run_on or nil -- gateways know no such field any more
    return fields
  end,

  tags = function(_, _, object, additional)
    return tags.verbatim(object, additional)
  end,
}
