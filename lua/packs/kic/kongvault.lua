-- KIC passes users' tags as they are.
local tags = require 'lib.object.tags'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1alpha1/KongVault',

  tags = function(_, _, object, additional)
    return tags.verbatim(object, additional)
  end,
}
