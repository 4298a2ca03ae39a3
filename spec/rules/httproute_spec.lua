local fake_ctx = require 'spec.support.fake_ctx'
local gateway_api = require 'spec.support.gateway_api'
local rule = require 'rules.httproute'

local HTTP = { name = 'http', port = 80, protocol = 'HTTP' }

local function translate(route, objects, options)
  options = options or {}
  if options.offline == nil then options.offline = true end
  local ctx = gateway_api.ctx({ rule = rule, objects = objects, options = options })
  rule:translate(ctx, route)
  return ctx
end

local function prefix(value)
  return { path = { type = 'PathPrefix', value = value } }
end

local function with_filters(filters, matches)
  return gateway_api.route('HTTPRoute', {
    hostnames = { 'a.com' },
    rules = { { matches = matches or { prefix('/old') }, filters = filters, backendRefs = { { name = 'app', port = 80 } } } },
  })
end

describe('an HTTPRoute', function()
  local app = gateway_api.service('app')

  it('is not translated where its Gateway is missing in a cluster, but is offline', function()
    local route = gateway_api.route('HTTPRoute', {
      rules = { { matches = { prefix('/') }, backendRefs = { { name = 'app', port = 80 } } } },
    })

    assert.is_nil(next(gateway_api.emitted(translate(route, { app }, { offline = false }), 'route')))
    assert.is_truthy(next(gateway_api.emitted(translate(route, { app }), 'route')))
  end)

  it('leaves Gateways of another controller alone', function()
    local objects = { app, gateway_api.class('kong', 'example.com/other'), gateway_api.gateway({ HTTP }) }

    local ctx = translate(with_filters(nil), objects)

    assert.are.same({}, ctx.emitted)
    assert.are.same({}, ctx.conditions)
  end)

  it('serves the hosts and protocols that it shares with listeners', function()
    local objects = { app, gateway_api.class(), gateway_api.gateway({
      { name = 'web', port = 443, protocol = 'HTTPS', hostname = '*.a.com' }, { name = 'tcp', port = 9, protocol = 'TCP' },
    }) }
    local route = gateway_api.route('HTTPRoute', {
      hostnames = { 'x.a.com', 'b.com' }, rules = { { matches = { prefix('/') }, backendRefs = { { name = 'app', port = 80 } } } },
    })

    local ctx = translate(route, objects)

    local fields = gateway_api.emitted(ctx, 'route')['httproute.shop.route.0.0']
    assert.are.same({ 'x.a.com' }, fields.hosts)
    assert.are.same({ 'https' }, fields.protocols)
    assert.are.equal('True Accepted', gateway_api.conditions(ctx)['shop/kong Accepted'])
    local attached = fake_ctx.contributions_to(ctx, 'attached_routes')
    assert.are.equal(1, #attached)
    assert.are.equal('shop/kong/web', attached[1].key)
  end)

  it('says why listeners refuse it', function()
    local function verdict(listener, ref)
      local route = gateway_api.route('HTTPRoute', { parentRefs = { ref or { name = 'kong' } }, hostnames = { 'a.com' }, rules = {} })
      local conditions = gateway_api.conditions(translate(route, { gateway_api.class(), gateway_api.gateway({ listener }) }))
      for key, value in pairs(conditions) do
        if key:find('Accepted', 1, true) then return value end
      end
    end

    assert.are.equal('False NoMatchingParent', verdict(HTTP, { name = 'kong', sectionName = 'other' }))
    assert.are.equal('False NoMatchingParent', verdict(HTTP, { name = 'kong', port = 81 }))
    assert.are.equal('False NoMatchingListenerHostname', verdict({ name = 'h', port = 80, protocol = 'HTTP', hostname = 'b.com' }))
    assert.are.equal('False NotAllowedByListeners', verdict({ name = 'h', port = 80, protocol = 'TCP' }))
    assert.are.equal('False NotAllowedByListeners', verdict({
      name = 'h', port = 80, protocol = 'HTTP',
      allowedRoutes = { namespaces = { from = 'Selector', selector = { matchLabels = { team = 'x' } } } },
    }))
  end)

  it('answers 500 for a backend that does not exist, and says so', function()
    local ctx = translate(with_filters(nil), { gateway_api.class(), gateway_api.gateway({ HTTP }) })

    assert.are.equal(500, gateway_api.emitted(ctx, 'plugin')['request-termination'].config.status_code)
    assert.are.equal('False BackendNotFound', gateway_api.conditions(ctx)['shop/kong ResolvedRefs'])
    assert.are.equal('BackendNotFound', ctx.problems[1].code)
  end)

  it('refuses the share of requests that would go to a backend which does not exist', function()
    local function functions(refs)
      local ctx = translate(gateway_api.route('HTTPRoute', { rules = { { matches = { prefix('/') }, backendRefs = refs } } }), { app })
      local found = gateway_api.emitted(ctx, 'plugin')['pre-function']
      return found and found.config.access
    end

    local some = functions { { name = 'app', port = 80, weight = 7 }, { name = 'gone', port = 80, weight = 3 } }

    assert.are.equal(1, #some)
    assert.is_truthy(some[1]:find('math.random(10) <= 3 then return kong.response.exit(500', 1, true))
    assert.is_nil(functions { { name = 'app', port = 80 }, { name = 'gone', port = 80, weight = 0 } })
    assert.is_nil(functions { { name = 'gone', port = 80 } })
  end)

  it('chooses among backends with filters of their own, each with its own upstream', function()
    local function set(value)
      return { { type = 'RequestHeaderModifier', requestHeaderModifier = { set = { { name = 'X', value = value } } } } }
    end
    local removing = { { type = 'ResponseHeaderModifier', responseHeaderModifier = { remove = { 'Server' } } } }
    local refs = {
      { name = 'app', port = 80, weight = 3, filters = set('"one"') }, { name = 'app', port = 81, filters = removing },
      { name = 'app', port = 82, weight = 0, filters = set 'off' }, { name = 'gone', port = 80, weight = 2, filters = set 'gone' },
    }
    local ctx = translate(gateway_api.route('HTTPRoute', { rules = { { matches = { prefix('/') }, backendRefs = refs } } }), { app })

    local config = gateway_api.emitted(ctx, 'plugin')['pre-function'].config
    assert.are.equal(table.concat({
      'local n = math.random(6)',
      'if n <= 3 then',
      '  kong.service.set_upstream("httproute.shop.route.0._shop.app.80")',
      '  kong.ctx.plugin.backend = 1',
      '  kong.service.request.set_header("X", "\\"one\\"")',
      'elseif n <= 4 then',
      '  kong.service.set_upstream("httproute.shop.route.0._shop.app.81")',
      '  kong.ctx.plugin.backend = 2',
      'else',
      '  return kong.response.exit(500, { message = "no existing backendRef provided" })',
      'end',
    }, '\n'), config.access[1])
    assert.are.equal('if kong.ctx.plugin.backend == 2 then\n  kong.response.clear_header("Server")\nend', config.header_filter[1])
    local upstreams = fake_ctx.contributions_to(ctx, 'upstream')
    assert.are.equal(2, #upstreams)
    assert.are.same({ { kind = 'Service', namespace = 'shop', name = 'app', port = { number = 80 } } }, upstreams[1].data.backends)
  end)

  it('answers 500 where filters of single backends are not to be had', function()
    local rewrite = { { type = 'URLRewrite', urlRewrite = { hostname = 'a.com' } } }
    local refs = { { name = 'app', port = 80, filters = rewrite }, { name = 'app', port = 81 } }
    local ctx = translate(gateway_api.route('HTTPRoute', { rules = { { matches = { prefix('/') }, backendRefs = refs } } }), { app })

    assert.are.equal(500, gateway_api.emitted(ctx, 'plugin')['request-termination'].config.status_code)
  end)

  it('gives each of its routes its own share to refuse', function()
    local route = gateway_api.route('HTTPRoute', { rules = { {
      matches = { { method = 'GET' }, { method = 'PUT' } },
      filters = { { type = 'CORS', cors = { allowOrigins = { '*' }, allowMethods = { '*' } } } },
      backendRefs = { { name = 'app', port = 80 }, { name = 'gone', port = 80 } },
    } } })

    local ctx = translate(route, { app })

    local count = 0
    for _, entity in ipairs(ctx.emitted) do
      if entity.fields.name == 'pre-function' then
        count = count + 1
        assert.are.equal(1, #entity.fields.config.access)
        assert.are.equal(1, #entity.fields.config.header_filter)
      end
    end
    assert.are.equal(2, count)
  end)

  it('needs a grant for a backend in another namespace', function()
    local route = gateway_api.route('HTTPRoute', {
      rules = { { matches = { prefix('/') }, backendRefs = { { name = 'app', namespace = 'vault', port = 80 } } } },
    })

    local ctx = translate(route, { gateway_api.class(), gateway_api.gateway({ HTTP }), gateway_api.service('app', 'vault') })

    assert.are.equal('False RefNotPermitted', gateway_api.conditions(ctx)['shop/kong ResolvedRefs'])
    assert.are.same({}, fake_ctx.contributions_to(ctx, 'backend')[1].data.backends)
  end)

  it('takes paths for what they are in regular expressions', function()
    local route = with_filters(nil, {
      prefix('/a.b/'), { path = { type = 'Exact', value = '/c+' } }, { path = { type = 'RegularExpression', value = '^/d/\\d+' } },
      { path = { type = 'RegularExpression', value = '.*/e' } },
    })

    local routes = gateway_api.emitted(translate(route, { app }), 'route')

    assert.are.same({ '~/a\\.b$', '/a.b/', '~/d/\\d+', '~/(?:.*/)?e' }, routes['httproute.shop.route.0.0'].paths)
    assert.are.same({ '~/c\\+$' }, routes['httproute.shop.route.0.1'].paths)
    assert.are.equal(1, routes['httproute.shop.route.0.1'].regex_priority)
  end)

  it('answers 500 where a filter is not to be had', function()
    local ctx = translate(with_filters { { type = 'ExternalAuth', externalAuth = {} } },
      { app, gateway_api.class(), gateway_api.gateway({ HTTP }) })

    assert.are.equal(500, gateway_api.emitted(ctx, 'plugin')['request-termination'].config.status_code)
    assert.are.equal('False UnsupportedValue', gateway_api.conditions(ctx)['shop/kong Accepted'])
  end)

  it('loses only the rule that matches the header Host under the traditional router', function()
    local refs = { { name = 'app', port = 80 } }
    local route = gateway_api.route('HTTPRoute', { rules = {
      { matches = { { headers = { { name = 'HOST', value = 'a.com' } } } }, backendRefs = refs },
      { matches = { prefix('/p') }, backendRefs = refs },
    } })

    local ctx = translate(route, { app, gateway_api.class(), gateway_api.gateway({ HTTP }) })

    assert.is_nil(gateway_api.emitted(ctx, 'route')['httproute.shop.route.0.0'])
    assert.is_truthy(gateway_api.emitted(ctx, 'route')['httproute.shop.route.1.0'])
    assert.are.equal('True UnsupportedValue', gateway_api.conditions(ctx)['shop/kong PartiallyInvalid'])
  end)

  it('loses only the rule with a query match under the traditional router', function()
    local refs = { { name = 'app', port = 80 } }
    local route = gateway_api.route('HTTPRoute', { rules = {
      { matches = { { path = { type = 'PathPrefix', value = '/q' }, queryParams = { { name = 'q', value = '1' } } } }, backendRefs = refs },
      { matches = { prefix('/p') }, backendRefs = refs },
    } })

    local ctx = translate(route, { app, gateway_api.class(), gateway_api.gateway({ HTTP }) })

    assert.is_nil(gateway_api.emitted(ctx, 'route')['httproute.shop.route.0.0'])
    assert.is_truthy(gateway_api.emitted(ctx, 'route')['httproute.shop.route.1.0'])
    assert.are.equal('True Accepted', gateway_api.conditions(ctx)['shop/kong Accepted'])
    assert.are.equal('True UnsupportedValue', gateway_api.conditions(ctx)['shop/kong PartiallyInvalid'])
  end)

  it('refuses names that an expression cannot hold', function()
    local route = with_filters(nil, { { queryParams = { { name = 'a-b', value = '1' } } } })

    local ctx = translate(route, { app }, { router_flavor = 'expressions' })

    assert.are.same({}, fake_ctx.contributions_to(ctx, 'route_order'))
    assert.are.equal('UnsupportedFeature', ctx.problems[1].code)
  end)

  it('gives each match its own route where the prefix is rewritten', function()
    local filter = { type = 'URLRewrite', urlRewrite = { path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/new' } } }

    local ctx = translate(with_filters({ filter }, { prefix('/one'), prefix('/two') }), { app })

    local routes = gateway_api.emitted(ctx, 'route')
    assert.are.same({ '~/one$', '~/one(/.*)' }, routes['httproute.shop.route.0.0'].paths)
    assert.are.same({ '~/two$', '~/two(/.*)' }, routes['httproute.shop.route.0.1'].paths)
  end)

  it('keeps rules with other timeouts in a service of their own, and does not repeat what timed out', function()
    local refs = { { name = 'app', port = 80 } }
    local route = gateway_api.route('HTTPRoute', { rules = {
      { matches = { prefix('/a') }, backendRefs = refs },
      { matches = { prefix('/b') }, backendRefs = refs, timeouts = { request = '2s', backendRequest = '1s' } },
      { matches = { prefix('/c') }, backendRefs = refs, timeouts = { request = '0s' }, retry = { attempts = 3 } },
    } })

    local offers = fake_ctx.contributions_to(translate(route, { app }), 'backend')

    assert.are.equal(60000, offers[1].data.read_timeout)
    assert.are.equal(5, offers[1].data.retries)
    assert.are.equal('httproute.shop.route.1', offers[2].key)
    assert.are.equal(1000, offers[2].data.read_timeout)
    assert.are.equal(0, offers[2].data.retries)
    assert.are.equal(2147483646, offers[3].data.read_timeout)
    assert.are.equal(3, offers[3].data.retries)
  end)

  it('offers expression routes to those that they compete with', function()
    local route = with_filters(nil, { { path = { type = 'PathPrefix', value = '/x' }, headers = {
      { name = 'X-A', value = '1' }, { name = 'x-a', value = '2' },
    } } })

    local offer = fake_ctx.contributions_to(translate(route, { app }, { router_flavor = 'expressions' }), 'route_order')[1]

    local fields = offer.data.routes[1].fields
    assert.are.equal('(http.host == "a.com") && '
      .. '(((http.path == "/x") || (http.path ^= "/x/")) && (http.headers.x_a == "1"))', fields.expression)
    assert.are.equal('httproute.shop.route.a.com.0.0', fields.name)
    assert.are.equal(2 << 44 | 1 << 43 | 5 << 35 | 1 << 23 | 1 << 17, offer.data.routes[1].base)
  end)

  it('tells listeners apart by port where Kong listens on theirs', function()
    local objects = { app, gateway_api.class(), gateway_api.gateway({ HTTP, { name = 'alt', port = 8080, protocol = 'HTTP' } }) }
    local route = gateway_api.route('HTTPRoute', {
      parentRefs = { { name = 'kong', sectionName = 'alt' } },
      rules = { { matches = { prefix('/') }, backendRefs = { { name = 'app', port = 80 } } } },
    })
    local function expression(listens)
      local ctx = translate(route, objects, { router_flavor = 'expressions', proxy_listen = listens })
      return fake_ctx.contributions_to(ctx, 'route_order')[1].data.routes[1].fields.expression
    end

    assert.are.equal('(http.path ^= "/") && (net.dst.port != 80)', expression { '80', '8080', '443/ssl' })
    assert.are.equal('http.path ^= "/"', expression { '8000', '8443/ssl' })
  end)
end)
