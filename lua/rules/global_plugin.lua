-- The global plugin of one type; a key is the plugin's type.
local M = {
  api = 1,
  shared = 'global_plugin',
}

-- Which of several KongClusterPlugins applies; nil: none.
function M:choose(ctx, contributions)
  local chosen = contributions[1]
  for index = 2, #contributions do
    ctx:problem(contributions[index].from, 'PluginConflict',
      ("another global KongClusterPlugin for '%s' is older: '%s'"):format(chosen.data.fields.name, chosen.from.name))
  end
  return chosen
end

function M:translate(ctx, key, contributions)
  local chosen = self:choose(ctx, contributions)
  if chosen then
    ctx:emit('plugin', chosen.data.fields, {}, { about = chosen.from, step = 'choose' })
  end
end

return M
