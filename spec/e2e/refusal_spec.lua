-- What a gateway refuses, what stands in each other's way, and what a dry run says of both.
local json = require 'cjson'

local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local KONG = 'configuration.konghq.com/'
local REQUESTS_MOST = 40 -- of a whole run with a handful of entities: reading, and a few writes for each

describe('what cannot be had', function()
  if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end
  local kong, folder

  local function run(command, more)
    local flags = {
      '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag, '--kong-propagation-time', '0s',
      '--max-delete-percent', '100',
    }
    return program.run(command, table.move(more or {}, 1, #(more or {}), #flags + 1, flags))
  end

  -- The objects at which apply finds a fault, by code.
  local function blamed(code)
    local _, said = run('apply')
    local found = {}
    for its_code, object, text in said:gmatch('%f[%w]error (%w+) (%w+ [^ :]+): ([^\n]+)') do
      if its_code == code then found[object] = text end
    end
    return found
  end

  local function refused_set(service_annotations)
    return manifests.set('shop', 'web', { service_annotations = service_annotations })
  end

  local function write(list, ...)
    for _, object in ipairs { ... } do list[#list + 1] = object end
    manifests.write(folder, 'all.yaml', list)
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    kong:stop()
  end)

  teardown(lab.stop_all)

  describe('is told to each object that has a value in it', function()
    it('a KongUpstreamPolicy [P10]', function()
      write(refused_set { ['konghq.com/upstream-policy'] = 'sticky' },
        objects.object(KONG .. 'v1beta1', 'KongUpstreamPolicy', 'shop', 'sticky',
          { spec = { algorithm = 'consistent-hashing', hashOn = { cookie = 'session', cookiePath = 'no-slash' } } }))

      local found = blamed('KongRefused')

      assert.match('hash_on_cookie_path', found['KongUpstreamPolicy shop/sticky'])
      assert.truthy(found['Service shop/web'])
      assert.truthy(found['Ingress shop/web'])
    end)

    it('a KongIngress [P10]', function()
      local override = objects.object(KONG .. 'v1', 'KongIngress', 'shop', 'old')
      override.upstream = { hash_on = 'cookie', hash_on_cookie = 'a b', hash_on_cookie_path = 'no-slash' }
      write(refused_set { ['konghq.com/override'] = 'old' }, override)

      assert.truthy(blamed('KongRefused')['KongIngress shop/old'])
    end)

    it('the annotations of a Service [P10]', function()
      write(refused_set { ['konghq.com/host-header'] = 'not a host' })

      assert.truthy(blamed('KongRefused')['Service shop/web'])
    end)

    it('a BackendTLSPolicy [P10]', function()
      write(refused_set { ['konghq.com/upstream-policy'] = 'sticky' },
        objects.object(KONG .. 'v1beta1', 'KongUpstreamPolicy', 'shop', 'sticky',
          { spec = { algorithm = 'consistent-hashing', hashOn = { cookie = 'session', cookiePath = 'no-slash' } } }),
        objects.object('gateway.networking.k8s.io/v1', 'BackendTLSPolicy', 'shop', 'trust', {
          spec = {
            targetRefs = { { group = '', kind = 'Service', name = 'web' } },
            validation = { hostname = 'web.example.net', wellKnownCACertificates = 'System' },
          },
        }))

      assert.truthy(blamed('KongRefused')['BackendTLSPolicy shop/trust'])
    end)

    it('a Service whose name elsewhere is none [P10]', function()
      local set = refused_set {}
      set[1].spec.type, set[1].spec.externalName = 'ExternalName', 'not a host'
      write(set)

      assert.truthy(blamed('KongRefused')['Service shop/web'])
    end)
  end)

  -- Each consumer has the custom_id at its place; false: none.
  local function consumers(ids)
    local list = {}
    for index, id in ipairs(ids) do
      local made = manifests.consumer('shop', 'consumer-' .. index)
      made.custom_id = id or nil
      list[index] = made
    end
    return list
  end

  local function held_ids()
    local held = {}
    for _, consumer in ipairs(kong:ours('consumers')) do held[tonumber(consumer.username:match('%d+$'))] = consumer.custom_id end
    return held
  end

  for _, case in ipairs {
    { 'two', { 'a', 'b' }, { 'b', 'a' } },
    { 'three', { 'a', 'b', 'c' }, { 'b', 'c', 'a' } },
    { 'a circle with a tail', { 'a', 'b', 'c', 'd' }, { 'b', 'c', 'a', 'e' } },
    { 'two circles', { 'a', 'b', 'c', 'd' }, { 'b', 'a', 'd', 'c' } },
  } do
    local name, before, after = table.unpack(case)
    it('unique values are exchanged in a few requests: ' .. name, function()
      manifests.write(folder, 'all.yaml', consumers(before))
      assert.equal(0, (select(3, run('apply'))))
      manifests.write(folder, 'all.yaml', consumers(after))
      local mark = kong:mark()

      local _, complaint, code = run('apply')

      assert.equal(0, code, complaint)
      assert.same(after, held_ids())
      assert.truthy(#kong:writes(mark) <= 2 * #before + 2, #kong:writes(mark) .. ' writes')
      assert.truthy(#kong:requests(nil, mark) <= REQUESTS_MOST)
    end)
  end

  it('a value that somebody else keeps is told at its object, and not asked for without end', function()
    local foreign = { id = '5b5c2dcd-0b6b-4ab7-a0ea-0a0c0d0e0f01', username = 'foreign', custom_id = 'taken', tags = { 'theirs' } }
    kong:seed { consumers = { foreign } }
    manifests.write(folder, 'all.yaml', consumers { 'a', 'taken' })
    local mark = kong:mark()

    local _, complaint, code = run('apply')

    assert.equal(1, code)
    assert.match('shop/consumer%-2', complaint)
    assert.same({ 'a' }, held_ids())
    assert.truthy(#kong:requests(nil, mark) <= REQUESTS_MOST)
  end)

  it('a dry run leaves out what would be withheld, and says why [P6]', function()
    write(manifests.set('shop', 'web', { annotations = { ['konghq.com/plugins'] = 'not-there' } }))

    local shown = run('diff')
    local report = json.decode((run('diff', { '-o', 'json' })))
    run('apply')
    local again, _, code = run('diff')

    assert.match('withhold route [^\n]*plugin shop/not%-there is missing or refused', shown)
    assert.not_match('create route', shown)
    assert.match('withheld 1', shown)
    assert.equal(1, report.summary.withheld)
    assert.match('0 to create, 0 to update, 0 to delete, withheld 1', again)
    assert.equal(0, code)
  end)

  it('a dry run says that a route keeps what it was when its plugin goes [P6]', function()
    local set = manifests.set('shop', 'web', { annotations = { ['konghq.com/plugins'] = 'key' } })
    write(set, manifests.plugin('shop', 'key', 'key-auth', {}))
    assert.equal(0, (select(3, run('apply'))))
    table.remove(set)
    set[3].spec.rules[1].http.paths[1].path = '/elsewhere'
    write(set)
    local before = kong:find('routes', 'name', manifests.route_name('shop', 'web')).paths

    local shown = run('diff')
    run('apply')

    assert.match('withhold route', shown)
    assert.same(before, kong:find('routes', 'name', manifests.route_name('shop', 'web')).paths)
  end)
end)
