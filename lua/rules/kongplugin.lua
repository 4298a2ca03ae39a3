-- KongPlugin: says what is wrong with it. What it becomes is decided where it is bound (plugin_binding.lua).
local plugin_config = require 'lib.plugin.config'

local M = {
  api = 1,
  kind = plugin_config.KONG_PLUGIN,
  reads = { plugin_config.SECRET },
}

function M:translate(ctx, plugin)
  if plugin_config.is_usable(plugin) then
    return
  end
  local config, failure, code = plugin_config.evaluate(ctx, plugin)
  if not config then
    ctx:problem(plugin, code, failure)
  end
end

return M
