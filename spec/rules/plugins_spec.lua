local fake_ctx = require 'spec.support.fake_ctx'
local plugins = require 'lib.plugin.plugins'

local RULE = { reads = plugins.READS, contributes = plugins.CONTRIBUTES, consults = plugins.CONSULTS }

local function ingress(names)
  return {
    apiVersion = 'networking.k8s.io/v1',
    kind = 'Ingress',
    metadata = { namespace = 'shop', name = 'app', annotations = { ['konghq.com/plugins'] = names } },
  }
end

local function plugin(namespace, name, more)
  local object = more or {}
  object.apiVersion = 'configuration.konghq.com/v1'
  object.kind = 'KongPlugin'
  object.plugin = object.plugin or 'key-auth'
  object.metadata = { namespace = namespace, name = name }
  return object
end

local function grant(from_kind)
  return {
    apiVersion = 'gateway.networking.k8s.io/v1beta1',
    kind = 'ReferenceGrant',
    metadata = { namespace = 'platform', name = 'grant' },
    spec = {
      from = { { group = 'networking.k8s.io', kind = from_kind, namespace = 'shop' } },
      to = { { group = 'configuration.konghq.com', kind = 'KongPlugin', name = 'auth' } },
    },
  }
end

local function attach(names, objects, options)
  local ctx = fake_ctx.new({ rule = RULE, objects = objects, options = options })
  local guards = plugins.attach(ctx, ingress(names), { route = 'r' })
  return ctx, guards
end

local function bound(ctx)
  local keys = {}
  for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'plugin_binding')) do
    keys[#keys + 1] = contribution.key
  end
  return keys
end

describe('attaching plugins', function()
  it('does nothing for an object that names none', function()
    local ctx, guards = attach(nil, {})

    assert.same({}, guards)
    assert.same({}, ctx.contributed)
  end)

  it('binds every plugin that is named, each once', function()
    local ctx, guards = attach(' a, b ,a,, ', { plugin('shop', 'a'), plugin('shop', 'b') })

    assert.same({}, guards)
    assert.same({ 'shop:a|route|r', 'shop:b|route|r' }, bound(ctx))
  end)

  it('guards the route with a plugin that does not exist', function()
    local ctx, guards = attach('gone', {})

    assert.same({ 'shop/gone' }, guards)
    assert.equal('PluginNotFound', ctx.problems[1].code)
  end)

  it('guards the route with a plugin whose configuration cannot be put together', function()
    local broken = plugin('shop', 'a', { configFrom = { secretKeyRef = { name = 'gone', key = 'config' } } })

    local _, guards = attach('a', { broken })

    assert.same({ 'shop/a' }, guards)
  end)

  it('guards nothing when missing plugins are to be served without', function()
    local _, guards = attach('gone', {}, { on_missing_plugin = 'serve' })

    assert.same({}, guards)
  end)

  it('takes a plugin of another namespace with a grant only', function()
    local auth = plugin('platform', 'auth')

    local refused, guards = attach('platform:auth', { auth, grant('HTTPRoute') })
    local permitted = attach('platform : auth', { auth, grant('Ingress') })

    assert.equal('NoReferenceGrant', refused.problems[1].code)
    assert.same({ 'platform/auth' }, guards)
    assert.same({ 'platform:auth|route|r' }, bound(permitted))
  end)

  it('keeps bindings of foreign namespaces apart from those of the own', function()
    local ctx = attach('platform:auth', { plugin('platform', 'auth'), grant('Ingress') })

    local keys = {}
    for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'plugin_targets')) do
      keys[#keys + 1] = contribution.key
    end

    assert.same({ 'platform:auth|shop', 'platform:auth|*' }, keys)
  end)
end)
