local fake_ctx = require 'spec.support.fake_ctx'
local global_plugin = dofile('lua/rules/global_plugin.lua')
local kongclusterplugin = dofile('lua/rules/kongclusterplugin.lua')
local kongvault = dofile('lua/rules/kongvault.lua')
local license = dofile('lua/rules/license.lua')
local vault = dofile('lua/rules/vault.lua')

local function object(kind, name, more)
  local result = more or {}
  result.apiVersion = 'configuration.konghq.com/v1'
  result.kind = kind
  result.metadata = {
    name = name,
    creationTimestamp = result.created or '2024-01-01T00:00:00Z',
    labels = result.labels,
    annotations = { ['kubernetes.io/ingress.class'] = result.class or 'kong' },
  }
  return result
end

describe('a KongClusterPlugin', function()
  local function contributed(more)
    more.plugin = 'prometheus'
    local ctx = fake_ctx.new({ rule = kongclusterplugin })
    kongclusterplugin:translate(ctx, object('KongClusterPlugin', 'p', more))
    return #ctx.contributed
  end

  it('is global with the label and our class only', function()
    assert.equal(1, contributed({ labels = { global = 'true' } }))
    assert.equal(0, contributed({ labels = { global = 'yes' } }))
    assert.equal(0, contributed({ labels = { global = 'true' }, class = 'other' }))
    assert.equal(0, contributed({}))
  end)

  it('that is the oldest of its type applies, the others are problems', function()
    local ctx = fake_ctx.new({ rule = global_plugin })
    local data = { fields = { name = 'prometheus' } }

    global_plugin:translate(ctx, 'prometheus', {
      fake_ctx.contribution(object('KongClusterPlugin', 'old'), data), fake_ctx.contribution(object('KongClusterPlugin', 'new'), data),
    })

    assert.equal(1, #ctx.emitted)
    assert.equal('new', ctx.problems[1].object.name)
    assert.equal('PluginConflict', ctx.problems[1].code)
  end)
end)

describe('a KongVault', function()
  it('becomes a vault', function()
    local ctx = fake_ctx.new({ rule = kongvault })

    kongvault:translate(ctx, object('KongVault', 'v', { spec = { backend = 'env', prefix = 'e', config = { prefix = 'X' } } }))

    assert.equal('e', ctx.contributed[1].key)
    assert.equal('env', ctx.contributed[1].data.fields.name)
  end)

  it('needs a backend and a prefix', function()
    local ctx = fake_ctx.new({ rule = kongvault })

    kongvault:translate(ctx, object('KongVault', 'v', { spec = { backend = 'env' } }))

    assert.equal('InvalidObject', ctx.problems[1].code)
  end)

  it('that is younger than another of its prefix is a problem', function()
    local ctx = fake_ctx.new({ rule = vault })
    local data = { fields = { prefix = 'e' } }

    local older, younger = object('KongVault', 'a'), object('KongVault', 'b')

    vault:translate(ctx, 'e', { fake_ctx.contribution(older, data), fake_ctx.contribution(younger, data) })

    assert.equal(1, #ctx.emitted)
    assert.equal('spec.prefix "e" is duplicate', ctx.problems[1].text)
  end)
end)

describe('of several KongLicenses', function()
  local function choose(...)
    local contributions = {}
    for index, pair in ipairs({ ... }) do
      contributions[index] = fake_ctx.contribution(object('KongLicense', pair[1], { created = pair[2] }), { payload = pair[1] })
    end
    local ctx = fake_ctx.new({ rule = license })
    license:translate(ctx, 'license', contributions)
    return ctx
  end

  it('the newest is picked, and all are told', function()
    local ctx = choose({ 'b', '2024-01-01T00:00:00Z' }, { 'a', '2024-02-01T00:00:00Z' })

    assert.equal('a', ctx.emitted[1].fields.payload)
    assert.equal('ReplacedByNewer', ctx.conditions[1].condition.reason)
    assert.equal('PickedAsLatest', ctx.conditions[2].condition.reason)
  end)

  it('the first by name is picked of equally new ones', function()
    local ctx = choose({ 'a', '2024-01-01T00:00:00Z' }, { 'lic', '2024-01-01T00:00:00Z' })

    assert.equal('a', ctx.emitted[1].fields.payload)
  end)

  it('the id is that of Kong Ingress Controller', function()
    assert.equal('f309ab3a-3535-5cba-bea5-3219a2e1e065', choose({ 'lic', '2024-01-01T00:00:00Z' }).emitted[1].fields.id)
  end)
end)
