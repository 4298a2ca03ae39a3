local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local ingress_rule = dofile('lua/rules/ingress.lua')

local function translate(ingress, options, others)
  local ctx = fake_ctx.new({ rule = ingress_rule, objects = others, options = options })
  ingress_rule:translate(ctx, ingress)
  return ctx
end

local function routes(ctx)
  local found = {}
  for _, entity in ipairs(ctx.emitted) do
    if entity.kind == 'route' then found[#found + 1] = entity.fields end
  end
  return found
end

describe('an Ingress', function()
  it('becomes one route for each host and backend', function()
    local ctx = translate(objects.ingress('shop', 'web', 'a.com', {
      { '/x', 'Prefix', 'app', 80 }, { '/y', 'Exact', 'app', 80 }, { '/z', 'Exact', 'app', 'http' },
    }))

    local found = routes(ctx)
    assert.equal(2, #found)
    assert.equal('shop.web.app.a.com.80', found[1].name)
    assert.same({ '/x/', '~/x$', '~/y$' }, found[1].paths)
    assert.same({ 'a.com' }, found[1].hosts)
    assert.equal('shop.web.app.a.com.http', found[2].name)
    assert.same({ service = 'shop.app.80' }, ctx.emitted[1].links)
  end)

  it('asks for the Kong service that the rule backend makes', function()
    local ctx = translate(objects.ingress('shop', 'web', 'a.com', { { '/x', 'Prefix' } }))

    local wish = fake_ctx.contributions_to(ctx, 'backend')[1]
    assert.equal('shop.app.80', wish.key)
    assert.equal('app.shop.80.svc', wish.data.host)
    assert.equal('/', wish.data.path)
  end)

  it('of another class is nobody of ours', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/x', 'Prefix' } })
    ingress.spec.ingressClassName = 'nginx'

    assert.same({}, translate(ingress).emitted)
  end)

  it('without a class is ours when our class is the default', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/x', 'Prefix' } })
    ingress.spec.ingressClassName = nil
    local class = objects.object('networking.k8s.io/v1', 'IngressClass', nil, 'kong',
      { annotations = { ['ingressclass.kubernetes.io/is-default-class'] = 'true' } })

    assert.equal(0, #translate(ingress).emitted)
    assert.equal(1, #translate(ingress, {}, { class }).emitted)
  end)

  it('has an expression where the router wants one', function()
    local ctx = translate(objects.ingress('shop', 'web', 'a.com', { { '/x', 'Exact' } }), { router_flavor = 'expressions' })

    local route = routes(ctx)[1]
    assert.equal('(http.host == "a.com") && (http.path == "/x")', route.expression)
    assert.is_nil(route.paths)
    assert.is_nil(route.path_handling)
  end)

  it('with a rewrite that cannot be done loses its own routes only', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/x', 'Exact' } }, { annotations = { ['konghq.com/rewrite'] = '/$x' } })

    local ctx = translate(ingress, { feature_gates = { RewriteURIs = true } })

    assert.same({}, ctx.emitted)
    assert.same({}, fake_ctx.contributions_to(ctx, 'backend'))
    assert.equal('konghq.com/rewrite: unexpected x at pos 2', ctx.problems[1].text)
  end)

  it('rewrites through a plugin of its route', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/~/x/(.*)' } }, { annotations = { ['konghq.com/rewrite'] = '/$1' } })

    local ctx = translate(ingress, { feature_gates = { RewriteURIs = true } })

    assert.equal('/$(uri_captures[1])', ctx.emitted[2].fields.config.replace.uri)
    assert.same({ route = 'shop.web.app.a.com.80' }, ctx.emitted[2].links)
  end)

  it('claims the hosts of its TLS sections', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', {})
    ingress.spec.tls = { { hosts = { 'a.com', 'b.com' }, secretName = 'pair' }, { hosts = { 'c.com' } }, { secretName = 'other' } }

    local ctx = translate(ingress)

    local claims = fake_ctx.contributions_to(ctx, 'sni')
    assert.equal(2, #claims)
    assert.same({ secret = 'shop/pair' }, claims[2].data)
    assert.equal('b.com', claims[2].key)
  end)

  it('reports a backend that it does not know and keeps the others', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/x', 'Exact' }, { '/y', 'Exact' } })
    ingress.spec.rules[1].http.paths[1].backend = { resource = { apiGroup = 'example.org', kind = 'Bucket', name = 'b' } }

    local ctx = translate(ingress)

    assert.same({ '~/y$' }, routes(ctx)[1].paths)
    assert.equal('failed to get backend for ingress path "/x": unknown resource type example.org/Bucket', ctx.problems[1].text)
  end)

  it('is not live without a plugin that it names', function()
    local ingress = objects.ingress('shop', 'web', 'a.com', { { '/x', 'Exact' } }, { annotations = { ['konghq.com/plugins'] = 'auth' } })

    local ctx = translate(ingress)

    assert.same({ 'shop/auth' }, ctx.emitted[1].options.guards)
    assert.equal('PluginNotFound', ctx.problems[1].code)
  end)

  it('lets routes with nothing but exact paths stand before prefixes of these paths', function()
    local found = routes(translate(objects.ingress('shop', 'web', 'a.com', {
      { '/x', 'Exact', 'exact' }, { '/', 'Exact', 'exact' }, { '/y', 'Prefix', 'prefix' },
      { '/z', 'Exact', 'mixed' }, { '/w', 'Prefix', 'mixed' },
    })))

    assert.equal(1, found[1].regex_priority)
    assert.equal(0, found[2].regex_priority)
    assert.equal(0, found[3].regex_priority)
  end)

  it('lets the annotation for regular expressions say how exact paths stand', function()
    local annotated = { annotations = { ['konghq.com/regex-priority'] = '7' } }

    local found = routes(translate(objects.ingress('shop', 'web', 'a.com', { { '/x', 'Exact' } }, annotated)))

    assert.equal(7, found[1].regex_priority)
  end)

  it('leaves an exact path of one route out of the prefixes of another', function()
    local found = routes(translate(objects.ingress('shop', 'web', 'a.com', {
      { '/x', 'Prefix', 'one' }, { '/x', 'Exact', 'two' }, { '/y', 'Prefix', 'two' },
    })))

    assert.same({ '/x/' }, found[1].paths)
    assert.same({ '~/x$', '/y/', '~/y$' }, found[2].paths)
  end)
end)
