local api = require 'spec.support.gateway_api'
local fake_ctx = require 'spec.support.fake_ctx'
local gateway_rule = require 'rules.gateway'
local httproute = require 'rules.httproute'
local rule = require 'rules.gateway_addresses'
local tcproute = require 'rules.tcproute'
local tlsroute = require 'rules.tlsroute'

local LISTEN = { '10.0.0.1:80/http', '10.0.0.2:80/http', '10.0.0.2:443/ssl', '10.0.0.3:443/tls', '9000/tcp' }

local function listener(protocol, port)
  return { name = string.lower(protocol) .. port, protocol = protocol, port = port }
end

local function gateway(name, age, listeners, more)
  local object = api.gateway(listeners, more)
  object.metadata.name = name
  object.metadata.creationTimestamp = string.format('2026-01-01T00:00:%02dZ', age)
  return object
end

local function shown_at(address, object)
  object.status = { addresses = { { type = 'IPAddress', value = address } } }
  return object
end

-- What was handed out, by the name of the Gateway.
local function assigned(objects, listen, addresses)
  local ctx = fake_ctx.new {
    rule = rule, options = { proxy_listen = listen or LISTEN, gateway_addresses = addresses }, objects = objects,
  }
  rule:translate(ctx, 'all', { fake_ctx.contribution(api.class(), { class = 'kong' }) })
  local found = {}
  for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'gateway_address')) do
    found[contribution.key:gsub('^shop/', '')] = table.concat(contribution.data.addresses, ' ')
      .. (#contribution.data.unusable > 0 and ' not ' .. table.concat(contribution.data.unusable, ' ') or '')
  end
  return found
end

describe('addresses of Gateways', function()
  local http, https, tls = { listener('HTTP', 80) }, { listener('HTTP', 80), listener('HTTPS', 443) }, { listener('TLS', 443) }

  it('are handed out by what Kong listens for there, the least used first', function()
    assert.are.same({ a = '10.0.0.1', b = '10.0.0.2', c = '10.0.0.3', d = '10.0.0.2', e = '10.0.0.2' }, assigned {
      gateway('a', 1, http), gateway('b', 2, http), gateway('c', 3, tls), gateway('d', 4, http), gateway('e', 5, https),
    })
  end)

  it('stay where a status shows them, whoever is older', function()
    local younger = shown_at('10.0.0.1', gateway('b', 2, http))

    assert.are.same({ a = '10.0.0.2', b = '10.0.0.1' }, assigned { gateway('a', 1, http), younger })
  end)

  it('do not depend on what else comes in the same second, where there is enough', function()
    local pool = { '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4' }
    local one, other = gateway('b', 1, http), gateway('a', 1, http)

    local alone = assigned({ one }, { '80' }, pool)
    local together = assigned({ one, other }, { '80' }, pool)

    assert.are.equal(alone.b, together.b)
    assert.are_not.equal(together.a, together.b)
  end)

  it('are told apart again where two statuses show the same one: the older stays', function()
    local older, younger = shown_at('10.0.0.2', gateway('b', 1, http)), shown_at('10.0.0.2', gateway('a', 2, http))

    assert.are.same({ a = '10.0.0.1', b = '10.0.0.2' }, assigned { older, younger })
  end)

  it('are shared by those whose statuses say so while all are in use', function()
    assert.are.same({ a = '10.0.0.1', b = '10.0.0.1', c = '10.0.0.2' }, assigned {
      shown_at('10.0.0.1', gateway('a', 1, http)), shown_at('10.0.0.1', gateway('b', 2, http)), shown_at('10.0.0.2', gateway('c', 3, http)),
    })
  end)

  it('are kept when another one would be good for more listeners, and left when none is served there', function()
    local listen = { '10.0.0.1:80/http', '10.0.0.2:80/http', '10.0.0.2:443/ssl' }
    local kept, left = shown_at('10.0.0.1', gateway('a', 1, https)), shown_at('10.0.0.1', gateway('b', 2, { listener('HTTPS', 443) }))

    assert.are.same({ a = '10.0.0.1', b = '10.0.0.2' }, assigned({ kept, left }, listen))
  end)

  it('are those that were asked for, as far as Kong listens there', function()
    local asked = { addresses = { { value = '10.0.0.2' }, { type = 'IPAddress', value = '192.0.2.9' } } }

    assert.are.same({ a = '10.0.0.2 not 192.0.2.9', b = '10.0.0.1' }, assigned { gateway('a', 1, http, asked), gateway('b', 2, http) })
  end)

  it('are nobody\'s own where Kong listens on all alike, or not for the listeners', function()
    assert.are.same({}, assigned({ gateway('a', 1, http) }, { '0.0.0.0:80/http', '[::]:443/ssl', '8080' }))
    assert.are.same({}, assigned({ gateway('a', 1, { listener('TCP', 9000) }), gateway('b', 2, { listener('HTTP', 81) }) }))
  end)

  it('may be good for all that Kong listens for, or is not known to', function()
    local own = { '10.0.0.8', '10.0.0.9' }
    local expected = { a = '10.0.0.8', b = '10.0.0.9' }

    assert.are.same(expected, assigned({ gateway('a', 1, http), gateway('b', 2, https) }, { '80', '443/ssl' }, own))
    assert.are.same(expected, assigned({ gateway('a', 1, http), gateway('b', 2, tls) }, {}, own))
  end)

  it('of other classes are not ours to hand out', function()
    assert.are.same({}, assigned { gateway('a', 1, http, { gatewayClassName = 'other' }) })
  end)
end)

describe('a Gateway with an address of its own', function()
  local function topics(place)
    local contribution = fake_ctx.contribution(api.class(), place)
    return { gateway_address = { ['shop/kong'] = { contribution } } }
  end

  local function status(listeners, place)
    local object = api.gateway(listeners)
    local ctx = fake_ctx.new {
      rule = gateway_rule, options = { proxy_listen = LISTEN }, objects = { api.class(), object }, topics = topics(place),
    }
    gateway_rule:translate(ctx, object)
    api.add_statuses(ctx, object)
    return api.conditions(ctx), api.condition(ctx, '', 'Accepted').detail
  end

  it('says so in its status, and what Kong does not listen on', function()
    local conditions, detail = status({ listener('HTTP', 80), listener('HTTPS', 443) }, { addresses = { '10.0.0.1' }, unusable = {} })

    assert.are.same({ { type = 'IPAddress', value = '10.0.0.1' } }, { detail.addresses[1] })
    assert.are.equal('True Programmed', conditions.Programmed)
    assert.are.equal('True Accepted', conditions['http80 Accepted'])
    assert.are.equal('False PortUnavailable', conditions['https443 Accepted'])
  end)

  it('is not programmed while it asks for one that is not there', function()
    local conditions = status({ listener('HTTP', 80) }, { addresses = { '10.0.0.1' }, unusable = { '192.0.2.9' } })

    assert.are.equal('True Accepted', conditions.Accepted)
    assert.are.equal('False AddressNotUsable', conditions.Programmed)
  end)

  it('has its routes match the address', function()
    local route = api.route('HTTPRoute', {
      rules = { { matches = { { path = { value = '/' } } }, backendRefs = { { name = 'web', port = 80 } } } },
    })
    local ctx = api.ctx {
      rule = httproute, options = { router_flavor = 'expressions', proxy_listen = LISTEN },
      objects = { api.class(), api.gateway { listener('HTTP', 80) }, api.service 'web', route },
      topics = topics { addresses = { '10.0.0.2' }, unusable = {} },
    }

    httproute:translate(ctx, ctx:lookup(httproute.kind, 'shop', 'route'))

    local routes = fake_ctx.contributions_to(ctx, 'route_order')[1].data.routes
    assert.matches('(http.path ^= "/") && (net.dst.ip == 10.0.0.2)', routes[1].fields.expression, 1, true)
  end)

  it('has TCP routes match it under the traditional router, too', function()
    local route = api.route('TCPRoute', { rules = { { backendRefs = { { name = 'web', port = 80 } } } } })
    local ctx = api.ctx {
      rule = tcproute, options = { router_flavor = 'traditional_compatible', proxy_listen = { '10.0.0.2:9000/tcp' } },
      objects = { api.class(), api.gateway { listener('TCP', 9000) }, api.service 'web', route },
      topics = topics { addresses = { '10.0.0.2' }, unusable = {} },
    }

    tcproute:translate(ctx, ctx:lookup(tcproute.kind, 'shop', 'route'))

    assert.are.same({ { ip = '10.0.0.2', port = 9000 } }, api.emitted(ctx, 'route')['tcproute.shop.route.0.0'].destinations)
  end)

  it('has TLS routes match it there beside their server names', function()
    local tls = api.gateway { { name = 'tls', protocol = 'TLS', port = 443, tls = { mode = 'Passthrough' } } }
    local route = api.route('TLSRoute', { hostnames = { 'a.org' }, rules = { { backendRefs = { { name = 'web', port = 80 } } } } })
    local function destinations(place)
      local ctx = api.ctx {
        rule = tlsroute, options = { router_flavor = 'traditional_compatible', proxy_listen = { '10.0.0.2:443/tls' } },
        objects = { api.class(), tls, api.service 'web', route }, topics = place and topics(place) or {},
      }
      tlsroute:translate(ctx, ctx:lookup(tlsroute.kind, 'shop', 'route'))
      return api.emitted(ctx, 'route')['tlsroute.shop.route.0.0'].destinations
    end

    assert.are.same({ { ip = '10.0.0.2', port = 443 } }, destinations { addresses = { '10.0.0.2' }, unusable = {} })
    assert.is_nil(destinations(nil))
  end)
end)
