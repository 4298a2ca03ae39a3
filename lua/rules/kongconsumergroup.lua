-- KongConsumerGroup: asks for the consumer group of its name.
local class = require 'lib.object.class'
local plugins = require 'lib.plugin.plugins'
local tags = require 'lib.object.tags'

local M = {
  api = 1,
  kind = 'configuration.konghq.com/v1beta1/KongConsumerGroup',
  reads = class.READS,
  contributes = { 'consumer_group' },
}

M.tags = tags.step

function M:fields(ctx, group)
  return { name = group.metadata.name, tags = self:tags(ctx, group) }
end

function M:translate(ctx, group)
  if not class.takes(ctx, group) then
    return
  end
  ctx:contribute('consumer_group', group.metadata.name, { fields = self:fields(ctx, group), object = plugins.bearer(group) })
end

return M
