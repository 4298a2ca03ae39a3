-- KIC takes a Secret that is listed twice for two credentials, lets consumers share a custom_id, and passes users' tags as they are.
local tags = require 'lib.tags'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1/KongConsumer',

  secret_names = function(_, _, consumer)
    return consumer.credentials or {}
  end,

  custom_id_claim = function()
    return nil
  end,

  tags = function(_, _, object, additional)
    return tags.verbatim(object, additional)
  end,
}
