local fake_ctx = require 'spec.support.fake_ctx'
local kongconsumer = dofile('lua/rules/kongconsumer.lua')
local consumer = dofile('lua/rules/consumer.lua')

local function encode(text)
  return require('host').base64_encode(text)
end

local function kong_consumer(namespace, name, more)
  local object = more or {}
  object.apiVersion = 'configuration.konghq.com/v1'
  object.kind = 'KongConsumer'
  object.username = object.username or name
  object.metadata = {
    namespace = namespace, name = name, creationTimestamp = object.created or '2024-01-01T00:00:00Z',
    annotations = { ['kubernetes.io/ingress.class'] = 'kong' },
  }
  return object
end

local function secret(namespace, name, kind, data, created)
  local encoded = {}
  for key, value in pairs(data) do
    encoded[key] = encode(value)
  end
  return {
    apiVersion = 'v1', kind = 'Secret', data = encoded,
    metadata = { namespace = namespace, name = name, labels = { ['konghq.com/credential'] = kind }, creationTimestamp = created },
  }
end

-- Runs the object rule for every KongConsumer, then the shared rule for every key; returns what was emitted and the problems.
local function translate(objects)
  local first = fake_ctx.new({ rule = kongconsumer, objects = objects })
  local topics, by_key, keys = { credential_claims = {}, group_owner = { gold = { { data = { namespace = 'shop' } } } } }, {}, {}
  for _, object in ipairs(objects) do
    if object.kind == 'KongConsumer' then
      local before = #first.contributed
      kongconsumer:translate(first, object)
      for index = before + 1, #first.contributed do
        local given = first.contributed[index]
        local into = given.rule == 'consumer' and by_key or topics.credential_claims
        if given.rule == 'consumer' and not by_key[given.key] then
          keys[#keys + 1] = given.key
        end
        into[given.key] = into[given.key] or {}
        table.insert(into[given.key], fake_ctx.contribution(object, given.data))
      end
    end
  end
  local second = fake_ctx.new({ rule = consumer, objects = objects, topics = topics })
  for _, key in ipairs(keys) do
    consumer:translate(second, key, by_key[key])
  end
  return second, first
end

local function count(ctx, kind)
  local found = {}
  for _, entity in ipairs(ctx.emitted) do
    if entity.kind == kind then
      found[#found + 1] = entity
    end
  end
  return found
end

local function codes(ctx)
  local list = {}
  for index, problem in ipairs(ctx.problems) do
    list[index] = problem.code
  end
  return list
end

describe('a consumer', function()
  it('needs a username or a custom_id', function()
    local _, first = translate({ kong_consumer('shop', 'bob', { username = '' }) })

    assert.same({ 'ConsumerInvalid' }, codes(first))
  end)

  it('cannot pass for one without a username (tenants)', function()
    local _, first = translate({ kong_consumer('evil', 'eve', { username = 'custom_id:42' }) })

    assert.same({ 'ConsumerInvalid' }, codes(first))
  end)

  it('of another class is not ours', function()
    local object = kong_consumer('shop', 'bob')
    object.metadata.annotations['kubernetes.io/ingress.class'] = 'other'

    assert.same({}, (translate({ object })).emitted)
  end)

  it('gets its credentials with the types of their fields', function()
    local ctx = translate({
      kong_consumer('shop', 'bob', { credentials = { 'key', 'app', 'token' } }),
      secret('shop', 'key', 'key-auth', { key = 'k', ttl = '60', other = 'x' }),
      secret('shop', 'app', 'oauth2', { client_id = 'c', name = 'n', redirect_uris = 'https://a,https://b', hash_secret = 'T' }),
      secret('shop', 'token', 'jwt', { key = 'j' }),
    })

    assert.equal(60, count(ctx, 'key_auth')[1].fields.ttl)
    assert.is_nil(count(ctx, 'key_auth')[1].fields.other)
    assert.same({ 'https://a', 'https://b' }, count(ctx, 'oauth2')[1].fields.redirect_uris)
    assert.is_true(count(ctx, 'oauth2')[1].fields.hash_secret)
    assert.equal('HS256', count(ctx, 'jwt')[1].fields.algorithm)
  end)

  it('stays when a credential cannot be used', function()
    local ctx, first = translate({
      kong_consumer('shop', 'bob', { credentials = { 'gone', 'typeless', 'strange', 'empty' } }),
      secret('shop', 'typeless', nil, { key = 'k' }),
      secret('shop', 'strange', 'ldap', { key = 'k' }),
      secret('shop', 'empty', 'key-auth', {}),
    })

    assert.equal(1, #ctx.emitted)
    assert.same({ 'SecretNotFound', 'CredentialTypeUnknown', 'CredentialTypeUnknown', 'CredentialInvalid' }, codes(first))
  end)

  it('keeps the older of two equal credentials, and only the younger is refused (tenants)', function()
    local ctx = translate({
      kong_consumer('shop', 'bob', { credentials = { 'key' } }),
      secret('shop', 'key', 'key-auth', { key = 'same' }, '2024-01-02T00:00:00Z'),
      kong_consumer('evil', 'eve', { credentials = { 'key', 'basic' } }),
      secret('evil', 'key', 'key-auth', { key = 'same' }, '2024-01-03T00:00:00Z'),
      secret('evil', 'basic', 'basic-auth', { username = 'eve' }, '2024-01-03T00:00:00Z'),
    })

    assert.equal(2, #count(ctx, 'consumer'))
    assert.equal(1, #count(ctx, 'key_auth'))
    assert.equal('bob', count(ctx, 'key_auth')[1].links.consumer)
    assert.equal('eve', count(ctx, 'basic_auth')[1].links.consumer)
    assert.same({ 'CredentialConflict', 'CredentialConflict' }, codes(ctx))
  end)

  it('gets nothing from a younger KongConsumer of the same username (tenants)', function()
    local ctx = translate({
      kong_consumer('shop', 'bob'),
      kong_consumer('evil', 'other', { username = 'bob', credentials = { 'key' }, consumerGroups = { 'gold' } }),
      secret('evil', 'key', 'key-auth', { key = 'mine' }),
    })

    assert.equal(1, #ctx.emitted)
    assert.same({ 'DuplicateEntity' }, codes(ctx))
    assert.equal('evil', ctx.problems[1].object.metadata.namespace)
  end)

  it('cannot take the mTLS subject of an older one (tenants)', function()
    local ctx = translate({
      kong_consumer('shop', 'bob', { credentials = { 'cert' } }),
      secret('shop', 'cert', 'mtls-auth', { subject_name = 'cn' }, '2024-01-02T00:00:00Z'),
      kong_consumer('evil', 'eve', { credentials = { 'cert' } }),
      secret('evil', 'cert', 'mtls-auth', { subject_name = 'cn' }, '2024-01-03T00:00:00Z'),
    })

    assert.equal(1, #count(ctx, 'mtls_auth'))
    assert.equal('bob', count(ctx, 'mtls_auth')[1].links.consumer)
  end)

  it('cannot take the custom_id of an older one (tenants)', function()
    local ctx = translate({
      kong_consumer('shop', 'bob', { custom_id = '7' }),
      kong_consumer('evil', 'eve', { custom_id = '7', created = '2024-02-01T00:00:00Z' }),
    })

    assert.equal(1, #ctx.emitted)
    assert.equal('bob', ctx.emitted[1].fields.username)
  end)

  it('joins groups of its own namespace only (tenants)', function()
    local ctx = translate({
      kong_consumer('shop', 'bob', { consumerGroups = { 'gold', 'gold', 'none' } }),
      kong_consumer('evil', 'eve', { consumerGroups = { 'gold' } }),
    })

    assert.equal(1, #count(ctx, 'membership'))
    assert.same({ consumer_group = 'gold', consumer = 'bob' }, count(ctx, 'membership')[1].links)
    assert.same({ 'ConsumerGroupNotFound', 'ConsumerGroupNotFound' }, codes(ctx))
  end)

  it('known by its custom_id alone is a member and bears plugins like others', function()
    local object = kong_consumer('shop', 'bob', { username = '', custom_id = '42', consumerGroups = { 'gold' } })
    object.metadata.annotations['konghq.com/plugins'] = 'p'
    local plugin = { apiVersion = 'configuration.konghq.com/v1', kind = 'KongPlugin', plugin = 'acl',
      metadata = { namespace = 'shop', name = 'p' } }

    local ctx = translate({ object, plugin })

    assert.equal('custom_id:42', count(ctx, 'membership')[1].links.consumer)
    assert.equal('shop:p|consumer|custom_id:42', fake_ctx.contributions_to(ctx, 'plugin_binding')[1].key)
  end)
end)
