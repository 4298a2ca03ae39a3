-- A consumer group; a key is its name. KongConsumerGroups of one name in two namespaces: the older one has it.
local plugins = require 'lib.plugin.plugins'

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

-- Contributions that become groups: the chosen one; only Kong Ingress Controller has several of one name.
function M:listed(ctx, contributions)
  return { self:choose(ctx, contributions) }
end

function M:translate(ctx, name, contributions)
  for _, contribution in ipairs(self:listed(ctx, contributions)) do
    local data = contribution.data
    ctx:emit('consumer_group', data.fields, {}, { about = data.object, step = 'choose' })
    ctx:contribute('group_owner', name, { namespace = data.object.metadata.namespace or '' })
    plugins.attach(ctx, data.object, { consumer_group = name })
  end
end

return M
