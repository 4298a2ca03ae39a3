local fake_ctx = require 'spec.support.fake_ctx'
local gateway_api = require 'spec.support.gateway_api'
local grpc_match = require 'lib.grpc.match'
local grpcroute = require 'rules.grpcroute'
local route_order = require 'rules.route_order'
local tcproute = require 'rules.tcproute'
local tlsroute = require 'rules.tlsroute'
local udproute = require 'rules.udproute'

local function translate(rule, route, objects, options)
  options = options or {}
  options.offline = true
  local ctx = gateway_api.ctx({ rule = rule, objects = objects, options = options })
  rule:translate(ctx, route)
  return ctx
end

local app = gateway_api.service('app')
local refs = { { name = 'app', port = 80 } }

describe('a GRPCRoute', function()
  local function with_match(match, filters)
    return gateway_api.route('GRPCRoute', {
      hostnames = { 'a.com' }, rules = { { matches = { match }, filters = filters, backendRefs = refs } },
    })
  end

  it('matches methods from end to end', function()
    local cases = {
      { { service = 'x.Y', method = 'Get' }, '~/x\\.Y/Get$' },
      { { service = 'x.Y' }, '/x.Y/' },
      { { method = 'Get' }, '~/[^/]+/Get$' },
      { { type = 'RegularExpression', service = 'a|b' }, '~/(?:a|b)/(?:[^/]+)$' },
    }
    for _, case in ipairs(cases) do assert.are.same({ case[2] }, grpc_match.traditional_paths(case[1])) end
  end)

  it('speaks plain gRPC to its backends, and takes header matches for what they are', function()
    local ctx = translate(grpcroute, with_match { headers = { { name = 'x', type = 'RegularExpression', value = 'a.*' } } }, { app })

    assert.are.equal('grpc', fake_ctx.contributions_to(ctx, 'backend')[1].data.protocol)
    assert.are.same({ x = { '~*a.*' } }, gateway_api.emitted(ctx, 'route')['grpcroute.shop.route.0.0'].headers)
  end)

  it('gives its filters to Kong', function()
    local filters = { { type = 'RequestHeaderModifier', requestHeaderModifier = { remove = { 'x' } } } }

    local ctx = translate(grpcroute, with_match({}, filters), { app })

    assert.are.same({ remove = { headers = { 'x' } } }, gateway_api.emitted(ctx, 'plugin')['request-transformer'].config)
  end)

  it('has its place in the order of expression routes, and a last resort behind it', function()
    local ctx = translate(grpcroute, with_match { method = { service = 'grpcbin.GRPCBin', method = 'Get' } }, { app },
      { router_flavor = 'expressions' })

    local offer = fake_ctx.contributions_to(ctx, 'route_order')[1].data
    assert.are.equal(26766487871743, offer.routes[1].base + offer.most + (6 << 35)) -- known for a host of 11 letters instead of 5
    assert.are.equal('(http.path == "/grpcbin.GRPCBin/Get") && (http.host == "a.com")', offer.routes[1].fields.expression)
    assert.are.equal(0, gateway_api.emitted(ctx, 'route')['grpcroute.no-route'].priority)
  end)
end)

describe('the order of expression routes', function()
  it('is by age of the object, then by rule and match', function()
    local function offer(name, routes)
      local object = gateway_api.route('HTTPRoute', {})
      object.metadata.name = name
      return fake_ctx.contribution(object, { most = 4095, routes = routes })
    end
    local function route(name, rule, match)
      return { base = 8192, rule = rule, match = match, fields = { name = name }, service = 's' }
    end
    local ctx = fake_ctx.new({ rule = route_order })

    route_order:translate(ctx, 'key', {
      offer('old', { route('c', 10, 0), route('b', 2, 1), route('a', 2, 0) }), offer('new', { route('d', 0, 0) }),
    })

    local found = gateway_api.emitted(ctx, 'route')
    assert.are.same({ 12287, 12286, 12285, 12284 }, { found.a.priority, found.b.priority, found.c.priority, found.d.priority })
  end)

  it('ends at the lowest number', function()
    assert.are.equal(100, route_order:priority(nil, 100, 255, 300))
  end)
end)

