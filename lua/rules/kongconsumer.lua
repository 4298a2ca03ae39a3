-- KongConsumer: asks for the consumer of its name, and claims what its credentials need for themselves.
local class = require 'lib.object.class'
local credentials = require 'lib.consumer.credentials'
local host = require 'host'
local plugins = require 'lib.plugin.plugins'
local tags = require 'lib.object.tags'

local SECRET = 'v1/Secret'
local UNNAMED = 'custom_id:'

local M = {
  api = 1,
  kind = 'configuration.konghq.com/v1/KongConsumer',
  reads = plugins.join({ SECRET }, class.READS),
  contributes = { 'consumer', 'credential_claims' },
}

M.tags = tags.step

function M:fields(ctx, consumer)
  return {
    username = consumer.username ~= '' and consumer.username or nil,
    custom_id = consumer.custom_id ~= '' and consumer.custom_id or nil,
    tags = self:tags(ctx, consumer),
  }
end

-- What is wrong with it, or nil.
function M:fault(ctx, fields)
  if not fields.username and not fields.custom_id then
    return 'no username or custom_id specified'
  end
  if fields.username and fields.username:sub(1, #UNNAMED) == UNNAMED then
    return ("a username must not begin with '%s': so consumers without one are called"):format(UNNAMED)
  end
  return nil
end

-- Names of its Secrets, each once.
function M:secret_names(ctx, consumer)
  local names, seen = {}, {}
  for _, name in ipairs(consumer.credentials or {}) do
    if not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  return names
end

local function claim_age(consumer, secret)
  local own, other = consumer.metadata.creationTimestamp or '', secret.metadata.creationTimestamp or ''
  return own > other and own or other
end

-- What a Secret says, see lib.consumer.credentials.
function M:parse_credential(ctx, secret)
  return credentials.parse(secret)
end

-- The credential of one Secret, or nil when it cannot be used.
function M:credential(ctx, consumer, name)
  local prefix = ('credential "%s" failure: '):format(name)
  local namespace = consumer.metadata.namespace
  local secret = ctx:lookup(SECRET, namespace, name)
  if not secret then
    ctx:problem(consumer, 'SecretNotFound', ('%sFailed to fetch secret: Secret %s/%s not found'):format(prefix, namespace, name))
    return nil
  end
  local credential, code, text = self:parse_credential(ctx, secret)
  if not credential then
    ctx:problem(consumer, code, prefix .. text)
    return nil
  end
  for _, warning in ipairs(credential.warnings) do
    ctx:problem(consumer, 'CredentialInvalid', prefix .. warning)
  end
  credential.fields.tags = self:tags(ctx, secret)
  return {
    kind = credential.kind,
    fields = credential.fields,
    index = credential.index,
    claim = credential.claim,
    age = claim_age(consumer, secret),
    secret = { apiVersion = 'v1', kind = 'Secret', metadata = { namespace = namespace, name = name, uid = secret.metadata.uid } },
  }
end

-- What it claims so that no other consumer gets its custom_id; nil: nothing.
function M:custom_id_claim(ctx, fields)
  return fields.custom_id and 'consumer|' .. host.sha256(fields.custom_id) or nil
end

function M:translate(ctx, consumer)
  if not class.takes(ctx, consumer) then
    return
  end
  local fields = self:fields(ctx, consumer)
  local fault = self:fault(ctx, fields)
  if fault then
    ctx:problem(consumer, 'ConsumerInvalid', fault)
    return
  end

  local list = {}
  for _, name in ipairs(self:secret_names(ctx, consumer)) do
    local credential = self:credential(ctx, consumer, name)
    list[#list + 1] = credential
    if credential and credential.claim then
      ctx:contribute('credential_claims', credential.claim, { age = credential.age, secret = name })
    end
  end
  local claim = self:custom_id_claim(ctx, fields)
  if claim then
    ctx:contribute('credential_claims', claim, { age = consumer.metadata.creationTimestamp or '', secret = '' })
  end
  ctx:contribute('consumer', fields.username or UNNAMED .. fields.custom_id, {
    fields = fields,
    credentials = list,
    custom_id_claim = claim,
    groups = consumer.consumerGroups,
    object = plugins.bearer(consumer),
  })
end

return M
