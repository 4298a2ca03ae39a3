-- A consumer; a key is its username, or `custom_id:` and its custom_id. It belongs to the oldest KongConsumer that asks for it, and so do
-- its credentials, groups and plugins: nobody adds to another namespace's consumer.
local plugins = require 'lib.plugin.plugins'

local GROUP = 'configuration.konghq.com/v1beta1/KongConsumerGroup'

local M = {
  api = 1,
  shared = 'consumer',
  reads = plugins.join({ GROUP }, plugins.READS),
  contributes = plugins.CONTRIBUTES,
  consults = { 'credential_claims', 'group_owner' },
}

function M:choose(ctx, contributions)
  for index = 2, #contributions do
    local data = contributions[index].data
    ctx:problem(data.object, 'DuplicateEntity', ("an older KongConsumer has the username or custom_id '%s'")
      :format(data.fields.username or data.fields.custom_id))
  end
  return contributions[1]
end

local function precedes(left, right)
  if left.data.age ~= right.data.age then
    return left.data.age < right.data.age
  end
  if left.from.namespace ~= right.from.namespace then
    return left.from.namespace < right.from.namespace
  end
  if left.from.name ~= right.from.name then
    return left.from.name < right.from.name
  end
  return left.data.secret < right.data.secret
end

-- True when the oldest of all that claim a unique value is this consumer's Secret.
function M:holds(ctx, claim, object, secret_name)
  local claims = ctx:consult('credential_claims', claim)
  local first = claims[1]
  for index = 2, #claims do
    if precedes(claims[index], first) then
      first = claims[index]
    end
  end
  local metadata = object.metadata
  return first == nil
    or (first.from.namespace == metadata.namespace and first.from.name == metadata.name and first.data.secret == secret_name)
end

local function report_conflict(ctx, object, credential)
  local conflict = ('conflict detected in "%s" index'):format(credential.index)
  ctx:problem(credential.secret, 'CredentialConflict', 'Secret has conflicting credential: ' .. conflict)
  ctx:problem(object, 'CredentialConflict', 'Consumer has conflicting credentials: ' .. conflict)
end

-- Which of its credentials the consumer gets; nil: it must not be made at all.
function M:credentials(ctx, data)
  if data.custom_id_claim and not self:holds(ctx, data.custom_id_claim, data.object, '') then
    ctx:problem(data.object, 'DuplicateEntity', ("an older KongConsumer has the custom_id '%s'"):format(data.fields.custom_id))
    return nil
  end
  local accepted = {}
  for _, credential in ipairs(data.credentials) do
    if not credential.claim or self:holds(ctx, credential.claim, data.object, credential.secret.metadata.name) then
      accepted[#accepted + 1] = credential
    else
      report_conflict(ctx, data.object, credential)
    end
  end
  return accepted
end

-- True when the group of that name is made from a KongConsumerGroup of the namespace.
function M:has_group(ctx, namespace, name)
  local owner = ctx:consult('group_owner', name)[1]
  return owner ~= nil and owner.data.namespace == namespace
end

function M:memberships(ctx, key, data)
  local namespace, seen = data.object.metadata.namespace or '', {}
  for _, name in ipairs(data.groups or {}) do
    if seen[name] then
      goto continue
    end
    seen[name] = true
    if self:has_group(ctx, namespace, name) then
      ctx:emit('membership', {}, { consumer_group = name, consumer = key }, { about = data.object, step = 'memberships' })
    else
      ctx:problem(data.object, 'ConsumerGroupNotFound', ('nonexistent consumer group: "%s"'):format(name))
    end
    ::continue::
  end
end

-- Contributions that become consumers: the chosen one; only Kong Ingress Controller has several of one name.
function M:listed(ctx, contributions)
  return { self:choose(ctx, contributions) }
end

function M:emit_consumer(ctx, key, data)
  local credentials = self:credentials(ctx, data)
  if not credentials then
    return
  end
  ctx:emit('consumer', data.fields, {}, { about = data.object, step = 'choose' })
  for _, credential in ipairs(credentials) do
    ctx:emit(credential.kind, credential.fields, { consumer = key }, { about = credential.secret, step = 'credentials' })
  end
  self:memberships(ctx, key, data)
  plugins.attach(ctx, data.object, { consumer = key })
end

function M:translate(ctx, key, contributions)
  for _, contribution in ipairs(self:listed(ctx, contributions)) do
    self:emit_consumer(ctx, key, contribution.data)
  end
end

return M
