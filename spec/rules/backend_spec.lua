local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local pem = require 'spec.support.pem'
local backend = dofile('lua/rules/backend.lua')

local INGRESS = objects.ingress('shop', 'web', 'a.com', {})

local function wish(names, more)
  local data = more or {}
  data.host, data.protocol, data.path = 'app.shop.80.svc', data.protocol or 'http', '/'
  data.port = 80
  data.parent = { kind = 'Ingress', namespace = 'shop', name = 'web' }
  data.backends = {}
  for i, name in ipairs(names) do data.backends[i] = { kind = 'Service', namespace = 'shop', name = name, port = { number = 80 } } end
  return fake_ctx.contribution(INGRESS, data)
end

local function translate(contributions, others)
  local ctx = fake_ctx.new({ rule = backend, objects = others })
  backend:translate(ctx, 'shop.app.80', contributions)
  return ctx
end

local function annotated(name, annotations)
  return objects.service('shop', name, { annotations = annotations })
end

describe('a Kong service', function()
  it('bears the tags of its one Service and the port that was resolved', function()
    local service = objects.service('shop', 'app', { spec = { ports = { { name = 'http', port = 80 } } } })

    local emitted = translate({ wish { 'app' } }, { service }).emitted[1]

    assert.equal('k8s-name:app', emitted.fields.tags[1])
    assert.equal(80, emitted.fields.port)
  end)

  it('is there without its Service, which every parent is told of', function()
    local ctx = translate({ wish { 'app' } }, {})

    assert.equal('k8s-name:UNKNOWN', ctx.emitted[1].fields.tags[1])
    assert.equal('ServiceNotFound', ctx.problems[1].code)
    assert.equal('web', ctx.problems[1].object.name)
  end)

  it('takes its settings from annotations, and none that Kong would refuse', function()
    local ctx = translate({ wish { 'app' } }, { annotated('app', {
      ['konghq.com/protocol'] = 'tcp', ['konghq.com/retries'] = '3', ['konghq.com/connect-timeout'] = '0', ['konghq.com/path'] = 'x',
    }) })

    local fields = ctx.emitted[1].fields
    assert.equal('tcp', fields.protocol)
    assert.equal(3, fields.retries)
    assert.is_nil(fields.path)
    assert.is_nil(fields.connect_timeout)
    assert.equal(2, #ctx.problems)
  end)

  it('checks no certificates where there is no TLS', function()
    local ctx = translate({ wish { 'app' } }, { annotated('app', {
      ['konghq.com/tls-verify'] = 'true', ['konghq.com/tls-verify-depth'] = '2',
    }) })

    assert.is_nil(ctx.emitted[1].fields.tls_verify)
    assert.is_nil(ctx.emitted[1].fields.tls_verify_depth)
    assert.equal('InvalidAnnotation', ctx.problems[1].code)
  end)

  it('speaks what the port of an HTTPRoute\'s Service says, unless an annotation does', function()
    local function protocol(kind, app_protocol, annotation)
      local service = objects.service('shop', 'app', {
        annotations = { ['konghq.com/protocol'] = annotation }, spec = { ports = { { port = 80, appProtocol = app_protocol } } },
      })
      local contribution = wish { 'app' }
      contribution.data.parent.kind = kind
      return translate({ contribution }, { service }).emitted[1].fields.protocol
    end

    assert.equal('grpc', protocol('HTTPRoute', 'kubernetes.io/h2c'))
    assert.equal('https', protocol('HTTPRoute', 'kubernetes.io/wss'))
    assert.equal('http', protocol('HTTPRoute', 'kubernetes.io/ws'))
    assert.equal('http', protocol('HTTPRoute', 'example.com/other'))
    assert.equal('http', protocol('HTTPRoute', 'kubernetes.io/h2c', 'http'))
    assert.equal('http', protocol('Ingress', 'kubernetes.io/h2c'))
  end)

  it('stays when its Services disagree: the first one counts', function()
    local ctx = translate({ wish { 'b', 'a' } }, {
      annotated('a', { ['konghq.com/retries'] = '1' }), annotated('b', { ['konghq.com/retries'] = '2' }),
    })

    assert.equal(2, ctx.emitted[1].fields.retries)
    assert.equal('InconsistentAnnotation', ctx.problems[1].code)
  end)

  it('may have Services with different plugins and tags', function()
    local ctx = translate({ wish { 'a', 'b' } }, { annotated('a', { ['konghq.com/tags'] = 'x' }), annotated('b', {}) })

    assert.same({}, ctx.problems)
  end)

  it('of a rule goes before that of a default backend', function()
    local default = wish({ 'app' }, { default_backend = true })
    default.data.path = nil

    local ctx = translate({ default, wish { 'app' } }, { objects.service('shop', 'app') })

    assert.equal('/', ctx.emitted[1].fields.path)
  end)

  it('shows a client certificate over TLS only', function()
    local host = require 'host'
    local secret = objects.object('v1', 'Secret', 'shop', 'pair',
      { data = { ['tls.crt'] = host.base64_encode(pem.cert), ['tls.key'] = host.base64_encode(pem.key) } })
    local asking = { ['konghq.com/client-cert'] = 'pair' }

    local plain = translate({ wish { 'app' } }, { annotated('app', asking), secret })
    asking['konghq.com/protocol'] = 'https'
    local secure = translate({ wish { 'app' } }, { annotated('app', asking), secret })

    assert.same({}, plain.emitted[1].links)
    assert.equal("Client certificate requested for incompatible service protocol 'http'", plain.problems[1].text)
    assert.equal(host.certificate_key(host.trim(pem.cert), host.trim(pem.key)), secure.emitted[1].links.client_certificate)
    assert.equal('shop/pair', fake_ctx.contributions_to(secure, 'tls_secret')[1].key)
  end)

  it('obeys the oldest BackendTLSPolicy for its port', function()
    local function policy(name, created, depth, section)
      return objects.object('gateway.networking.k8s.io/v1alpha3', 'BackendTLSPolicy', 'shop', name, {
        created = created,
        spec = {
          targetRefs = { { group = '', kind = 'Service', name = 'app', sectionName = section } },
          validation = { hostname = 'app.internal' }, options = { ['tls-verify-depth'] = depth },
        },
      })
    end
    local service = objects.service('shop', 'app', { spec = { ports = { { name = 'tls', port = 80 } } } })

    local ctx = translate({ wish { 'app' } }, {
      service, policy('young', '2024-03-01T00:00:00Z', '1'), policy('other', '2023-01-01T00:00:00Z', '2', 'http'),
      policy('old', '2024-02-01T00:00:00Z', '3'),
    })

    assert.equal('https', ctx.emitted[1].fields.protocol)
    assert.is_true(ctx.emitted[1].fields.tls_verify)
    assert.equal(3, ctx.emitted[1].fields.tls_verify_depth)
  end)

  it('refuses requests where a BackendTLSPolicy cannot be had', function()
    local policy = objects.object('gateway.networking.k8s.io/v1alpha3', 'BackendTLSPolicy', 'shop', 'app', { spec = {
      targetRefs = { { group = '', kind = 'Service', name = 'app' } },
      validation = { hostname = 'app.internal', caCertificateRefs = { { group = '', kind = 'ConfigMap', name = 'gone' } } },
    } })

    local ctx = translate({ wish { 'app' } }, { objects.service('shop', 'app', { spec = { ports = { { port = 80 } } } }), policy })

    assert.equal('request-termination', ctx.emitted[2].fields.name)
    assert.equal(500, ctx.emitted[2].fields.config.status_code)
  end)
end)
