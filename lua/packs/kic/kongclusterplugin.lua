-- KIC passes `run_on` on, and users' tags as they are.
local kic_plugins = require 'lib.kic.plugins'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1/KongClusterPlugin',

  fields = kic_plugins.fields,
  tags = kic_plugins.tags,
}
