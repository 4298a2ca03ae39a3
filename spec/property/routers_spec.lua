-- Both router flavours send a request to the same service, for objects made by chance. KONGRUENT_CASES=N tries more of them.
--
-- traditional_compatible ranks routes by how many of their fields are set, then by hosts without wildcards, then by headers, then by paths,
-- and expressions as the Gateway API wants it. So each family varies what both rank in one order; where one of them leaves requests
-- to chance (Kong decides by the routes' ids) it must not exclude what the other one chose.
local json = require 'cjson'
local router_match = require 'spec.property.router_match'
local shell = require 'spec.support.shell'

local CASES = tonumber(os.getenv('KONGRUENT_CASES') or '') or 25
local REQUESTS = 60
local SERVICES = 16

local program = os.getenv('KONGRUENT') or 'build/kongruent'

local function pick(list)
  return list[math.random(#list)]
end

local function metadata(name, age)
  return { namespace = 'a', name = name, creationTimestamp = ('2026-01-%02dT00:00:00Z'):format(age) }
end

local function service(index)
  return { apiVersion = 'v1', kind = 'Service', metadata = metadata('s' .. index, 1), spec = { ports = { { port = 80 } } } }
end

local PREFIXES = { '/', '/p', '/p/q', '/r.s', '/p/q/r' }
local HOSTS = { 'one.test', 'one.test', 'two.test', '*.test', 'sub.one.test', '' }

local OWN_HOSTS = { 'one.test', 'two.test', 'x.test', 'sub.one.test' }

local function given(host)
  return host ~= '' and host or nil
end

-- Rules with one path each, that lead to different services, so that each path has its own route.
local function ingress(index, next_service, path_of)
  local rules = {}
  for i = 1, math.random(3) do
    local path = path_of()
    path.backend = { service = { name = 's' .. next_service(), port = { number = 80 } } }
    rules[i] = { host = given(pick(HOSTS)), http = { paths = { path } } }
  end
  return {
    apiVersion = 'networking.k8s.io/v1', kind = 'Ingress', metadata = metadata('i' .. index, math.random(20)),
    spec = { ingressClassName = 'kong', rules = rules },
  }
end

local function http_route(index, next_service, match_of, hosts)
  local rules = {}
  for i = 1, math.random(3) do
    local matches = {}
    for m = 1, math.random(2) do matches[m] = match_of() end
    rules[i] = { matches = matches, backendRefs = { { group = '', kind = 'Service', name = 's' .. next_service(), port = 80 } } }
  end
  local host = given(pick(hosts))
  return {
    apiVersion = 'gateway.networking.k8s.io/v1', kind = 'HTTPRoute', metadata = metadata('r' .. index, math.random(20)),
    spec = { parentRefs = { { name = 'g' } }, hostnames = host and { host }, rules = rules },
  }
end

local function prefix_path()
  return { path = pick(PREFIXES), pathType = 'Prefix' }
end

local function any_path()
  return pick {
    { path = pick(PREFIXES), pathType = 'Prefix' }, { path = pick(PREFIXES), pathType = 'Prefix' },
    { path = pick(PREFIXES), pathType = 'Exact' }, { path = '/p/', pathType = 'Exact' },
    { path = pick(PREFIXES), pathType = 'ImplementationSpecific' }, { path = '/p/', pathType = 'ImplementationSpecific' },
    { path = pick { '/~/p/[0-9]+$', '/~/p', '/~/.*q', '/~/r.s$' }, pathType = 'ImplementationSpecific' },
  }
end

local function plain_path()
  return { path = pick(PREFIXES), pathType = 'ImplementationSpecific' }
end

-- Paths of one host that lead to three services, so that routes have several of them. Each Ingress has its own host: between routes of
-- several Ingresses the one priority of an expression counts. No path is there twice: it would be either's.
local function many_paths(index, next_service)
  local services, paths, taken = { next_service(), next_service(), next_service() }, {}, {}
  for _ = 1, math.random(2, 8) do
    local path = any_path()
    local key = path.pathType .. path.path
    if not taken[key] then
      taken[key] = true
      path.backend = { service = { name = 's' .. pick(services), port = { number = 80 } } }
      paths[#paths + 1] = path
    end
  end
  return {
    apiVersion = 'networking.k8s.io/v1', kind = 'Ingress', metadata = metadata('i' .. index, math.random(20)),
    spec = { ingressClassName = 'kong', rules = { { host = OWN_HOSTS[index], http = { paths = paths } } } },
  }
end

local function path_match()
  return {
    path = pick {
      { type = 'PathPrefix', value = pick(PREFIXES) }, { type = 'PathPrefix', value = pick(PREFIXES) },
      { type = 'Exact', value = pick(PREFIXES) }, { type = 'RegularExpression', value = pick { '/p/[0-9]+', '/p/.*', '/r.s' } },
    },
  }
end

local function header_match()
  local headers = { { name = 'X-Zone', value = pick { 'a', 'b' } } }
  if math.random(2) == 1 then headers[2] = { name = 'Other', type = 'RegularExpression', value = '^x' } end
  return { path = { type = 'PathPrefix', value = '/p' }, headers = math.random(3) > 1 and headers or nil }
end

local function method_match()
  return { path = { type = 'PathPrefix', value = '/' }, method = math.random(2) == 1 and pick { 'GET', 'POST' } or nil }
end

local function request()
  return {
    protocol = 'http', port = 80, method = pick { 'GET', 'POST' },
    host = pick { 'one.test', 'two.test', 'x.test', 'sub.one.test', 'other', 'a.sub.one.test' },
    path = pick { '/', '/p', '/p/', '/p/q', '/p/q/', '/p/q/r', '/p/5', '/p/x', '/pp', '/r.s', '/rxs', '/p/q/r/s', '/p/x/y/z' },
    headers = { x_zone = pick { 'a', 'b', 'c' }, other = pick { 'xy', 'z' } },
  }
end

local function translate(manifests, flavour)
  local output, complaint = shell.run({ program, 'translate', '-f', '-', '-o', 'json', '--router-flavor', flavour }, manifests)
  assert(output, complaint)
  return json.decode(output)
end

local function share_one(left, right)
  for _, name in ipairs(left) do
    for _, other in ipairs(right) do
      if name == other then return true end
    end
  end
  return #left == 0 and #right == 0
end

-- Compares one set of objects; returns how many requests were answered.
local function compare(services, objects, seed)
  local manifests = services .. objects
  local traditional = router_match.traditional_compatible(translate(manifests, 'traditional_compatible'))
  local expressions = router_match.expressions(translate(manifests, 'expressions'))
  local answered = 0
  for _ = 1, REQUESTS do
    local asked = request()
    local one, other = router_match.services(traditional, asked), router_match.services(expressions, asked)
    if not share_one(one, other) then
      error(('seed %d: %s goes to %s, with expressions to %s\n%s'):format(seed, json.encode(asked), json.encode(one), json.encode(other),
        objects))
    end
    if #one > 0 then answered = answered + 1 end
  end
  return answered
end

local function each_case(make)
  local answered = 0
  for seed = 1, CASES do
    math.randomseed(seed)
    local used = 0
    local function next_service()
      used = used % SERVICES + 1
      return used
    end
    local services, objects = {}, {}
    for index = 1, SERVICES do services[index] = json.encode(service(index)) .. '\n---\n' end
    for index = 1, math.random(4) do objects[index] = json.encode(make(index, next_service)) .. '\n---\n' end
    answered = answered + compare(table.concat(services), table.concat(objects), seed)
  end
  assert.is_true(answered > CASES * REQUESTS // 20, 'hardly a request was answered')
end

local function is_there(path)
  local file = io.open(path, 'r')
  return file ~= nil and file:close()
end

describe('the two router flavours', function()
  if not is_there(program) then
    pending(('need the program: KONGRUENT (%s) is not there'):format(program))
    return
  end
  teardown(shell.tidy)

  it('agree on prefixes and hosts of Ingresses', function()
    each_case(function(index, next_service) return ingress(index, next_service, prefix_path) end)
  end)

  it('agree on all kinds of paths of Ingresses', function()
    each_case(function(index, next_service) return ingress(index, next_service, any_path) end)
  end)

  it('agree on several paths in one route of an Ingress', function()
    each_case(many_paths)
  end)

  it('agree on plain paths of type ImplementationSpecific', function()
    each_case(function(index, next_service) return ingress(index, next_service, plain_path) end)
  end)

  it('agree on paths and hosts of HTTPRoutes', function()
    each_case(function(index, next_service) return http_route(index, next_service, path_match, HOSTS) end)
  end)

  it('agree on headers of HTTPRoutes', function()
    each_case(function(index, next_service) return http_route(index, next_service, header_match, { 'one.test' }) end)
  end)

  it('agree on methods of HTTPRoutes', function()
    each_case(function(index, next_service) return http_route(index, next_service, method_match, { 'one.test' }) end)
  end)
end)

describe('an Ingress', function()
  if not is_there(program) then return end

  -- wanted: for each service a list of { path, type }. Each service has an Ingress of its own unless `together`.
  local function goes_to(flavour, asked, wanted, together)
    local paths_of, documents = {}, {}
    for index, list in ipairs(wanted) do
      local key = together and 1 or index
      paths_of[key] = paths_of[key] or {}
      documents[#documents + 1] = json.encode(service(index))
      for _, path in ipairs(list) do
        table.insert(paths_of[key], {
          path = path[1], pathType = path[2] or 'ImplementationSpecific',
          backend = { service = { name = 's' .. index, port = { number = 80 } } },
        })
      end
    end
    for index, paths in ipairs(paths_of) do
      documents[#documents + 1] = json.encode {
        apiVersion = 'networking.k8s.io/v1', kind = 'Ingress', metadata = metadata('i' .. index, index),
        spec = { ingressClassName = 'kong', rules = { { host = 'one.test', http = { paths = paths } } } },
      }
    end
    local router = router_match[flavour](translate(table.concat(documents, '\n---\n'), flavour))
    local found = router_match.services(router, { protocol = 'http', port = 80, method = 'GET', host = 'one.test', path = asked })
    return table.concat(found, ',')
  end

  local cases = {
    { 'a long plain path before a short prefix', '/r.s', 'a.s2.80', { { '/', 'Prefix' } }, { { '/r.s' } } },
    { 'an exact path before the same prefix', '/p', 'a.s2.80', { { '/p', 'Prefix' } }, { { '/p', 'Exact' } } },
    { 'an exact root before a prefix', '/', 'a.s2.80', { { '/', 'Prefix' } }, { { '/', 'Exact' } } },
    { 'an exact path before a regular expression', '/p/5', 'a.s2.80', { { '/~/p/[0-9]+$' } }, { { '/p/5', 'Exact' } } },
    { 'a regular expression before a longer prefix', '/p/q/5', 'a.s2.80', { { '/p/q', 'Prefix' } }, { { '/~/p' } } },
    { 'a path beside a short and a long one', '/api/x', 'a.s2.80',
      { { '/', 'Prefix' }, { '/static', 'Prefix' } }, { { '/api', 'Prefix' } } },
  }
  local within = {
    { 'a long path of a route with a short one', '/api/v2/x', 'a.s1.80',
      { { '/', 'Prefix' }, { '/api/v2', 'Prefix' } }, { { '/api', 'Prefix' } } },
    { 'an exact path of a route with a prefix', '/p', 'a.s2.80', { { '/p', 'Prefix' } }, { { '/p', 'Exact' }, { '/', 'Prefix' } } },
  }
  local function name_of(case, flavour) return ('takes %s (%s)'):format(case[1], flavour) end
  for _, flavour in ipairs { 'traditional_compatible', 'expressions' } do
    for _, case in ipairs(cases) do
      it(name_of(case, flavour), function()
        assert.equal(case[3], goes_to(flavour, case[2], { case[4], case[5] }))
        assert.equal(case[3], goes_to(flavour, case[2], { case[4], case[5] }, true))
      end)
    end
    for _, case in ipairs(within) do
      it(name_of(case, flavour), function() assert.equal(case[3], goes_to(flavour, case[2], { case[4], case[5] }, true)) end)
    end
  end
end)

describe('the model of the routers', function()
  local function routed(flavour, routes, asked)
    local services = {}
    for name, route in pairs(routes) do
      route.name = name
      services[#services + 1] = { name = name, routes = { route } }
    end
    return table.concat(router_match.services(router_match[flavour] { services = services }, asked), ',')
  end

  it('lets || bind closer than &&', function()
    local routes = { a = { expression = 'http.path == "/x" || http.path == "/y" && http.method == "GET"', priority = 1 } }
    assert.equal('', routed('expressions', routes, { protocol = 'http', path = '/x', method = 'POST' }))
    assert.equal('a', routed('expressions', routes, { protocol = 'http', path = '/y', method = 'GET' }))
  end)

  it('takes the highest priority', function()
    local routes = { low = { expression = 'http.path ^= "/"', priority = 1 }, high = { expression = 'http.path ^= "/p"', priority = 2 } }
    assert.equal('high', routed('expressions', routes, { protocol = 'http', path = '/p' }))
    assert.equal('low', routed('expressions', routes, { protocol = 'http', path = '/q' }))
  end)

  it('asks for the protocols of an expression route, but https alone may redirect', function()
    local function with(protocols) return { a = { expression = 'http.path ^= "/"', priority = 1, protocols = protocols } } end
    assert.equal('', routed('expressions', with { 'http' }, { protocol = 'https', path = '/' }))
    assert.equal('a', routed('expressions', with { 'https' }, { protocol = 'http', path = '/' }))
  end)

  it('ranks traditional routes by fields, plain hosts, headers, regular expressions and length', function()
    local asked = { protocol = 'http', host = 'a.test', path = '/p/q', method = 'GET', headers = { x = '1' } }
    local function first(one, other) return routed('traditional_compatible', { one = one, other = other }, asked) end
    assert.equal('one', first({ paths = { '/p' }, hosts = { '*.test' } }, { paths = { '~/p/q$' } }))
    assert.equal('one', first({ paths = { '/' }, hosts = { 'a.test' } }, { paths = { '/p/q' }, hosts = { '*.test' } }))
    assert.equal('one', first({ paths = { '/p' }, headers = { X = { '1' } } }, { paths = { '/p/q' } }))
    assert.equal('one', first({ paths = { '~/p/.$' } }, { paths = { '/p/q' } }))
    assert.equal('one', first({ paths = { '/p/q' } }, { paths = { '/p' } }))
    assert.equal('one', first({ paths = { '~/p' }, regex_priority = 1 }, { paths = { '~/p/q' } }))
    assert.equal('one,other', first({ paths = { '~/p' } }, { paths = { '~/p/q' } }))
  end)

  it('splits a traditional route by its paths', function()
    local routes = { long = { paths = { '/', '/p/q' } }, short = { paths = { '/p' } } }
    assert.equal('long', routed('traditional_compatible', routes, { protocol = 'http', path = '/p/q' }))
    assert.equal('short', routed('traditional_compatible', routes, { protocol = 'http', path = '/p/r' }))
  end)
end)
