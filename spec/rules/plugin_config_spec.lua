local fake_ctx = require 'spec.support.fake_ctx'
local host = require 'host'
local kongplugin = dofile('lua/rules/kongplugin.lua')
local plugin_config = require 'lib.plugin.config'

local function secret(name, data)
  local encoded = {}
  for key, value in pairs(data) do
    encoded[key] = host.base64_encode(value)
  end
  return { apiVersion = 'v1', kind = 'Secret', metadata = { namespace = 'shop', name = name }, data = encoded }
end

local function plugin(more)
  more.apiVersion = 'configuration.konghq.com/v1'
  more.kind = 'KongPlugin'
  more.plugin = more.plugin or 'p'
  more.metadata = { namespace = 'shop', name = 'p' }
  return more
end

local function from(name, key)
  return { secretKeyRef = { name = name, key = key } }
end

local SECRETS = {
  secret('s', { json = '{"a":[1,2]}', yaml = 'a: [1, 2]\n', broken = '{"a', scalar = '3', empty = '' }),
}

local function evaluate(object)
  return plugin_config.evaluate(fake_ctx.new({ objects = SECRETS }), plugin(object))
end

describe('the configuration of a plugin', function()
  it('is what the object says', function()
    assert.same({ a = 1 }, (evaluate({ config = { a = 1 } })))
    assert.same({}, (evaluate({})))
  end)

  it('comes from a Secret as JSON or YAML', function()
    assert.same({ 1, 2 }, evaluate({ configFrom = from('s', 'json') }).a)
    assert.same({ 1, 2 }, evaluate({ configFrom = from('s', 'yaml') }).a)
    assert.same({}, (evaluate({ configFrom = from('s', 'empty') })))
  end)

  it('is patched in order, without changing the object', function()
    local object = plugin({
      config = { list = { 0 } },
      configPatches = { { path = '/list/-', valueFrom = from('s', 'scalar') }, { path = '/x/y', valueFrom = from('s', 'json') } },
    })

    local config = plugin_config.evaluate(fake_ctx.new({ objects = SECRETS }), object)

    assert.equal('{"list":[0,3],"x":{"y":{"a":[1,2]}}}', host.json_encode(config))
    assert.same({ 0 }, object.config.list)
  end)

  it('may be replaced as a whole by a patch', function()
    local config = evaluate({ config = { b = 1 }, configPatches = { { path = '', valueFrom = from('s', 'json') } } })

    assert.equal('{"a":[1,2]}', host.json_encode(config))
  end)

  local FAULTS = {
    { 'config and configFrom together', { config = { a = 1 }, configFrom = from('s', 'json') }, 'PluginConfigInvalid' },
    { 'a missing Secret', { configFrom = from('gone', 'json') }, 'SecretNotFound' },
    { 'a missing key', { configFrom = from('s', 'gone') }, 'SecretNotFound' },
    { 'a value that is neither JSON nor YAML', { configFrom = from('s', 'broken') }, 'PluginConfigInvalid' },
    { 'a value that is no object', { configFrom = from('s', 'scalar') }, 'PluginConfigInvalid' },
    { 'a patch that is not JSON', { configPatches = { { path = '/a', valueFrom = from('s', 'broken') } } }, 'PluginConfigInvalid' },
    { 'a patch to the whole that is no object', { configPatches = { { path = '', valueFrom = from('s', 'scalar') } } },
      'PluginConfigInvalid' },
    { 'a patch without a path that leads somewhere', { configPatches = { { path = 'a', valueFrom = from('s', 'json') } } },
      'PluginConfigInvalid' },
    { 'no plugin type', { plugin = '' }, 'InvalidObject' },
    { 'a type that reads like the scope of another plugin (tenants)', { plugin = 'acl:route/default.shop' }, 'InvalidObject' },
  }
  for _, fault in ipairs(FAULTS) do
    it('cannot be put together with ' .. fault[1], function()
      local ctx = fake_ctx.new({ rule = kongplugin, objects = SECRETS })

      kongplugin:translate(ctx, plugin(fault[2]))

      assert.equal(1, #ctx.problems)
      assert.equal(fault[3], ctx.problems[1].code)
    end)
  end
end)
