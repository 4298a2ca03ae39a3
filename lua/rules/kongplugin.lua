-- KongPlugin: says what is wrong with it. What it becomes is decided where it is bound (plugin_binding.lua).
local plugin_config = require 'lib.plugin.config'
local unused = require 'lib.object.unused'

local M = {
  api = 1,
  kind = plugin_config.KONG_PLUGIN,
  reads = { plugin_config.SECRET },
  consults = { 'plugin_targets', 'plugin_consumers', 'plugin_groups' },
}

-- Nothing names the plugin, in its own namespace or elsewhere.
local function is_unused(ctx, plugin)
  local key = plugin.metadata.namespace .. ':' .. plugin.metadata.name
  for _, topic in ipairs(M.consults) do
    if ctx:consulted(topic, key) or ctx:consulted(topic, key .. '|*') then return false end
  end
  return true
end

function M:translate(ctx, plugin)
  if unused.is_asked(ctx) and is_unused(ctx, plugin) then unused.tell(ctx, plugin, 'no object names it') end
  if plugin_config.is_usable(plugin) then
    return
  end
  local config, failure, code = plugin_config.evaluate(ctx, plugin)
  if not config then
    ctx:problem(plugin, code, failure)
  end
end

return M
