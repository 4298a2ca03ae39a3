local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local pem = require 'spec.support.pem'
local host = require 'host'
local certificate = dofile('lua/rules/certificate.lua')
local secret_rule = dofile('lua/rules/secret.lua')
local sni = dofile('lua/rules/sni.lua')
local tls_secret = dofile('lua/rules/tls_secret.lua')

local function key_pair(namespace, name, cert)
  return objects.object('v1', 'Secret', namespace, name,
    { data = { ['tls.crt'] = host.base64_encode(cert or pem.cert), ['tls.key'] = host.base64_encode(pem.key) } })
end

local OLD = objects.ingress('one', 'old', nil, {}, { created = '2024-01-01T00:00:00Z' })
local YOUNG = objects.ingress('two', 'young', nil, {}, { created = '2024-02-01T00:00:00Z' })

describe('a host', function()
  it('belongs to whoever asked first, and the others are told', function()
    local ctx = fake_ctx.new({ rule = sni, topics = { secret_certificate = { ['one/a'] = { { data = { certificate = 'key' } } } } } })

    sni:translate(ctx, 'a.com', { fake_ctx.contribution(OLD, { secret = 'one/a' }), fake_ctx.contribution(YOUNG, { secret = 'two/b' }) })

    assert.same({ certificate = 'key' }, ctx.emitted[1].links)
    assert.equal('HostClaimed', ctx.problems[1].code)
    assert.equal('young', ctx.problems[1].object.name)
  end)

  it('is nobody\'s loss when both Secrets hold the same key pair', function()
    local same = { { data = { certificate = 'key' } } }
    local ctx = fake_ctx.new({ rule = sni, topics = { secret_certificate = { ['one/a'] = same, ['two/b'] = same } } })

    sni:translate(ctx, 'a.com', { fake_ctx.contribution(OLD, { secret = 'one/a' }), fake_ctx.contribution(YOUNG, { secret = 'two/b' }) })

    assert.same({}, ctx.problems)
  end)

  it('has no certificate while its Secret holds none', function()
    local ctx = fake_ctx.new({ rule = sni })

    sni:translate(ctx, 'a.com', { fake_ctx.contribution(OLD, { secret = 'one/a' }) })

    assert.same({}, ctx.emitted)
  end)
end)

describe('a Secret with a key pair', function()
  it('gives its certificate to all who ask', function()
    local ctx = fake_ctx.new({ rule = tls_secret, objects = { key_pair('one', 'a') } })

    tls_secret:translate(ctx, 'one/a', { fake_ctx.contribution(OLD, {}) })

    assert.same({ 'certificate', 'secret_certificate' }, { ctx.contributed[1].rule, ctx.contributed[2].rule })
    assert.equal(ctx.contributed[1].key, ctx.contributed[2].data.certificate)
  end)

  it('is reported when it is missing or the pair does not fit', function()
    local ctx = fake_ctx.new({ rule = tls_secret, objects = { key_pair('one', 'a', pem.authority) } })

    tls_secret:translate(ctx, 'one/a', { fake_ctx.contribution(OLD, {}) })
    tls_secret:translate(ctx, 'one/b', { fake_ctx.contribution(OLD, {}), fake_ctx.contribution(OLD, {}) })

    local codes = {}
    for i, problem in ipairs(ctx.problems) do codes[i] = problem.code end
    assert.same({ 'InvalidCertificate', 'InvalidCertificate', 'SecretNotFound' }, codes)
    assert.same({}, ctx.contributed)
  end)
end)

describe('equal key pairs', function()
  it('are one certificate with the id of the oldest Secret', function()
    local ctx = fake_ctx.new({ rule = certificate })
    local function of(uid, created)
      return fake_ctx.contribution(OLD, { cert = 'c', key = 'k', uid = uid, created = created, secret = {} })
    end

    certificate:translate(ctx, 'key', { of('c', '2024-02-01'), of('b', '2024-01-01'), of('a', '2024-01-01') })

    assert.equal('a', ctx.emitted[1].fields.id)
  end)
end)

describe('a CA certificate', function()
  local now = host.now

  after_each(function() host.now = now end)

  local function translate(cert, labels)
    local secret = objects.object('v1', 'Secret', 'one', 'ca', { labels = labels or { ['konghq.com/ca-cert'] = 'true' } })
    secret.data = { id = host.base64_encode('0a0b0c0d-1111-4222-8333-000000000001'), cert = host.base64_encode(cert) }
    local ctx = fake_ctx.new({ rule = secret_rule })
    secret_rule:translate(ctx, secret)
    return ctx
  end

  it('has the id that its Secret says', function()
    local ctx = translate(pem.authority)

    assert.equal('0a0b0c0d-1111-4222-8333-000000000001', ctx.emitted[1].fields.id)
    assert.same({}, ctx.problems)
  end)

  it('stays when it has expired, with a problem', function()
    host.now = function() return 1 << 40 end

    local ctx = translate(pem.authority)

    assert.equal(1, #ctx.emitted)
    assert.equal('invalid secret CA certificate: expired', ctx.problems[1].text)
  end)

  it('must be one', function()
    local leaf, two = translate(pem.cert), translate(pem.authority .. pem.authority)

    assert.equal("invalid secret CA certificate: certificate is missing the 'CA' basic constraint", leaf.problems[1].text)
    assert.equal('invalid secret CA certificate: multiple PEM certificates found', two.problems[1].text)
    assert.same({}, translate('no PEM').emitted)
  end)

  it('is only what the label says', function()
    assert.same({}, translate(pem.authority, {}).emitted)
  end)
end)
