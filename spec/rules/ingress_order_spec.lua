require 'spec.support.fake_ctx'
local ingress_expression = require 'lib.ingress.expression'
local ingress_order = require 'lib.ingress.order'
local kic = dofile('lua/packs/kic/ingress.lua')

local function group_of(list)
  local group = { hosts = { 'a.com' }, paths = {} }
  for i, path in ipairs(list) do group.paths[i] = { path = path[1], type = path[2] } end
  return group
end

local function priority(hosts, list, path_priority)
  local group = group_of(list)
  ingress_order.read({ group }, nil)
  local _, number = ingress_expression.build {
    hosts = hosts, paths = group.paths, path_priority = path_priority(nil, nil, group.paths),
  }
  return number
end

-- The matchers of groups of paths (lists of { path, type }) of one host, as their routes get them.
local function matchers(...)
  local groups, texts = {}, {}
  for i, list in ipairs { ... } do groups[i] = group_of(list) end
  ingress_order.read(groups, nil)
  ingress_order.tell_apart(nil, nil, nil, groups, { expressions = true })
  for i, group in ipairs(groups) do texts[i] = ingress_order.matcher(group.paths) end
  return texts
end

describe('the priority of an Ingress', function()
  local function of(path, path_type) return priority({ 'a.com' }, { { path, path_type } }, ingress_order.priority) end

  it('puts exact paths before regular expressions, and these before prefixes', function()
    assert.is_true(of('/', 'Exact') > of('/~/.{20}', 'ImplementationSpecific'))
    assert.is_true(of('/~/.', 'ImplementationSpecific') > of('/longer/than/that', 'Prefix'))
    assert.is_true(of('/p', 'Exact') > of('/p', 'Prefix'))
    assert.is_true(of('/', 'Exact') > of('/', 'Prefix'))
  end)

  it('puts long prefixes before short ones, whatever their type is', function()
    assert.is_true(of('/r.s', 'ImplementationSpecific') > of('/', 'Prefix'))
    assert.is_true(of('/p/q', 'Prefix') > of('/p', 'Prefix'))
    assert.is_true(of('/p', 'Prefix') > of('/p', 'ImplementationSpecific'))
    assert.equal(of('/', 'ImplementationSpecific'), of('/', 'Prefix'))
  end)

  it('is that of its last path', function()
    local list = { { '/long', 'Prefix' }, { '/', 'Prefix' }, { '/x', 'Exact' } }

    assert.equal(of('/', 'Prefix'), priority({ 'a.com' }, list, ingress_order.priority))
  end)

  it('does not run over into the next field', function()
    local long = '/' .. string.rep('x', 70000)

    assert.equal(0x1ffff, priority({}, { { '/~' .. long } }, ingress_order.priority) & 0xffffffff)
    assert.equal(0x2ffff, priority({}, { { long, 'Exact' } }, ingress_order.priority) & 0xffffffff)
    assert.equal(0x1ffff, priority({}, { { long, 'Exact' } }, kic.path_priority) & 0xffffffff)
  end)
end)

describe("Kong Ingress Controller's priority of an Ingress", function()
  local cases = {
    { { 'example.com' }, '/', 'Exact', 57178899677185 },
    { { 'example.com' }, '/whatever', 'Exact', 57178899677193 },
    { { 'example.com' }, '/~/foo/\\d{3}', 'ImplementationSpecific', 57178899677194 },
    { { 'example.com' }, '/.well-known/acme-challenge/yolo', 'ImplementationSpecific', 57178899611680 },
    { {}, '/api', 'Prefix', 54975581454341 },
    { { '*.tenants.example.com' }, '/', 'Prefix', 57174604709889 },
  }
  for _, case in ipairs(cases) do
    it(string.format('of %s %s at %s', case[3], case[2], case[1][1]), function()
      assert.equal(case[4], priority(case[1], { { case[2], case[3] } }, kic.path_priority))
    end)
  end

  it('is that of its longest path, and of the type that counts most', function()
    assert.equal(1 << 16 | 7, priority({}, { { '/', 'Prefix' }, { '/longer' } }, kic.path_priority) & 0xffffffff)
  end)
end)

describe('the paths of an Ingress with expressions', function()
  it('stand as they are where the priorities tell routes apart', function()
    assert.same({
      '(http.path ^= "/") || ((http.path == "/static") || (http.path ^= "/static/"))', '(http.path == "/api") || (http.path ^= "/api/")',
    }, matchers({ { '/', 'Prefix' }, { '/static', 'Prefix' } }, { { '/api', 'Prefix' } }))
  end)

  it('leave out what is a better path of a route with a lower priority', function()
    assert.same({ '(http.path ^= "/") || (http.path ^= "/api/v2")', '(http.path ^= "/api") && (!(http.path ^= "/api/v2"))' },
      matchers({ { '/', 'Prefix' }, { '/api/v2' } }, { { '/api' } }))
  end)

  it('leave out exact paths and regular expressions, but share these exceptions', function()
    assert.same('((http.path ~ "^/a.*") || (http.path ~ "^/b.*")) && (!(http.path == "/x"))',
      matchers({ { '/', 'Prefix' }, { '/x', 'Exact' } }, { { '/~/a.*' }, { '/~/b.*' } })[2])
    assert.same('((http.path ^= "/long") || (http.path ^= "/path")) && (!(http.path ~ "^/.*z"))',
      matchers({ { '/', 'Prefix' }, { '/~/.*z' } }, { { '/long' }, { '/path' } })[2])
  end)

  it('know elements from mere beginnings', function()
    assert.same('(http.path == "/api") || (http.path ^= "/api/")',
      matchers({ { '/', 'Prefix' }, { '/apis', 'Prefix' } }, { { '/api', 'Prefix' } })[2])
  end)

  it('do not look at other hosts', function()
    local one, other = group_of { { '/', 'Prefix' }, { '/api/v2', 'Prefix' } }, group_of { { '/api', 'Prefix' } }
    other.hosts = { 'b.com' }
    ingress_order.read({ one, other }, nil)

    ingress_order.tell_apart(nil, nil, nil, { one, other }, { expressions = true })

    assert.same('(http.path == "/api") || (http.path ^= "/api/")', ingress_order.matcher(other.paths))
  end)

  it('are not told apart where that would take too much, which is said', function()
    local many, others, told = { { '/', 'Prefix' } }, { { '/a' } }, nil
    for i = 1, 600 do many[i + 1] = { '/a/' .. i, 'Prefix' } end
    local groups = { group_of(many), group_of(others) }
    ingress_order.read(groups, nil)
    local ctx = { problem = function(_, _, code) told = code end }

    ingress_order.tell_apart(nil, ctx, nil, groups, { expressions = true })

    assert.equal('UnsupportedFeature', told)
    assert.equal('http.path ^= "/a"', ingress_order.matcher(groups[2].paths))
  end)
end)