-- What was handed to the order of routes, by name.
local function waiting(ctx)
  local found = {}
  for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'route_order')) do
    for _, route in ipairs(contribution.data.routes) do found[route.fields.name] = route end
  end
  return found
end

describe('stream routes', function()
  local listeners = {
    { name = 'one', port = 9000, protocol = 'TCP' }, { name = 'two', port = 9001, protocol = 'TCP' },
    { name = 'dns', port = 53, protocol = 'UDP' },
    { name = 'tls', port = 443, protocol = 'TLS', hostname = '*.a.com', tls = { mode = 'Passthrough' } },
  }
  local objects = { app, gateway_api.class(), gateway_api.gateway(listeners) }

  it('match the ports of the listeners that take them', function()
    local tcp = gateway_api.route('TCPRoute', { parentRefs = { { name = 'kong', sectionName = 'two' }, { name = 'kong', port = 9001 } },
      rules = { { backendRefs = refs } } })
    local udp = gateway_api.route('UDPRoute', { rules = { { backendRefs = refs } } })

    local traditional = gateway_api.emitted(translate(tcproute, tcp, objects), 'route')['tcproute.shop.route.0.0']
    local expressions = waiting(translate(udproute, udp, objects, { router_flavor = 'expressions' }))

    assert.are.same({ { port = 9001 } }, traditional.destinations)
    assert.are.equal('net.dst.port == 53', expressions['udproute.shop.route.0.0'].fields.expression)
  end)

  it('pass TLS through where the listener does, for the names that both have', function()
    local route = gateway_api.route('TLSRoute', { hostnames = { 'x.a.com', 'b.com' }, rules = { { backendRefs = refs } } })

    local fields = gateway_api.emitted(translate(tlsroute, route, objects), 'route')['tlsroute.shop.route.0.0']

    assert.are.same({ 'tls_passthrough' }, fields.protocols)
    assert.are.same({ 'x.a.com' }, fields.snis)
  end)

  it('match wildcards of server names as suffixes', function()
    local route = gateway_api.route('TLSRoute', { rules = { { backendRefs = refs } } })

    local ctx = translate(tlsroute, route, objects, { router_flavor = 'expressions' })

    assert.are.equal('tls.sni =^ ".a.com"', waiting(ctx)['tlsroute.shop.route.0.0'].fields.expression)
  end)

  it('rank exact server names before wildcards, and longer before shorter ones', function()
    local route = gateway_api.route('TLSRoute', { hostnames = { '*.a.com', 'x.a.com', 'xy.a.com' }, rules = { { backendRefs = refs } } })

    local found = waiting(translate(tlsroute, route, objects, { router_flavor = 'expressions' }))

    local wildcard, short, long = found['tlsroute.shop.route.0.0'], found['tlsroute.shop.route.0.1'], found['tlsroute.shop.route.0.2']
    assert.is_true(wildcard.base < short.base and short.base < long.base)
    assert.are.equal('tls.sni == "x.a.com"', short.fields.expression)
  end)

  it('match the port of a TLS listener where Kong is known to listen there', function()
    local route = gateway_api.route('TLSRoute', { rules = { { backendRefs = refs } } })

    local ctx = translate(tlsroute, route, objects, { router_flavor = 'expressions', proxy_listen = { '443/tls' } })

    assert.are.equal('(tls.sni =^ ".a.com") && (net.dst.port == 443)', waiting(ctx)['tlsroute.shop.route.0.0'].fields.expression)
  end)

  it('of one kind compete for their ports, the older object first', function()
    local tcp = gateway_api.route('TCPRoute', { rules = { { backendRefs = refs } } })

    local ctx = translate(tcproute, tcp, objects, { router_flavor = 'expressions' })

    assert.are.equal('tcproute', fake_ctx.contributions_to(ctx, 'route_order')[1].key)
  end)

  it('are not sent when they would match nothing', function()
    local ctx = translate(tcproute, gateway_api.route('TCPRoute', { rules = { { backendRefs = refs } } }), { app })

    assert.are.same({}, ctx.emitted)
    assert.are.equal('InvalidObject', ctx.problems[1].code)
  end)
end)
