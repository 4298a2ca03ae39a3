-- Requests through a real gateway: they go where the objects say, under either router.
local eventually = require 'spec.support.eventually'
local gateway_api = require 'spec.support.gateway_api'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'
local traffic = require 'spec.support.traffic'

local NAMES = { 'one', 'two', 'three' }

local function path(type, value)
  return { path = { type = type, value = value } }
end

local function header(name, value)
  return { name = name, value = value }
end

local function backends(...)
  local refs = {}
  for i, name in ipairs { ... } do
    refs[i] = type(name) == 'table' and name or { name = name, port = 80 }
  end
  return refs
end

local function rule(matches, refs, filters, more)
  local made = more or {}
  made.matches, made.backendRefs, made.filters = matches, refs, filters
  return made
end

local function route(name, host, rules)
  local made = gateway_api.route('HTTPRoute', { hostnames = { host }, rules = rules })
  made.metadata.name = name
  return made
end

describe('requests through the gateway', function()
  if traffic.skip(pending) then return end
  local world

  setup(function()
    world = traffic.start(NAMES)
    local list = world:services('shop')
    local function add(object) list[#list + 1] = object end
    add(manifests.class())
    add(gateway_api.class())
    add(gateway_api.gateway { { name = 'http', port = world.port, protocol = 'HTTP' } })

    add(objects.ingress('shop', 'paths', 'paths.test', {
      { '/', 'Prefix', 'one' }, { '/deep', 'Prefix', 'two' }, { '/deep/exact', 'Exact', 'three' }, { '/r.s', 'Exact', 'three' },
      { '/~/deep/\\d+$', 'ImplementationSpecific', 'three' },
    }))
    add(objects.ingress('shop', 'wildcard', '*.wild.test', { { '/', 'Prefix', 'one' } }))
    add(objects.ingress('shop', 'narrow', 'a.wild.test', { { '/x', 'Prefix', 'two' } }))
    add(objects.ingress('shop', 'stripped', 'stripped.test', { { '/cut', 'Prefix', 'one' } }, {
      annotations = { ['konghq.com/strip-path'] = 'true', ['konghq.com/methods'] = 'GET,PUT' },
    }))
    add(objects.ingress('shop', 'guarded', 'guarded.test', { { '/', 'Prefix', 'one' } }, {
      annotations = { ['konghq.com/plugins'] = 'key' },
    }))
    add(manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } }))
    add(manifests.consumer('shop', 'alice', { 'alice-key' }))
    add(manifests.credential('shop', 'alice-key', 'key-auth', { key = 'secret-of-alice' }))

    add(route('matches', 'matches.test', {
      rule({ path('PathPrefix', '/') }, backends 'one'),
      rule({ path('PathPrefix', '/v2'), path('Exact', '/v1/exact') }, backends 'two'),
      rule({ { path = { type = 'PathPrefix', value = '/v2' }, headers = { header('Version', 'three') } } }, backends 'three'),
      rule({ { path = { type = 'PathPrefix', value = '/v2' }, method = 'PUT' } }, backends 'three'),
      rule({ path('RegularExpression', '/rx/[a-c]+') }, backends 'two'),
      rule({ path('PathPrefix', '/same'), path('Exact', '/other') }, backends 'one'),
      rule({ path('Exact', '/same'), path('PathPrefix', '/other') }, backends 'two'),
    }))
    add(route('weights', 'weights.test', {
      rule({ path('PathPrefix', '/some') }, backends({ name = 'one', port = 80, weight = 3 }, { name = 'two', port = 80, weight = 1 },
        { name = 'three', port = 80, weight = 0 })),
      rule({ path('PathPrefix', '/lost') }, backends({ name = 'one', port = 80 }, { name = 'gone', port = 80 })),
      rule({ path('PathPrefix', '/none') }, backends 'gone'),
    }))
    add(route('filters', 'filters.test', {
      rule({ path('PathPrefix', '/headers') }, backends 'one', {
        { type = 'RequestHeaderModifier', requestHeaderModifier = {
          set = { header('X-Set', '$(set)') }, add = { header('X-Add', 'added') }, remove = { 'X-Remove' },
        } },
        { type = 'ResponseHeaderModifier', responseHeaderModifier = {
          set = { header('X-Backend', 'hidden') }, add = { header('X-More', 'yes') },
        } },
      }),
      rule({ path('PathPrefix', '/prefix') }, backends 'one', {
        { type = 'URLRewrite', urlRewrite = { path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/new' } } },
      }),
      rule({ path('PathPrefix', '/strip') }, backends 'one', {
        { type = 'URLRewrite', urlRewrite = { path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/' } } },
      }),
      rule({ path('PathPrefix', '/full') }, backends 'one', {
        { type = 'URLRewrite', urlRewrite = { hostname = 'inner.test', path = { type = 'ReplaceFullPath', replaceFullPath = '/whole' } } },
      }),
    }))
    add(route('redirects', 'redirects.test', {
      rule({ path('PathPrefix', '/host') }, nil, {
        { type = 'RequestRedirect', requestRedirect = { hostname = 'other.test', scheme = 'https', statusCode = 301 } },
      }),
      rule({ path('PathPrefix', '/port') }, nil, {
        { type = 'RequestRedirect', requestRedirect = { scheme = 'http', port = 8081, statusCode = 302 } },
      }),
      rule({ path('PathPrefix', '/old') }, nil, {
        { type = 'RequestRedirect', requestRedirect = {
          hostname = 'other.test', scheme = 'https', statusCode = 302,
          path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/new' },
        } },
      }),
    }))
    add(route('own', 'own.test', {
      rule({ path('PathPrefix', '/') }, {
        { name = 'one', port = 80, filters = {
          { type = 'RequestHeaderModifier', requestHeaderModifier = { set = { header('X-Chosen', 'one') } } },
        } },
        { name = 'two', port = 80, filters = {
          { type = 'RequestHeaderModifier', requestHeaderModifier = { set = { header('X-Chosen', 'two') } } },
        } },
      }),
    }))
    add(route('mirrors', 'mirrors.test', {
      rule({ path('PathPrefix', '/both') }, backends 'one', {
        { type = 'RequestHeaderModifier', requestHeaderModifier = { set = { header('X-Set', 'yes') } } },
        { type = 'RequestMirror', requestMirror = { backendRef = { name = 'two', port = 80 } } },
      }),
      rule({ path('PathPrefix', '/none') }, backends 'one', {
        { type = 'RequestMirror', requestMirror = { backendRef = { name = 'two', port = 80 }, percent = 0 } },
      }),
    }))
    add(route('slow', 'slow.test', { rule({ path('PathPrefix', '/') }, backends 'one', nil, { timeouts = { request = '500ms' } }) }))
    if world.expressions then
      add(route('queries', 'queries.test', {
        rule({ path('PathPrefix', '/') }, backends 'one'),
        rule({ { queryParams = { header('animal', 'whale') } } }, backends 'two'),
        rule({ { queryParams = { header('animal', 'whale') }, headers = { header('Sea', 'north') } } }, backends 'three'),
      }))
    end
    world:apply(list)
  end)

  teardown(function()
    if world then world:stop() end
    lab.stop_all()
  end)

  -- Each row: what is asked, and what the answer has.
  local function rows(list)
    for _, row in ipairs(list) do world:expect(row[1], row[2]) end
  end

  it('take the best path of an Ingress', function()
    rows {
      { { host = 'paths.test', path = '/' }, { status = 200, backend = 'one' } },
      { { host = 'paths.test', path = '/deeper' }, { backend = 'one' } },
      { { host = 'paths.test', path = '/deep' }, { backend = 'two' } },
      { { host = 'paths.test', path = '/deep/er' }, { backend = 'two', path = '/deep/er' } },
      { { host = 'paths.test', path = '/deep/exact' }, { backend = 'three' } },
      { { host = 'paths.test', path = '/deep/exact/not' }, { backend = 'two' } },
      { { host = 'paths.test', path = '/deep/42' }, { backend = 'three' } },
      { { host = 'paths.test', path = '/deep/x42' }, { backend = 'two' } },
      { { host = 'paths.test', path = '/r.s' }, { backend = 'three' } },
      { { host = 'paths.test', path = '/rxs' }, { backend = 'one' } },
      { { host = 'elsewhere.test', path = '/' }, { status = 404 } },
    }
  end)

  it('take the narrower host, and no other where its paths do not fit', function()
    rows {
      { { host = 'b.wild.test', path = '/x' }, { backend = 'one' } },
      { { host = 'a.wild.test', path = '/x' }, { backend = 'two' } },
      { { host = 'wild.test', path = '/' }, { status = 404 } },
    }
  end)

  it('follow annotations: methods, paths that are cut, plugins', function()
    rows {
      { { host = 'stripped.test', path = '/cut/off' }, { backend = 'one', path = '/off' } },
      { { host = 'stripped.test', path = '/cut', method = 'POST' }, { status = 404 } },
      { { host = 'guarded.test' }, { status = 401, backend = false } },
      { { host = 'guarded.test', headers = { apikey = 'secret-of-alice' } }, { status = 200, backend = 'one' } },
    }
  end)

  it('take the best match of an HTTPRoute', function()
    rows {
      { { host = 'matches.test', path = '/' }, { backend = 'one' } },
      { { host = 'matches.test', path = '/v2' }, { backend = 'two' } },
      { { host = 'matches.test', path = '/v2/x' }, { backend = 'two' } },
      { { host = 'matches.test', path = '/v2x' }, { backend = 'one' } },
      { { host = 'matches.test', path = '/v2', headers = { Version = 'three' } }, { backend = 'three' } },
      { { host = 'matches.test', path = '/v2', headers = { Version = 'other' } }, { backend = 'two' } },
      { { host = 'matches.test', path = '/v2', method = 'PUT' }, { backend = 'three' } },
      { { host = 'matches.test', path = '/v1/exact' }, { backend = 'two' } },
      { { host = 'matches.test', path = '/v1/exact/' }, { backend = 'one' } },
      { { host = 'matches.test', path = '/rx/abc' }, { backend = 'two' } },
      { { host = 'matches.test', path = '/same' }, { backend = 'two' } },
      { { host = 'matches.test', path = '/same/x' }, { backend = 'one' } },
      { { host = 'matches.test', path = '/other' }, { backend = 'one' } },
      { { host = 'matches.test', path = '/other/x' }, { backend = 'two' } },
    }
  end)

  it('take the best query match', function()
    if not world.expressions then
      pending('query matches: needs a gateway with the expressions router')
      return
    end
    rows {
      { { host = 'queries.test', path = '/' }, { backend = 'one' } },
      { { host = 'queries.test', path = '/?animal=whale' }, { backend = 'two' } },
      { { host = 'queries.test', path = '/?animal=orca' }, { backend = 'one' } },
      { { host = 'queries.test', path = '/?animal=whale', headers = { Sea = 'north' } }, { backend = 'three' } },
    }
  end)

  it('are shared by weight, and refused where a backend is missing', function()
    rows {
      { { host = 'weights.test', path = '/some' }, { status = 200 } },
      { { host = 'weights.test', path = '/none' }, { status = 500 } },
    }

    local some = world:count({ host = 'weights.test', path = '/some' }, 80)
    local lost = world:count({ host = 'weights.test', path = '/lost' }, 60)

    assert.equal(80, (some.one or 0) + (some.two or 0))
    assert.truthy(some.one >= 45 and some.one <= 75 and some.two >= 5)
    assert.equal(60, (lost.one or 0) + (lost[500] or 0))
    assert.truthy(lost.one >= 12 and lost[500] >= 12)
  end)

  it('are changed by filters, and so are answers', function()
    rows {
      { { host = 'filters.test', path = '/headers', headers = { ['X-Remove'] = 'x', ['X-Add'] = 'mine', ['X-Set'] = 'old' } }, {
        status = 200, backend = 'one', headers = { ['x-backend'] = 'hidden', ['x-more'] = 'yes' },
        seen = { ['X-Set'] = { '$(set)' }, ['X-Remove'] = false },
      } },
      { { host = 'filters.test', path = '/prefix/a/b?q=1' }, { path = '/new/a/b?q=1' } },
      { { host = 'filters.test', path = '/prefix' }, { path = '/new' } },
      { { host = 'filters.test', path = '/strip/a' }, { path = '/a' } },
      { { host = 'filters.test', path = '/strip' }, { path = '/' } },
      { { host = 'filters.test', path = '/full/a' }, { path = '/whole', host = 'inner.test' } },
    }
  end)

  it('are redirected', function()
    rows {
      { { host = 'redirects.test', path = '/host/a?q=1' }, { status = 301, headers = { location = 'https://other.test/host/a?q=1' } } },
      { { host = 'redirects.test', path = '/port/a' }, { status = 302, headers = { location = 'http://redirects.test:8081/port/a' } } },
      { { host = 'redirects.test', path = '/old/a' }, { status = 302, headers = { location = 'https://other.test/new/a' } } },
    }
  end)

  it('get the headers of the backend that they are sent to', function()
    rows { { { host = 'own.test' }, { status = 200 } } }

    local seen = {}
    for _ = 1, 30 do
      local answer = world:ask { host = 'own.test' }
      assert.same({ answer.backend }, answer.seen['X-Chosen'])
      seen[answer.backend] = true
    end
    assert.same({ one = true, two = true }, seen)
  end)

  it('are mirrored as they were sent to the backend', function()
    local function copies()
      local found = {}
      for _, seen in ipairs(world:reached 'two') do
        if seen.host == 'mirrors.test' then found[#found + 1] = seen end
      end
      return found
    end
    rows { { { host = 'mirrors.test', path = '/both' }, { status = 200, backend = 'one' } } }
    rows { { { host = 'mirrors.test', path = '/none' }, { status = 200, backend = 'one' } } }

    local answer = world:ask {
      host = 'mirrors.test', path = '/both/a?q=1', method = 'PUT', body = 'a body', headers = { ['X-Own'] = 'mine' },
    }
    local copy = eventually('a copy', function()
      for _, seen in ipairs(copies()) do
        if seen.path == '/both/a?q=1' then return seen end
      end
    end)

    assert.equal('one', answer.backend)
    assert.equal('PUT', copy.method)
    assert.equal('a body', copy.body)
    assert.same({ 'yes' }, copy.headers['X-Set'])
    assert.same({ 'mine' }, copy.headers['X-Own'])
    for _, seen in ipairs(copies()) do assert.not_match('^/none', seen.path) end
  end)

  it('are given up on after the time that a rule allows', function()
    rows {
      { { host = 'slow.test' }, { status = 200 } },
      { { host = 'slow.test', path = '/?delay=5000' }, { status = 504 } },
    }
  end)
end)

describe('requests while the gateway is changed', function()
  if traffic.skip(pending) then return end
  local CHANGES, ROUNDS, TOGETHER = 12, 3, 4
  local world, folder, controller

  local function slice_of(name)
    return objects.slice('shop', 'app', { world.address }, { name = 'http', port = world.ports[name], protocol = 'TCP' })
  end

  setup(function()
    world, folder = traffic.start(NAMES), shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'app.yaml', {
      objects.service('shop', 'app', { spec = { ports = { { name = 'http', port = 80, protocol = 'TCP' } } } }),
      objects.ingress('shop', 'app', 'app.test', { { '/', 'Prefix', 'app' } }),
    })
    manifests.write(folder, 'slice.yaml', { slice_of 'one' })
    manifests.write(folder, 'key.yaml', { manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } }) })
    controller = program.controller { source = 'dir:' .. folder, gateway = world.gateway, more = { '--max-delete-percent', '100' } }
    world:expect({ host = 'app.test' }, { status = 200, backend = 'one' })
  end)

  teardown(function()
    if controller then controller:stop() end
    if world then world:stop() end
    lab.stop_all()
  end)

  it('never fail when backends are replaced (replace)', function()
    local asking = world:loop({ 'app.test' }, '/')

    for change = 1, CHANGES do
      local name = NAMES[change % #NAMES + 1]
      manifests.write(folder, 'slice.yaml', { slice_of(name) })
      world:expect({ host = 'app.test' }, { backend = name })
    end
    local codes = asking:stop()

    assert.truthy((codes[200] or 0) > CHANGES)
    codes[200] = nil
    assert.same({}, codes)
  end)

  it('never pass a route before its plugins are there, nor after they have gone (unguarded)', function()
    local hosts = {}
    for round = 1, ROUNDS do
      for number = 1, TOGETHER do hosts[#hosts + 1] = ('guarded-%d-%d.test'):format(round, number) end
    end
    local asking = world:loop(hosts, '/')

    local function expect(round, status)
      for number = 1, TOGETHER do world:expect({ host = hosts[(round - 1) * TOGETHER + number] }, { status = status }) end
    end
    for round = 1, ROUNDS do
      local list = {}
      for number = 1, TOGETHER do
        local name = ('guarded-%d-%d'):format(round, number)
        list[number] = objects.ingress('shop', name, name .. '.test', { { '/', 'Prefix', 'app' } }, {
          annotations = { ['konghq.com/plugins'] = 'key' },
        })
      end
      manifests.write(folder, ('guarded-%d.yaml'):format(round), list)
      expect(round, 401)
    end
    for round = 1, ROUNDS do
      manifests.remove(folder, ('guarded-%d.yaml'):format(round))
      expect(round, 404)
    end
    local codes = asking:stop()

    assert.is_nil(codes[200])
    assert.truthy(codes[401])
    codes[401], codes[404] = nil, nil
    assert.same({}, codes)
  end)
end)
