local fake_ctx = require 'spec.support.fake_ctx'
local rule = dofile('lua/rules/plugin_binding.lua')

local PLUGIN = {
  apiVersion = 'configuration.konghq.com/v1',
  kind = 'KongPlugin',
  metadata = { namespace = 'shop', name = 'p' },
  plugin = 'acl',
  config = { allow = { 'a' } },
}

local function data(relation, target, more)
  local result = { namespace = 'shop', name = 'p', referrer = 'shop', relation = relation, target = target }
  for key, value in pairs(more or {}) do
    result[key] = value
  end
  return result
end

local function topic(relation, targets)
  local list = {}
  for index, target in ipairs(targets) do
    list[index] = { data = data(relation, target) }
  end
  return list
end

-- `bound` names what else the plugin is bound to, by relation.
local function run(binding, bound, plugin, options)
  local ctx = fake_ctx.new({
    rule = rule,
    objects = { plugin or PLUGIN },
    options = options,
    topics = {
      plugin_consumers = { ['shop:p'] = topic('consumer', bound.consumer or {}) },
      plugin_groups = { ['shop:p'] = topic('consumer_group', bound.group or {}) },
      plugin_targets = { ['shop:p'] = topic('route', bound.route or {}) },
    },
  })
  rule:translate(ctx, 'key', { { data = binding } })
  local links = {}
  for index, entity in ipairs(ctx.emitted) do
    links[index] = entity.links
  end
  return links, ctx.emitted
end

describe('a bound plugin', function()
  it('applies to its route alone when nothing else is bound', function()
    local links, emitted = run(data('route', 'r'), { route = { 'r' } })

    assert.same({ { route = 'r' } }, links)
    assert.same({ 'a' }, emitted[1].fields.config.allow)
  end)

  it('applies to pairs when consumers are bound too, and groups do not count then', function()
    local bound = { route = { 'r' }, consumer = { 'bob', 'eve', 'bob' }, group = { 'g' } }

    assert.same({ { route = 'r', consumer = 'bob' }, { route = 'r', consumer = 'eve' } }, (run(data('route', 'r'), bound)))
    assert.same({}, (run(data('consumer', 'bob'), bound)))
    assert.same({}, (run(data('consumer_group', 'g'), bound)))
  end)

  it('applies to pairs with groups when no consumer is bound', function()
    local bound = { route = { 'r' }, group = { 'g' } }

    assert.same({ { service = 's', consumer_group = 'g' } }, (run(data('service', 's'), bound)))
    assert.same({}, (run(data('consumer_group', 'g'), bound)))
  end)

  it('applies to a consumer or a group alone when no route or service is bound', function()
    assert.same({ { consumer = 'bob' } }, (run(data('consumer', 'bob'), { consumer = { 'bob' } })))
    assert.same({ { consumer_group = 'g' } }, (run(data('consumer_group', 'g'), { group = { 'g' } })))
  end)

  it('is not narrowed by what another namespace binds it to', function()
    local links = run(data('consumer', 'bob', { referrer = 'other' }), { route = { 'r' } })

    assert.same({ { consumer = 'bob' } }, links)
  end)

  it('gets an instance name of its own for every scope', function()
    local named = { apiVersion = PLUGIN.apiVersion, kind = 'KongPlugin', metadata = PLUGIN.metadata, plugin = 'acl', instance_name = 'x' }

    local _, emitted = run(data('route', 'default.httpbin.httpbin..80'), {}, named)

    assert.equal('x-21a1f5b5f', emitted[1].fields.instance_name)
  end)

  it('has the id of a custom_id where its consumer has no username', function()
    local _, emitted = run(data('consumer', 'custom_id:42'), {})
    local _, without = run(data('consumer', 'custom_id:42'), {}, nil, { feature_gates = { FillIDs = false } })

    assert.matches('^%x+%-%x+%-5', emitted[1].fields.id)
    assert.is_nil(without[1].fields.id)
  end)

  it('says nothing when the plugin is gone', function()
    local ctx = fake_ctx.new({ rule = rule })

    rule:translate(ctx, 'key', { { data = data('route', 'r') } })

    assert.same({}, ctx.emitted)
  end)
end)
