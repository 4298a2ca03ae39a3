local fake_ctx = require 'spec.support.fake_ctx'
local api = require 'spec.support.gateway_api'
local pem = require 'spec.support.pem'
local gateway_rule = require 'rules.gateway'
local host = require 'host'
local httproute = require 'rules.httproute'
local rule = require 'rules.listenerset'

local function set(name, listeners, more)
  local made = {
    apiVersion = 'gateway.networking.k8s.io/v1', kind = 'ListenerSet', metadata = { namespace = 'shop', name = name },
    spec = { parentRef = { name = 'kong' }, listeners = listeners },
  }
  for key, value in pairs(more or {}) do made.metadata[key] = value end
  return made
end

local function http(name, hostname, more)
  local listener = { name = name, port = 80, protocol = 'HTTP', hostname = hostname }
  for key, value in pairs(more or {}) do listener[key] = value end
  return listener
end

local function open_gateway(from)
  return api.gateway({ http('own', 'own.org') }, { allowedListeners = from and { namespaces = { from = from } } })
end

local function run(of, object, objects, topics)
  local all = { api.class(), table.unpack(objects) }
  local ctx = api.ctx { rule = of, objects = all, topics = topics }
  local found = ctx:lookup(of.kind, object.metadata.namespace, object.metadata.name)
  of:translate(ctx, found)
  return api.add_statuses(ctx, found, topics)
end

local function contributed_to(ctx)
  local names = {}
  for i, entry in ipairs(ctx.contributed) do names[i] = entry.rule end
  return names
end

