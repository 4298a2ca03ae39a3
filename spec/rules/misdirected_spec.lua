local fake_ctx = require 'spec.support.fake_ctx'
local api = require 'spec.support.gateway_api'
local gateway_rule = require 'rules.gateway'

local function https(name, hostname)
  return { name = name, port = 443, protocol = 'HTTPS', hostname = hostname }
end

-- What a Gateway with these listeners and an address of its own (or without) emits.
local function emitted(listeners, addresses, flavor)
  local gateway = api.gateway(listeners)
  local topics = addresses and { gateway_address = { ['shop/kong'] = { { data = { addresses = addresses, unusable = {} } } } } }
  local ctx = fake_ctx.new {
    rule = gateway_rule, objects = { api.class(), gateway }, topics = topics,
    options = { router_flavor = flavor or 'expressions', proxy_listen = { '443/ssl' } },
  }
  gateway_rule:translate(ctx, gateway)
  return ctx.emitted
end

describe('requests that a connection for another HTTPS listener brings', function()
  it('are answered 421', function()
    local found = emitted({ https 'any', https('one', 'a.org') }, { '10.0.0.1' })

    assert.are.equal('gateway.shop.kong.misdirected.443', found[1].fields.name)
    assert.are.equal('(net.dst.ip == 10.0.0.1) && (tls.sni != "") && (('
      .. '(!(tls.sni == "a.org")) && (!(!(http.host == "a.org")))) || ('
      .. '(tls.sni == "a.org") && (!(http.host == "a.org"))))', found[1].fields.expression)
    assert.are.equal(421, found[2].fields.config.status_code)
  end)

  it('are let through where nothing tells listeners or Gateways apart', function()
    assert.are.same({}, emitted({ https 'any' }, { '10.0.0.1' }))
    assert.are.same({}, emitted({ https 'any', https('one', 'a.org') }, nil))
    assert.are.same({}, emitted({ https 'any', https('one', 'a.org') }, { '10.0.0.1' }, 'traditional_compatible'))
  end)
end)
