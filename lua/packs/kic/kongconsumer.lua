-- KIC takes a Secret that is listed twice for two credentials, lets consumers share a custom_id or an mTLS subject, and passes users' tags
-- as they are; what a credential needs may be empty.
local credentials = require 'lib.consumer.credentials'
local tags = require 'lib.object.tags'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1/KongConsumer',

  secret_names = function(_, _, consumer)
    return consumer.credentials or {}
  end,

  parse_credential = function(_, _, secret)
    return credentials.parse(secret, true)
  end,

  credential = function(super, ctx, consumer, name)
    local credential = super(ctx, consumer, name)
    if credential and credential.kind == 'mtls_auth' then
      credential.claim = nil
    end
    return credential
  end,

  custom_id_claim = function()
    return nil
  end,

  tags = function(_, _, object, additional)
    return tags.verbatim(object, additional)
  end,
}