describe('ListenerSets', function()
  it('add their listeners to a Gateway that allows them', function()
    local one = set('one', { http('a', 'a.org') })

    local ctx = run(rule, one, { open_gateway 'Same', one }, {
      attached_routes = { ['ListenerSet/shop/one/a'] = { {} } },
    })

    local conditions = api.conditions(ctx)
    assert.are.equal('True Accepted', conditions.Accepted)
    assert.are.equal('True Programmed', conditions.Programmed)
    assert.are.equal('True Programmed', conditions['a Programmed'])
    assert.are.equal(1, api.condition(ctx, 'a', 'Accepted').detail.attachedRoutes)
    assert.are.equal('shop/kong', fake_ctx.contributions_to(ctx, 'attached_listener_sets')[1].key)
  end)

  it('are not allowed where the Gateway says nothing, or names other namespaces', function()
    local one = set('one', { http('a', 'a.org') })
    local far = set('far', { http('a', 'a.org') }, { namespace = 'team' })
    far.spec.parentRef.namespace = 'shop'

    for _, case in ipairs { { one, nil }, { one, 'None' }, { far, 'Same' }, { far, 'Selector' } } do
      local ctx = run(rule, case[1], { open_gateway(case[2]), case[1] })

      assert.are.same({ Accepted = 'False NotAllowed', Programmed = 'False NotAllowed' }, api.conditions(ctx))
      assert.are.same({ 'listener_set' }, contributed_to(ctx))
    end
  end)

  it('give way to the Gateway, and to older sets', function()
    local old = set('old', { http('a', 'own.org'), http('b', 'b.org') }, { creationTimestamp = '2020-01-01T00:00:00Z' })
    local young = set('young', { http('c', 'b.org'), http('d', 'd.org') }, { creationTimestamp = '2021-01-01T00:00:00Z' })
    local objects = { open_gateway 'All', old, young }

    local first, second = api.conditions(run(rule, old, objects)), api.conditions(run(rule, young, objects))

    assert.are.equal('False HostnameConflict', first['a Accepted'])
    assert.are.equal('False HostnameConflict', first['a Programmed'])
    assert.are.equal('True Accepted', first['b Accepted'])
    assert.are.equal('True HostnameConflict', second['c Conflicted'])
    assert.are.equal('True Accepted', second['d Accepted'])
  end)

  it('lose a listener of another protocol to the Gateway, and keep the rest', function()
    local one = set('one', { http('a', 'a.org'), http('tcp', nil, { protocol = 'TCP' }) })

    local conditions = api.conditions(run(rule, one, { open_gateway 'Same', one }))

    assert.are.equal('True Accepted', conditions['a Accepted'])
    assert.are.equal('False ProtocolConflict', conditions['tcp Accepted'])
  end)

  it('are not held up by a listener that was itself refused', function()
    local old = set('old', { http('a', nil, { protocol = 'TCP' }) }, { creationTimestamp = '2020-01-01T00:00:00Z' })
    local young = set('young', { http('b', 'b.org') }, { creationTimestamp = '2021-01-01T00:00:00Z' })

    local conditions = api.conditions(run(rule, young, { open_gateway 'All', old, young }))

    assert.are.equal('True Accepted', conditions['b Accepted'])
  end)

  it('are not accepted when none of their listeners can be served', function()
    local one = set('one', { http('a', 'own.org') })

    local conditions = api.conditions(run(rule, one, { open_gateway 'All', one }))

    assert.are.equal('False ListenersNotValid', conditions.Accepted)
  end)

  it('offer their certificates', function()
    local secret = {
      apiVersion = 'v1', kind = 'Secret', metadata = { namespace = 'shop', name = 'cert' },
      data = { ['tls.crt'] = host.base64_encode(pem.cert), ['tls.key'] = host.base64_encode(pem.key) },
    }
    local one = set('one', { http('s', 's.org', { port = 443, protocol = 'HTTPS', tls = { certificateRefs = { { name = 'cert' } } } }) })

    local ctx = run(rule, one, { open_gateway 'All', one, secret })

    assert.are.equal('s.org', fake_ctx.contributions_to(ctx, 'sni')[1].key)
  end)

  it('of another controller are left alone', function()
    local one = set('one', { http('a', 'a.org') })
    local gateway = open_gateway 'All'
    gateway.spec.gatewayClassName = 'other'
    local other = api.class('other', 'example.org/other')

    assert.are.equal(0, #run(rule, one, { gateway, one, other }).conditions)
  end)
end)

describe('a Gateway with ListenerSets', function()
  it('reports its own listeners, and how many sets it took', function()
    local one = set('one', { http('a', 'own.org') })

    local topics = { attached_listener_sets = { ['shop/kong'] = { {}, {} } } }
    local ctx = run(gateway_rule, open_gateway 'All', { open_gateway 'All', one }, topics)

    local conditions = api.conditions(ctx)
    assert.are.equal('True Accepted', conditions['own Accepted'])
    assert.is_nil(conditions['a Accepted'])
    assert.are.equal(2, api.condition(ctx, '', 'Accepted').detail.attachedListenerSets)
  end)
end)

describe('HTTPRoutes of ListenerSets', function()
  local function translate(refs)
    local one = set('one', { http('a', 'a.org') })
    local route = api.route('HTTPRoute', { parentRefs = refs, rules = { { backendRefs = { { name = 'web', port = 80 } } } } })
    return run(httproute, route, { open_gateway 'Same', one, route, api.service 'web' })
  end

  it('serve the names of the set, and not those of the Gateway', function()
    local ctx = translate { { kind = 'ListenerSet', name = 'one' } }

    assert.are.same({ 'a.org' }, api.emitted(ctx, 'route')['httproute.shop.route.0.0'].hosts)
    assert.are.equal('True Accepted', api.conditions(ctx)['ListenerSet/shop/one Accepted'])
    assert.are.equal('ListenerSet', ctx.conditions[1].condition.detail.parentRef.kind)
    assert.are.equal('ListenerSet/shop/one/a', fake_ctx.contributions_to(ctx, 'attached_routes')[1].key)
  end)

  it("do not reach a set's listener by way of the Gateway", function()
    local ctx = translate { { name = 'kong', sectionName = 'a' } }

    assert.are.equal('False NoMatchingParent', api.conditions(ctx)['shop/kong/a Accepted'])
  end)

  it('may have both for parents', function()
    local ctx = translate { { name = 'kong' }, { kind = 'ListenerSet', name = 'one' } }

    assert.are.same({ 'own.org', 'a.org' }, api.emitted(ctx, 'route')['httproute.shop.route.0.0'].hosts)
  end)
end)
