-- A consumer group; a key is its name. KongConsumerGroups of one name in two namespaces: the older one has it.
local plugins = require 'lib.plugins'

local M = {
  api = 1,
  shared = 'consumer_group',
  reads = plugins.READS,
  contributes = plugins.join({ 'group_owner' }, plugins.CONTRIBUTES),
}

function M:choose(ctx, contributions)
  for index = 2, #contributions do
    ctx:problem(contributions[index].data.object, 'DuplicateEntity',
      ("an older KongConsumerGroup has the name '%s'"):format(contributions[1].data.fields.name))
  end
  return contributions[1]
end

function M:translate(ctx, name, contributions)
  local data = self:choose(ctx, contributions).data
  ctx:emit('consumer_group', data.fields, {}, { about = data.object, step = 'choose' })
  ctx:contribute('group_owner', name, { namespace = data.object.metadata.namespace or '' })
  plugins.attach(ctx, data.object, { consumer_group = name })
end

return M
