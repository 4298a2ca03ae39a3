local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local route_overrides = require 'lib.route.overrides'

local function apply(annotations, route, options)
  local ctx = fake_ctx.new({ options = options })
  local ingress = objects.ingress('a', 'b', nil, {}, { annotations = annotations })
  local read = options and options.lenient and route_overrides.read_lenient or route_overrides.read
  local expressions = options and options.router_flavor == 'expressions'
  return route_overrides.apply(route or {}, read(ctx, ingress), expressions or false), ctx.problems
end

describe('annotations of routes', function()
  it('fill in what every route has', function()
    assert.same({ https_redirect_status_code = 426, path_handling = 'v0' }, (apply(nil)))
    assert.same({ https_redirect_status_code = 426 }, (apply(nil, {}, { router_flavor = 'expressions' })))
  end)

  it('change fields, wrong values are reported and left out', function()
    local route, problems = apply({
      ['konghq.com/strip-path'] = 'TRUE', ['konghq.com/preserve-host'] = 'yes', ['konghq.com/request-buffering'] = 'T',
      ['konghq.com/regex-priority'] = '+3', ['konghq.com/path-handling'] = 'v7', ['konghq.com/https-redirect-status-code'] = '303',
    })

    assert.is_true(route.strip_path)
    assert.is_nil(route.preserve_host)
    assert.is_true(route.request_buffering)
    assert.equal(3, route.regex_priority)
    assert.equal('v0', route.path_handling)
    assert.equal(3, #problems)
    assert.equal('InvalidAnnotation', problems[1].code)
  end)

  it('lose only the bad elements of a list', function()
    local route, problems = apply({ ['konghq.com/methods'] = 'get,P0ST', ['konghq.com/host-aliases'] = 'a.com,xn--a.com,*.b.com,-' },
      { hosts = { 'a.com' } })

    assert.same({ 'GET' }, route.methods)
    assert.same({ 'a.com', 'xn--a.com', '*.b.com' }, route.hosts)
    assert.equal(2, #problems)
  end)

  it('are void as a whole for Kong Ingress Controller when one element is bad', function()
    local annotations = { ['konghq.com/methods'] = 'GET,P0ST', ['konghq.com/host-aliases'] = 'xn--a.com' }

    local route, problems = apply(annotations, {}, { lenient = true })

    assert.is_nil(route.methods)
    assert.is_nil(route.hosts)
    assert.same({}, problems)
  end)

  it('with an unknown protocol change no protocol', function()
    local route, problems = apply({ ['konghq.com/protocols'] = 'http,ftp' })

    assert.is_nil(route.protocols)
    assert.equal(1, #problems)
  end)

  it('know udp', function()
    assert.same({ 'udp' }, apply({ ['konghq.com/protocols'] = 'udp' }).protocols)
    assert.is_nil(apply({ ['konghq.com/protocols'] = 'udp' }, {}, { lenient = true }).protocols)
  end)

  it('never mix grpc with http, nor strip its path', function()
    local annotations = { ['konghq.com/protocols'] = 'grpc,http', ['konghq.com/strip-path'] = 'true' }

    local route = apply(annotations, {}, { router_flavor = 'expressions' })

    assert.same({ 'http', 'https' }, route.protocols)
    assert.is_false(route.strip_path)
  end)

  it('force https, but not upon streams', function()
    local annotations = { ['ingress.kubernetes.io/force-ssl-redirect'] = 'true' }

    local route = apply(annotations)

    assert.equal(302, route.https_redirect_status_code)
    assert.same({ 'https' }, route.protocols)
    assert.same({ 'tcp' }, apply(annotations, { protocols = { 'tcp' } }).protocols)
  end)
end)
