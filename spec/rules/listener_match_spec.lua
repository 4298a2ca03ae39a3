local fake_ctx = require 'spec.support.fake_ctx'
local api = require 'spec.support.gateway_api'
local gateway_rule = require 'rules.gateway'
local httproute = require 'rules.httproute'

local function http(name, hostname, more)
  local listener = { name = name, port = 80, protocol = 'HTTP', hostname = hostname }
  for key, value in pairs(more or {}) do listener[key] = value end
  return listener
end

local function translate(listeners, spec, options)
  spec.rules = { { matches = { { path = { value = '/x' } } }, backendRefs = { { name = 'web', port = 80 } } } }
  local route = api.route('HTTPRoute', spec)
  options = options or {}
  options.router_flavor = options.router_flavor or 'expressions'
  local ctx = api.ctx {
    rule = httproute, options = options, objects = { api.class(), api.gateway(listeners), api.service 'web', route },
  }
  httproute:translate(ctx, ctx:lookup(httproute.kind, 'shop', 'route'))
  return ctx
end

-- Expressions of what was handed to the order of routes, without the path.
local function expressions(ctx)
  local found = {}
  for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'route_order')) do
    for _, route in ipairs(contribution.data.routes) do
      found[#found + 1] = (route.fields.expression:gsub('%(%(http.path == "/x"%) || %(http.path ^= "/x/"%)%)', 'PATH'))
    end
  end
  table.sort(found)
  return found
end

local NESTED = { http 'any', http('wide', '*.a.org'), http('narrow', '*.b.a.org'), http('exact', 'c.b.a.org') }

describe('the listeners of a Gateway', function()
  it('keep requests for narrower names from routes that are only attached to wider ones', function()
    assert.are.same({ 'PATH && (!(http.host =^ ".a.org"))' },
      expressions(translate(NESTED, { parentRefs = { { name = 'kong', sectionName = 'any' } } })))
    assert.are.same({ '(http.host =^ ".a.org") && PATH && (!(http.host =^ ".b.a.org"))' },
      expressions(translate(NESTED, { parentRefs = { { name = 'kong', sectionName = 'wide' } } })))
    assert.are.same({ '(http.host == "c.b.a.org") && PATH' },
      expressions(translate(NESTED, { parentRefs = { { name = 'kong', sectionName = 'exact' } } })))
  end)

  it('leave names to routes that are attached to all of them', function()
    assert.are.same({ '(http.path == "/x") || (http.path ^= "/x/")' }, expressions(translate(NESTED, {})))
  end)

  it('take a name away that belongs to a narrower listener as a whole, under both routers', function()
    for _, flavor in ipairs { 'expressions', 'traditional_compatible' } do
      local ctx = translate(NESTED, {
        parentRefs = { { name = 'kong', sectionName = 'wide' } }, hostnames = { 'c.b.a.org', '*.b.a.org' },
      }, { router_flavor = flavor })

      assert.are.equal(0, #ctx.emitted)
      assert.are.equal(0, #fake_ctx.contributions_to(ctx, 'route_order'))
      assert.are.equal('True Accepted', api.conditions(ctx)['shop/kong/wide Accepted'])
    end
  end)

  it('do not isolate those of other ports or protocols', function()
    local listeners = { http 'any', http('other', 'a.org', { port = 81 }), http('tls', 'b.org', { protocol = 'HTTPS', port = 443 }) }

    assert.are.same({ '(http.path == "/x") || (http.path ^= "/x/")' },
      expressions(translate(listeners, { parentRefs = { { name = 'kong', sectionName = 'any' } } })))
  end)

  it('are told apart by port where Kong listens on the very ports', function()
    local listeners = { http 'any', http('other', 'a.org', { port = 8080 }) }

    assert.are.same({ '(http.host == "a.org") && PATH && (net.dst.port != 80)', 'PATH && (net.dst.port != 8080)' },
      expressions(translate(listeners, {}, { proxy_listen = { '80', '8080' } })))
    assert.are.same({ '(http.path == "/x") || (http.path ^= "/x/")' },
      expressions(translate(listeners, {}, { proxy_listen = { '8000', '8443/ssl' } })))
  end)

  it('are not told apart by port where a Service may map them', function()
    local listeners = { http('a', 'a.org', { port = 8000 }), http('b', 'b.org', { port = 8001 }) }

    local told = { '(http.host == "a.org") && PATH && (net.dst.port != 8001)', '(http.host == "b.org") && PATH && (net.dst.port != 8000)' }
    assert.are.same(told, expressions(translate(listeners, {}, { proxy_listen = { '8000', '8001' } })))
    assert.are.same({ '(http.host == "a.org") && PATH', '(http.host == "b.org") && PATH' },
      expressions(translate(listeners, {}, { proxy_listen = { '8000/http', '8443/ssl' } })))
  end)

  it('are found whatever port a Host header names, but never by another scheme', function()
    local listeners = { http('a', 'a.org', { port = 80 }), http('b', 'b.org', { protocol = 'HTTPS', port = 443 }) }

    local told = { '(http.host == "a.org") && PATH && (net.protocol == "http")',
      '(http.host == "b.org") && PATH && (net.protocol == "https")' }
    assert.are.same(told, expressions(translate(listeners, {}, { proxy_listen = { '80', '443/ssl' } })))
  end)

  it('do not see what comes by HTTP at other ports when they are for HTTPS', function()
    local tls = { http('tls', nil, { protocol = 'HTTPS', port = 443 }) }

    assert.are.same({ 'PATH && ((net.dst.port != 80) && (net.dst.port != 8080) && (net.dst.port != 8443))' },
      expressions(translate(tls, {}, { proxy_listen = { '80', '8080', '443/ssl', '8443/ssl' } })))
    assert.are.same({ 'PATH && (net.dst.port != 80)' }, expressions(translate(tls, {}, { proxy_listen = { '80', '443/ssl' } })))
    assert.are.same({ '(http.path == "/x") || (http.path ^= "/x/")' },
      expressions(translate(tls, {}, { proxy_listen = { '8000', '8443/ssl' } })))
  end)

  it('are told apart by scheme where a name has not both', function()
    local listeners = { http 'any', http('tls', 'b.org', { protocol = 'HTTPS', port = 443 }) }

    assert.is_truthy(api.emitted(translate(listeners, {}), 'route')['httproute.schemes'])
    assert.is_truthy(api.emitted(translate({ http 'any' }, {}), 'route')['httproute.schemes'])
    local both = { http 'any', http('tls', nil, { protocol = 'HTTPS', port = 443 }) }
    assert.is_nil(api.emitted(translate(both, {}), 'route')['httproute.schemes'])
    assert.are.same({ '(http.host == "b.org") && PATH && (net.protocol == "https")', 'PATH && (net.protocol == "http")' },
      expressions(translate(listeners, {})))
  end)
end)

describe('ports of listeners', function()
  local function accepted(listeners, listen)
    local gateway = api.gateway(listeners)
    local ctx = fake_ctx.new { rule = gateway_rule, options = { proxy_listen = listen }, objects = { api.class(), gateway } }
    gateway_rule:translate(ctx, gateway)
    return api.conditions(api.add_statuses(ctx, gateway))
  end

  it('that Kong does not listen on are unavailable', function()
    local listeners = { http 'a', http('b', nil, { port = 81 }), http('c', nil, { port = 9000, protocol = 'TCP' }) }

    local conditions = accepted(listeners, { '80', '0.0.0.0:443 ssl', '9001/tcp' })

    assert.are.equal('True Accepted', conditions['a Accepted'])
    assert.are.equal('False PortUnavailable', conditions['b Accepted'])
    assert.are.equal('False PortUnavailable', conditions['c Accepted'])
    assert.are.equal('True ListenersNotValid', conditions.Accepted)
  end)

  it('may be mapped by a Service where Kong has not the well-known ports itself', function()
    local conditions = accepted({ http 'a', http('b', nil, { port = 8000 }) }, { '8000', '8443/ssl' })

    assert.are.equal('True Accepted', conditions['a Accepted'])
    assert.are.equal('True Accepted', conditions['b Accepted'])
  end)

  it('cannot be shared by HTTPS and TLS', function()
    local conditions = accepted {
      http('a', 'a.org', { port = 443, protocol = 'HTTPS' }), http('b', 'b.org', { port = 443, protocol = 'TLS' }),
    }

    assert.are.equal('False ProtocolConflict', conditions['a Accepted'])
  end)
end)
