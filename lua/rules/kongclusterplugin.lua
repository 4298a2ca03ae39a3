-- KongClusterPlugin: says what is wrong with it; with the label global=true it applies to everything.
local class = require 'lib.object.class'
local plugin_config = require 'lib.plugin.config'
local plugins = require 'lib.plugin.plugins'
local tags = require 'lib.object.tags'

local M = {
  api = 1,
  kind = plugin_config.KONG_CLUSTER_PLUGIN,
  reads = plugins.join({ plugin_config.SECRET }, class.READS),
  contributes = { 'global_plugin' },
}

M.tags = tags.step

function M:fields(ctx, plugin, config)
  local fields = plugin_config.fields(plugin, config)
  fields.tags = self:tags(ctx, plugin)
  return fields
end

-- The class matters to global plugins only.
function M:is_global(ctx, plugin)
  local labels = plugin.metadata.labels
  return labels ~= nil and labels.global == 'true' and class.takes(ctx, plugin)
end

function M:translate(ctx, plugin)
  local config, failure, code = plugin_config.evaluate(ctx, plugin)
  if not config then
    ctx:problem(plugin, code, failure)
    return
  end
  if self:is_global(ctx, plugin) then
    ctx:contribute('global_plugin', plugin.plugin, { fields = self:fields(ctx, plugin, config) })
  end
end

return M
