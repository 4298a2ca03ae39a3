-- A corpus of bad input: a clear complaint about each object, and all others are served.
local json = require 'cjson'

local gateway = require 'spec.support.gateway'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local function ingress(name, paths, annotations)
  return objects.ingress('shop', name, name .. '.example.net', paths, { annotations = annotations })
end

local function with_spec(object, spec)
  object.spec = spec
  return object
end

local function secret_of_kind(kind)
  return with_spec(objects.object(kind == 'Secret' and 'v1' or 'v1', kind, 'shop', 'not-a-secret'), nil)
end

local BOMB = 'a: &a [x, x, x, x, x, x, x, x, x, x]\n' .. (function()
  local lines, names = {}, 'abcdefghijkl'
  for index = 2, #names do
    local this, before = names:sub(index, index), '*' .. names:sub(index - 1, index - 1)
    lines[#lines + 1] = ('%s: &%s [%s]'):format(this, this, (before .. ', '):rep(9) .. before)
  end
  return table.concat(lines, '\n')
end)() .. '\n'

-- name, content of a file, code of the problem, part of what it is about (or of its text)
local CORPUS = {
  { 'broken YAML', 'kind: [unclosed\n', 'InvalidObject', 'broken-yaml' },
  { 'exploding aliases', BOMB, 'InvalidObject', 'exploding-aliases' },
  { 'deep nesting', ('['):rep(100000), 'InvalidObject', 'deep-nesting' },
  { 'binary', '\0\1\2\255\254', 'InvalidObject', 'binary' },
  { 'no name', { { apiVersion = 'v1', kind = 'Service', metadata = { namespace = 'shop' } } }, 'InvalidObject', 'shop/?' },
  { 'metadata that is a list', '{ apiVersion: v1, kind: Service, metadata: [] }', 'InvalidObject', 'service without metadata' },
  { 'rules that are a text', { with_spec(ingress('textual', {}), { ingressClassName = 'kong', rules = 'none' }) }, false },
  { 'paths of wrong types', { with_spec(ingress('typed', {}), {
    ingressClassName = 'kong', rules = { { host = 7, http = { paths = { { path = true, pathType = {}, backend = 'x' } } } } },
  }) }, nil, 'typed' },
  { 'a Secret that is none', { ingress('tlsless', { { '/', 'Prefix', 'good' } }), secret_of_kind('ConfigMap') }, false },
  { 'a credential without a type', { manifests.consumer('shop', 'untyped', { 'untyped' }), (function()
    local secret = manifests.credential('shop', 'untyped', 'magic', { key = 'x' })
    return secret
  end)() }, 'CredentialTypeUnknown', 'untyped' },
  { 'data that is no base64', { manifests.consumer('shop', 'garbled', { 'garbled' }), (function()
    local secret = manifests.credential('shop', 'garbled', 'key-auth', {})
    secret.data = { key = '***not base64***' }
    return secret
  end)() }, nil, 'garbled' },
  { 'a plugin that the gateway refuses', {
    ingress('refused', { { '/refused', 'Prefix', 'good' } }, { ['konghq.com/plugins'] = 'refused' }),
    manifests.plugin('shop', 'refused', 'rate-limiting', { minute = -5, policy = 'nonsense' }),
  }, 'KongRefused', 'refused' },
  { 'a plugin that nobody has', {
    ingress('unknown', { { '/unknown', 'Prefix', 'good' } }, { ['konghq.com/plugins'] = 'unknown' }),
    manifests.plugin('shop', 'unknown', 'does-not-exist', {}),
  }, 'KongRefused', 'unknown' },
  { 'a plugin that is missing', {
    ingress('bare', { { '/bare', 'Prefix', 'good' } }, { ['konghq.com/plugins'] = 'nowhere' }),
  }, 'PluginNotFound', 'bare' },
  { 'a service that is missing', { ingress('serviceless', { { '/serviceless', 'Prefix', 'nowhere' } }) }, 'ServiceNotFound',
    'serviceless' },
  { 'references in a circle', {
    (function()
      local facade = objects.object('v1', 'Service', 'shop', 'circle')
      facade.spec = { type = 'ExternalName', externalName = 'circle.shop.svc.cluster.local', ports = { { port = 80 } } }
      return facade
    end)(),
    ingress('circle', { { '/circle', 'Prefix', 'circle' } }),
  }, false },
  { 'a hostile regex', { ingress('regex', { { '/~/(a+)+$(', 'ImplementationSpecific', 'good' } }) }, 'InvalidPath', 'regex' },
  { 'hostile paths', { ingress('hostile', {
    { '/%00/../..//etc/passwd', 'Prefix', 'good' }, { "/');DROP TABLE routes;--", 'Exact', 'good' }, { '/ü/日本', 'Prefix', 'good' },
  }) }, false },
  { 'a name of 253 characters', { ingress(('n'):rep(253), { { '/long', 'Prefix', 'good' } }) }, nil, nil },
  { 'annotations that mean nothing', { ingress('annotated', { { '/annotated', 'Prefix', 'good' } }, {
    ['konghq.com/methods'] = 'GET,P0ST', ['konghq.com/regex-priority'] = 'high', ['konghq.com/protocols'] = 'carrier-pigeon',
  }) }, nil, 'annotated' },
  { 'unknown fields', { with_spec(ingress('fields', {}), {
    ingressClassName = 'kong', surprise = { deep = { list = { 1 } } },
    rules = { { host = 'fields.example.net', http = { paths = {
      { path = '/fields', pathType = 'Prefix', more = 1, backend = { service = { name = 'good', port = { number = 80 } } } },
    } } } },
  }) }, false },
  { 'a plugin of 10 MiB', {
    ingress('huge', { { '/huge', 'Prefix', 'good' } }, { ['konghq.com/plugins'] = 'huge' }),
    manifests.plugin('shop', 'huge', 'request-termination', { message = ('x'):rep(10 * 1024 * 1024) }),
  }, 'KongRefused', 'huge' },
}

describe('bad input', function()
  if program.skip(pending) or gateway.skip(pending, 'plugins of any kind') then return end
  local kong, controller, status

  setup(function()
    kong = gateway.start()
    local folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'good.yaml', manifests.set('shop', 'good'))
    for _, case in ipairs(CORPUS) do manifests.write(folder, case[1]:gsub('%W', '-'):lower() .. '.yaml', case[2]) end
    controller = program.controller { source = 'dir:' .. folder, gateway = kong }
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'good'))
    controller:wait_problem('KongRefused', 'huge')
    manifests.write(folder, 'last.yaml', manifests.set('shop', 'last'))
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'last'))
    status = controller:status()
  end)

  teardown(function()
    kong:assert_foreign_untouched()
    controller:stop()
    kong:stop()
    lab.stop_all()
  end)

  -- Without a code any problem will do; with false there must be none.
  local function problem_of(case)
    for _, problem in ipairs(status.problems) do
      local about = problem.object .. ' ' .. problem.text
      if (not case[3] or problem.code == case[3]) and case[4] and about:lower():find(case[4], 1, true) then return problem end
    end
  end

  for _, case in ipairs(CORPUS) do
    it(('of the kind "%s" is told clearly, and costs nobody else'):format(case[1]), function()
      local problem = problem_of(case)

      if case[3] == false or not case[4] then
        assert.equal(200, (http.request('GET', controller.health .. '/healthz')))
      else
        assert.truthy(problem, 'no such problem in ' .. json.encode(status.problems))
        assert.truthy(#problem.text > 10 and #problem.text < 4096, #problem.text .. ' characters')
      end
    end)
  end

  it('leaves routes that are fine in place', function()
    for _, name in ipairs { 'good', 'last' } do
      local route = kong:find('routes', 'name', manifests.route_name('shop', name))
      assert.truthy(route, name)
      assert.not_equal(json.null, route.service)
    end
    for _, name in ipairs { 'fields', 'tlsless' } do
      assert.truthy(kong:find('routes', 'name', ('shop.%s.good.%s.example.net.80'):format(name, name)), name)
    end
  end)
end)
