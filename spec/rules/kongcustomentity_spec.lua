local fake_ctx = require 'spec.support.fake_ctx'
local rule = dofile('lua/rules/kongcustomentity.lua')

local GROUP = 'configuration.konghq.com'

local function entity(name, spec)
  spec.controllerName = spec.controllerName or 'kong'
  spec.fields = spec.fields or { uri = '/u' }
  local metadata = { namespace = 'shop', name = name }
  return { apiVersion = GROUP .. '/v1alpha1', kind = 'KongCustomEntity', metadata = metadata, spec = spec }
end

local function plugin(namespace, kind)
  local metadata = { namespace = namespace, name = 'p' }
  return { apiVersion = GROUP .. '/v1', kind = kind or 'KongPlugin', metadata = metadata, plugin = 'degraphql' }
end

local function binding(relation, target, service)
  return { data = { namespace = 'shop', name = 'p', referrer = 'shop', relation = relation, target = target, service = service } }
end

-- `options` of ctx, `objects` besides the entity, `topics`.
local function run(object, given)
  given = given or {}
  local objects = { object }
  for _, other in ipairs(given.objects or { plugin('shop') }) do objects[#objects + 1] = other end
  local options = { offline = true }
  for name, value in pairs(given.options or {}) do options[name] = value end
  local ctx = fake_ctx.new({ rule = rule, objects = objects, options = options, topics = given.topics })
  rule:translate(ctx, object)
  return ctx
end

local PARENT = { group = GROUP, kind = 'KongPlugin', name = 'p' }

local function bound(targets, consumers)
  return { plugin_targets = { ['shop:p'] = targets }, plugin_consumers = { ['shop:p'] = consumers or {} } }
end

local function links(ctx)
  local list = {}
  for index, emitted in ipairs(ctx.emitted) do list[index] = emitted.links end
  return list
end

describe('KongCustomEntity', function()
  it('passes its fields on as an entity of its type', function()
    local ctx = run(entity('e', { type = 'sessions', fields = { session_id = 'a' } }))

    assert.are.equal('custom', ctx.emitted[1].kind)
    assert.are.same({ session_id = 'a' }, ctx.emitted[1].fields)
    assert.are.equal('sessions', ctx.emitted[1].options.type)
    assert.are.equal('shop/e', ctx.emitted[1].options.name)
  end)

  it('of another controller is none of ours', function()
    local ctx = run(entity('e', { type = 'sessions', controllerName = 'other' }))

    assert.are.equal(0, #ctx.emitted + #ctx.problems)
  end)

  it('cannot be of a kind with objects of its own, nor administer the gateway', function()
    for _, kind in ipairs { 'services', 'snis', 'keyauth_credentials', 'rbac_users', 'event_hooks', 'a/b', '' } do
      local ctx = run(entity('e', { type = kind }))

      assert.are.equal(0, #ctx.emitted, kind)
      assert.are.equal('InvalidObject', ctx.problems[1].code, kind)
    end
    assert.are.equal('cannot use known entity type routes in custom entity', run(entity('e', { type = 'routes' })).problems[1].text)
  end)

  it('is made for every service that its plugin is bound to', function()
    local ctx = run(entity('e', { type = 'degraphql_routes', parentRef = PARENT }), {
      topics = bound { binding('service', 's1'), binding('service', 's2'), binding('route', 'r', 's3') },
    })

    assert.are.same({ { service = 's1' }, { service = 's2' } }, links(ctx))
  end)

  it('is made for the services of routes where no service bears the plugin', function()
    local ctx = run(entity('e', { type = 'degraphql_routes', parentRef = PARENT }), {
      topics = bound { binding('route', 'r1', 's'), binding('route', 'r2', 's') },
    })

    assert.are.same({ { service = 's' } }, links(ctx))
  end)

  it('goes in pairs of consumers and what else it refers to', function()
    local ctx = run(entity('e', { type = 'things', parentRef = PARENT }), {
      options = { ['custom_types.things'] = { c = 'consumers', r = 'routes' } },
      topics = bound({ binding('route', 'r1', 's'), binding('route', 'r2', 's') }, { binding('consumer', 'bob') }),
    })

    assert.are.same({ { consumer = 'bob', route = 'r1' }, { consumer = 'bob', route = 'r2' } }, links(ctx))
  end)

  it('is not made without what it should refer to', function()
    local ctx = run(entity('e', { type = 'degraphql_routes', parentRef = PARENT }))

    assert.are.equal(0, #ctx.emitted)
    assert.are.equal('ParentNotFound', ctx.problems[1].code)
  end)

  it('needs a grant for a plugin of another namespace', function()
    local parent = { group = GROUP, kind = 'KongPlugin', namespace = 'other', name = 'p' }
    local ctx = run(entity('e', { type = 'degraphql_routes', parentRef = parent }), { objects = { plugin('other') } })

    assert.are.equal(0, #ctx.emitted)
    assert.are.equal('NoReferenceGrant', ctx.problems[1].code)
  end)

  it('finds what the own namespace bound to a KongClusterPlugin, unless a KongPlugin shadows that', function()
    local parent = { group = GROUP, kind = 'KongClusterPlugin', name = 'p' }
    local topics = bound { binding('service', 's') }
    local cluster = plugin(nil, 'KongClusterPlugin')
    local object = entity('e', { type = 'degraphql_routes', parentRef = parent })

    assert.are.same({ { service = 's' } }, links(run(object, { objects = { cluster }, topics = topics })))
    assert.are.equal(0, #run(object, { objects = { cluster, plugin('shop') }, topics = topics }).emitted)
  end)

  it('asks the gateway about a type that nobody knows', function()
    local ctx = run(entity('e', { type = 'things', parentRef = PARENT }), { options = { offline = false } })

    assert.are.equal(1, #ctx.emitted)
    assert.are.equal('things', ctx.emitted[1].options.type)
    assert.is_nil(ctx.emitted[1].options.name)
  end)

  it('cannot refer to what other objects make', function()
    local ctx = run(entity('e', { type = 'degraphql_routes', fields = { service = { name = 'their.service' } } }))

    assert.are.equal(0, #ctx.emitted)
    assert.are.equal('InvalidObject', ctx.problems[1].code)
  end)

  it('refers to custom entities of its own namespace only', function()
    local function key() return entity('k', { type = 'keys', fields = { kid = '1', set = { name = 'x' } } }) end
    local function set() return entity('set', { type = 'key_sets', fields = { name = 'x' } }) end
    local own, theirs = set(), set()
    theirs.metadata.namespace = 'other'

    local good, bad = run(key(), { objects = { own } }), run(key(), { objects = { theirs } })

    assert.are.equal(36, #good.emitted[1].fields.set.id)
    assert.are.equal(0, #bad.emitted)
    assert.are.equal('InvalidObject', bad.problems[1].code)
  end)
end)
