local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local default_backend = dofile('lua/rules/default_backend.lua')
local tcp_route = dofile('lua/rules/tcp_route.lua')
local tcpingress = dofile('lua/rules/tcpingress.lua')
local udpingress = dofile('lua/rules/udpingress.lua')

local function stream(kind, host, more)
  local object = objects.object('configuration.konghq.com/v1beta1', kind, 'data', 'db', more)
  object.metadata.annotations = object.metadata.annotations or {}
  object.metadata.annotations['kubernetes.io/ingress.class'] = 'kong'
  object.spec = { rules = { { host = host, port = 5432, backend = { serviceName = 'pg', servicePort = 80 } } } }
  return object
end

describe('a TCPIngress', function()
  it('leads a port, and a server name if given, to a Service', function()
    local ctx = fake_ctx.new({ rule = tcpingress })

    tcpingress:translate(ctx, stream('TCPIngress', 'db.example.com'))

    local data = fake_ctx.contributions_to(ctx, 'tcp_route')[1].data
    assert.equal('data.db.0', data.route.name)
    assert.same({ { port = 5432 } }, data.route.destinations)
    assert.same({ 'db.example.com' }, data.route.snis)
    assert.same({ 'tcp', 'tls' }, data.route.protocols)
    assert.equal('tcp', data.service.protocol)
  end)

  it('has an expression where the router wants one', function()
    local ctx = fake_ctx.new({ rule = tcpingress, options = { router_flavor = 'expressions' } })

    tcpingress:translate(ctx, stream('TCPIngress', 'db.example.com'))

    local route = fake_ctx.contributions_to(ctx, 'tcp_route')[1].data.route
    assert.equal('(tls.sni == "db.example.com") && (net.dst.port == 5432)', route.expression)
    assert.is_nil(route.destinations)
    assert.equal(1, route.priority)
  end)

  it('has a Kong service of its own where an Ingress has one of that name', function()
    local taken = { http_backend = { ['data.pg.80'] = { { data = {} } } } }
    local wish = { fake_ctx.contribution(stream('TCPIngress'), { route = { name = 'data.db.0' }, service = {}, name = 'data.pg.80' }) }
    local alone, beside = fake_ctx.new({ rule = tcp_route }), fake_ctx.new({ rule = tcp_route, topics = taken })

    tcp_route:translate(alone, 'data.db.0', wish)
    tcp_route:translate(beside, 'data.db.0', wish)

    assert.equal('data.pg.80', alone.emitted[1].links.service)
    assert.equal('data.pg.80.tcp', beside.emitted[1].links.service)
    assert.equal('data.pg.80.tcp', beside.contributed[1].key)
  end)
end)

describe('a UDPIngress', function()
  it('has names of its own', function()
    local ctx = fake_ctx.new({ rule = udpingress })

    udpingress:translate(ctx, stream('UDPIngress', 'ignored.example.com'))

    assert.equal('data.db.0.udp', ctx.emitted[1].fields.name)
    assert.same({ service = 'data.pg.80.udp' }, ctx.emitted[1].links)
    assert.is_nil(ctx.emitted[1].fields.snis)
  end)
end)

describe('the default backend', function()
  local function with_default(name, created)
    local ingress = objects.ingress('shop', name, nil, {}, { created = created })
    local backend = { kind = 'Service', namespace = 'shop', name = name, port = { number = 80 }, host = 'h' }
    backend.service = 'shop.' .. name .. '.80'
    return ingress, fake_ctx.contribution(ingress, { backend = backend, route = 'shop.' .. name })
  end

  it('is that of the oldest Ingress, and the others are told', function()
    local old, first = with_default('old', '2024-01-01T00:00:00Z')
    local young, second = with_default('young', '2024-02-01T00:00:00Z')
    local ctx = fake_ctx.new({ rule = default_backend, objects = { old, young } })

    default_backend:translate(ctx, '*', { first, second })

    assert.equal(1, #ctx.emitted)
    assert.equal('shop.old', ctx.emitted[1].fields.name)
    assert.equal('IngressClassConflict', ctx.problems[1].code)
    assert.equal('young', ctx.problems[1].object.name)
    assert.is_nil(fake_ctx.contributions_to(ctx, 'backend')[1].data.path)
  end)
end)
