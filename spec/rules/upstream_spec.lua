local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local upstream = dofile('lua/rules/upstream.lua')

local INGRESS = objects.ingress('shop', 'web', 'a.com', {})

local function translate(others, options, backend)
  local ctx = fake_ctx.new({ rule = upstream, objects = others, options = options })
  backend = backend or { kind = 'Service', namespace = 'shop', name = 'app', port = { number = 80 } }
  local data = { service = 'shop.app.80', backends = { backend }, parent = { kind = 'Ingress', namespace = 'shop', name = 'web' } }
  upstream:translate(ctx, 'app.shop.80.svc', { fake_ctx.contribution(INGRESS, data) })
  return ctx
end

local function targets(ctx)
  local list = {}
  for _, entity in ipairs(ctx.emitted) do
    if entity.kind == 'target' then list[#list + 1] = entity.fields end
  end
  return list
end

describe('an upstream', function()
  it('has the ready endpoints of its Service as targets', function()
    local ctx = translate { objects.service('shop', 'app'), objects.slice('shop', 'app', { '10.0.0.2', '10.0.0.1' }) }

    assert.same({ { target = '10.0.0.1:8080' }, { target = '10.0.0.2:8080' } }, targets(ctx))
    assert.equal('round-robin', ctx.emitted[1].fields.algorithm)
    assert.same({ upstream = 'app.shop.80.svc' }, ctx.emitted[2].links)
  end)

  it('is there without a Service', function()
    assert.equal(1, #translate({}).emitted)
  end)

  it('leads to the Service itself on demand, once whatever its protocols are', function()
    local service = objects.service('shop', 'app', {
      annotations = { ['ingress.kubernetes.io/service-upstream'] = 'true' },
      spec = { ports = { { name = 'a', port = 80, protocol = 'TCP' }, { name = 'b', port = 53, protocol = 'UDP' } } },
    })

    assert.same({ { target = 'app.shop.svc.cluster.local:80' } }, targets(translate({ service }, { cluster_domain = 'cluster.local' })))
  end)

  it('leads to an external name', function()
    local service = objects.service('shop', 'app', { spec = { type = 'ExternalName', externalName = 'db.example.com' } })

    assert.same({ { target = 'db.example.com:80' } }, targets(translate { service }))
  end)

  it('obeys a KongUpstreamPolicy and tells it so', function()
    local policy = objects.object('configuration.konghq.com/v1beta1', 'KongUpstreamPolicy', 'shop', 'p', {
      spec = { algorithm = 'consistent-hashing', hashOn = { header = 'x' }, hashOnFallback = { cookie = 'c', cookiePath = '/' } },
    })
    local service = objects.service('shop', 'app', { annotations = { ['konghq.com/upstream-policy'] = 'p' } })

    local ctx = translate { service, policy }

    assert.same({
      name = 'app.shop.80.svc', algorithm = 'consistent-hashing', hash_on = 'header', hash_on_header = 'x', hash_fallback = 'cookie',
      hash_on_cookie = 'c', hash_on_cookie_path = '/',
    }, ctx.emitted[1].fields)
    assert.is_true(ctx.contributed[1].data.accepted)
    assert.same({ 'KongUpstreamPolicy', 'Service' }, { ctx.emitted[1].options.about[1].kind, ctx.emitted[1].options.about[2].kind })
  end)

  it('keeps its algorithm where the gateway lacks the one asked for', function()
    local policy = objects.object('configuration.konghq.com/v1beta1', 'KongUpstreamPolicy', 'shop', 'p',
      { spec = { algorithm = 'sticky-sessions', stickySessions = { cookie = 'c' } } })
    local service = objects.service('shop', 'app', { annotations = { ['konghq.com/upstream-policy'] = 'p' } })

    local old = translate({ service, policy }, { kong_version = '3.10.0' })
    local new = translate({ service, policy }, { kong_version = '3.11.0' })

    assert.equal('round-robin', old.emitted[1].fields.algorithm)
    assert.equal('UnsupportedFeature', old.problems[1].code)
    assert.equal('sticky-sessions', new.emitted[1].fields.algorithm)
  end)

  it('takes the host header even when its KongIngress is missing', function()
    local service = objects.service('shop', 'app',
      { annotations = { ['konghq.com/override'] = 'gone', ['konghq.com/host-header'] = 'h.example.com' } })

    local ctx = translate { service }

    assert.equal('h.example.com', ctx.emitted[1].fields.host_header)
    assert.equal('PolicyNotFound', ctx.problems[1].code)
  end)
end)
