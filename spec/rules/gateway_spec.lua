local fake_ctx = require 'spec.support.fake_ctx'
local pem = require 'spec.support.pem'
local backend_tls_policy = require 'rules.backendtlspolicy'
local gateway_api = require 'spec.support.gateway_api'
local gateway_class = require 'rules.gatewayclass'
local namespaces = require 'lib.object.namespaces'
local rule = require 'rules.gateway'

local function translate(listener_list, more, objects, topics)
  local gateway = gateway_api.gateway(listener_list, more)
  local all = { gateway_api.class() }
  for _, object in ipairs(objects or {}) do all[#all + 1] = object end
  local ctx = fake_ctx.new({ rule = rule, objects = all, topics = topics })
  rule:translate(ctx, gateway)
  gateway_api.add_statuses(ctx, gateway, topics)
  return ctx, gateway_api.conditions(ctx)
end

describe('a Gateway', function()
  it('is accepted with its listeners, and counts the routes attached to each', function()
    local route = gateway_api.route('HTTPRoute', {})
    local topics = { attached_routes = {
      ['shop/kong/http'] = { fake_ctx.contribution(route, {}), fake_ctx.contribution(route, {}) },
      ['shop/kong/other'] = { fake_ctx.contribution(route, {}) },
    } }

    local ctx, conditions = translate({ { name = 'http', port = 80, protocol = 'HTTP' } }, nil, nil, topics)

    assert.are.equal('True Accepted', conditions.Accepted)
    assert.are.equal('True Programmed', conditions.Programmed)
    assert.are.equal('True Accepted', conditions['http Accepted'])
    assert.are.equal('False NoConflicts', conditions['http Conflicted'])
    assert.are.equal('True Programmed', conditions['http Programmed'])
    local detail = gateway_api.condition(ctx, 'http', 'Accepted').detail
    assert.are.equal(2, detail.attachedRoutes)
    assert.are.equal('GRPCRoute', detail.supportedKinds[2].kind)
  end)

  it('is refused without a listener of a known protocol, or with parameters', function()
    local _, unknown = translate { { name = 'x', port = 80, protocol = 'FOO' } }
    local _, parameters = translate(
      { { name = 'http', port = 80, protocol = 'HTTP' } }, { infrastructure = { parametersRef = { name = 'x' } } })

    assert.are.equal('False ListenersNotValid', unknown.Accepted)
    assert.are.equal('False UnsupportedProtocol', unknown['x Accepted'])
    assert.are.equal('False InvalidParameters', parameters.Accepted)
  end)

  it('says which listeners are in each other\'s way', function()
    local _, conditions = translate {
      { name = 'a', port = 80, protocol = 'HTTP', hostname = 'a.com' }, { name = 'b', port = 80, protocol = 'HTTP', hostname = 'a.com' },
      { name = 'c', port = 81, protocol = 'HTTP' }, { name = 'd', port = 81, protocol = 'TCP' },
      { name = 'e', port = 53, protocol = 'UDP' }, { name = 'f', port = 53, protocol = 'TCP' },
    }

    assert.are.equal('True HostnameConflict', conditions['a Conflicted'])
    assert.are.equal('True HostnameConflict', conditions['b Conflicted'])
    assert.are.equal('True ProtocolConflict', conditions['c Conflicted'])
    assert.are.equal('False NoConflicts', conditions['e Conflicted'])
    assert.are.equal('True ListenersNotValid', conditions.Accepted)
  end)

  it('has no use for certificates that are not there, not granted or no Secrets', function()
    local function listener(name, ref)
      return { name = name, port = 443, protocol = 'HTTPS', hostname = name .. '.com', tls = { certificateRefs = { ref } } }
    end

    local ctx, conditions = translate {
      listener('absent', { name = 'gone' }), listener('foreign', { name = 'x', namespace = 'vault' }),
      listener('map', { name = 'x', kind = 'ConfigMap' }),
    }

    assert.are.equal('False InvalidCertificateRef', conditions['absent ResolvedRefs'])
    assert.are.equal('False RefNotPermitted', conditions['foreign ResolvedRefs'])
    assert.are.equal('False InvalidCertificateRef', conditions['map ResolvedRefs'])
    assert.are.equal('False Invalid', conditions['map Programmed'])
    assert.are.same({}, fake_ctx.contributions_to(ctx, 'sni'))
    assert.are.same({}, fake_ctx.contributions_to(ctx, 'tls_secret'))
  end)

  it('names the kinds that a listener cannot carry', function()
    local ctx, conditions = translate { { name = 'http', port = 80, protocol = 'HTTP', allowedRoutes = { kinds = {
      { kind = 'GRPCRoute' }, { kind = 'TCPRoute' },
    } } } }

    assert.are.equal('False InvalidRouteKinds', conditions['http ResolvedRefs'])
    assert.are.equal('True Programmed', conditions['http Programmed'])
    assert.are.equal(1, #gateway_api.condition(ctx, 'http', 'Accepted').detail.supportedKinds)
  end)
end)

describe('listeners', function()
  it('select namespaces by labels and expressions', function()
    local namespace = { apiVersion = 'v1', kind = 'Namespace', metadata = { name = 'team', labels = { stage = 'test', tier = 'b' } } }
    local ctx = fake_ctx.new({ objects = { namespace } })
    local function allows(selector)
      return namespaces.allows(ctx, { from = 'Selector', selector = selector }, 'Same', 'shop', 'team')
    end

    assert.is_true(allows { matchLabels = { stage = 'test' } })
    assert.is_false(allows { matchLabels = { stage = 'live' } })
    assert.is_true(allows { matchExpressions = {
      { key = 'tier', operator = 'In', values = { 'a', 'b' } }, { key = 'x', operator = 'DoesNotExist' },
    } })
    assert.is_false(allows { matchExpressions = { { key = 'tier', operator = 'NotIn', values = { 'b' } } } })
    assert.is_false(allows { matchExpressions = { { key = 'x', operator = 'Exists' } } })
    assert.is_false(namespaces.allows(ctx, {}, 'Same', 'shop', 'team'))
    assert.is_true(namespaces.allows(ctx, {}, 'Same', 'shop', 'shop'))
  end)
end)

describe('a GatewayClass', function()
  it('is accepted when it is ours, and tells what the router can do', function()
    local function features(flavor, controller, listen)
      local ctx = fake_ctx.new({ rule = gateway_class, options = { router_flavor = flavor, proxy_listen = listen } })
      gateway_class:translate(ctx, gateway_api.class('kong', controller))
      local names = {}
      local first = ctx.conditions[1]
      for _, feature in ipairs(first and first.condition.detail.supportedFeatures or {}) do names[feature.name] = true end
      return names
    end

    assert.is_true(features('expressions').HTTPRouteQueryParamMatching)
    assert.is_nil(features('traditional_compatible').HTTPRouteQueryParamMatching)
    assert.are.same({}, features('expressions', 'example.com/other'))
    assert.is_nil(features('expressions').HTTPRouteParentRefPort)
    assert.is_true(features('expressions', nil, { '80' }).HTTPRouteParentRefPort)
    assert.is_true(features('expressions', nil, { '8080' }).GatewayPort8080)
  end)
end)

describe('a BackendTLSPolicy', function()
  local function policy(name, created, validation)
    return {
      apiVersion = 'gateway.networking.k8s.io/v1alpha3', kind = 'BackendTLSPolicy',
      metadata = { namespace = 'shop', name = name, creationTimestamp = created },
      spec = { targetRefs = { { group = '', kind = 'Service', name = 'app' } }, validation = validation },
    }
  end
  local topics = {
    known_gateways = { all = { fake_ctx.contribution(gateway_api.gateway {}, {}) } },
    service_gateways = { ['shop/app shop/kong'] = { fake_ctx.contribution(gateway_api.route('HTTPRoute', {}), {}) } },
  }
  local function verdict(subject, ...)
    local ctx = fake_ctx.new({ rule = backend_tls_policy, objects = { subject, ... }, topics = topics })
    backend_tls_policy:translate(ctx, subject)
    return gateway_api.conditions(ctx)['shop/kong Accepted'], gateway_api.conditions(ctx)['shop/kong ResolvedRefs']
  end
  local ca = { caCertificateRefs = { { group = '', kind = 'ConfigMap', name = 'ca' } } }
  local map = {
    apiVersion = 'v1', kind = 'ConfigMap', metadata = { namespace = 'shop', name = 'ca' }, data = { ['ca.crt'] = pem.authority },
  }

  it('goes behind an older one for the same Service', function()
    local old, young = policy('b', '2024-01-01T00:00:00Z', ca), policy('a', '2024-02-01T00:00:00Z', ca)

    assert.are.equal('True Accepted', (verdict(old, young, map)))
    assert.are.equal('False Conflicted', (verdict(young, old, map)))
  end)

  it('needs certificates that are there, and nothing that Kong cannot check', function()
    assert.are.same({ 'False NoValidCACertificate', 'False InvalidCACertificateRef' }, { verdict(policy('a', nil, ca)) })
    local broken = { apiVersion = 'v1', kind = 'ConfigMap', metadata = map.metadata, data = { ['ca.crt'] = 'no PEM' } }
    assert.are.same({ 'False NoValidCACertificate', 'False InvalidCACertificateRef' }, { verdict(policy('a', nil, ca), broken) })
    assert.are.same({ 'False Invalid', 'True ResolvedRefs' }, { verdict(policy('a', nil, { subjectAltNames = { {} } })) })
    assert.are.equal('True Accepted', (verdict(policy('a', nil, { wellKnownCACertificates = 'System' }))))
  end)
end)
