-- KIC makes a consumer for each KongConsumer of one name (a gateway refuses them, so we list them offline only), drops every consumer
-- with a credential that another one claims too, and makes members of groups that it does not make.
local fallback = require 'lib.kic.fallback'

local GROUP = 'configuration.konghq.com/v1beta1/KongConsumerGroup'

local function report(ctx, object, credential)
  local conflict = ('conflict detected in "%s" index'):format(credential.index)
  ctx:problem(credential.secret, 'CredentialConflict', 'Secret has conflicting credential: ' .. conflict)
  ctx:problem(object, 'CredentialConflict', 'Consumer has conflicting credentials: ' .. conflict)
end

return {
  api = 1,
  extends = 'consumer',
  reads = fallback.READS,

  listed = function(super, ctx, contributions)
    return ctx:option('offline') and contributions or super(ctx, contributions)
  end,

  credentials = function(_, ctx, data)
    local alone = true
    for _, credential in ipairs(data.credentials) do
      if credential.claim and #ctx:consult('credential_claims', credential.claim) > 1 then
        alone = false
        report(ctx, data.object, credential)
      end
    end
    return alone and data.credentials or nil
  end,

  has_group = function(_, ctx, namespace, name)
    local group = ctx:lookup(GROUP, namespace, name)
    return group ~= nil and not fallback.is_excluded(ctx, group)
  end,
}
