-- What others write to the gateway: found and set right, or reported; and the database as a way to read.  With KONG_ADMIN_URL and
-- KONG_POSTGRES_DSN a real gateway is read through its database, else the Admin API is read again and again.
local json = require 'cjson'

local cluster = require 'spec.support.cluster'
local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local DSN = os.getenv('KONG_ADMIN_URL') and os.getenv('KONG_POSTGRES_DSN') or nil

local function metric(controller, name)
  local _, text = http.request('GET', controller.metrics_url .. '/metrics')
  return tonumber(text:match('\n' .. name .. ' (%S+)'))
end

describe('what others write to the gateway', function()
  if program.skip(pending) then return end
  local kong, folder, controller

  local function start(...)
    local more = DSN and { '--postgres-dsn', DSN, ... } or { '--drift-interval', '200ms', ... }
    controller = program.controller { source = 'dir:' .. folder, gateway = kong, more = more }
    controller:wait_converged()
  end

  local function edit(collection, field, value, method, body)
    local entity = kong:wait_for(collection, field, value)
    local status, text = http.request(method, ('%s/%s/%s'):format(kong.url, collection, entity.id), body and json.encode(body) or nil)
    assert(status < 300, text)
    return entity
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'a.yaml', manifests.set('shop', 'a'))
    manifests.write(folder, 'people.yaml', { manifests.consumer('shop', 'alice') })
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    controller:stop()
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('is set right, whatever it is (drift)', function()
    start()
    local service = kong:ours('services')[1]
    local route = kong:ours('routes')[1]
    local target = kong:ours('targets')[1]
    local upstream = kong:ours('upstreams')[1]

    edit('services', 'name', service.name, 'PATCH', { host = 'drifted' })
    edit('routes', 'name', route.name, 'PATCH', { paths = { '/drifted' } })
    edit('consumers', 'username', 'alice', 'DELETE')
    http.request('PATCH', ('%s/upstreams/%s/targets/%s'):format(kong.url, upstream.id, target.id), json.encode { weight = 7 })
    http.json('POST', kong.url .. '/consumers', { username = 'stray-' .. kong.tag, tags = { kong.tag } })

    kong:wait('services', 'as it was', function(list) return list[1].host == service.host end)
    kong:wait('routes', 'as it was', function(list) return list[1].paths[1] == route.paths[1] end)
    kong:wait('targets', 'as it was', function(list) return #list == 1 and list[1].weight == target.weight end)
    kong:wait('consumers', 'alice alone', function(list) return #list == 1 and list[1].username == 'alice' end)
    controller:wait_converged()
    assert.is_true(metric(controller, 'kongruent_entities_drifted_total') >= 4)
    controller:wait_log('somebody else has written to the gateway')
  end)

  it('is reported and left as it is by --drift-policy report, until it is undone (drift)', function()
    start('--drift-policy', 'report')
    local service = kong:ours('services')[1]

    edit('services', 'name', service.name, 'PATCH', { retries = 1 })
    controller:wait_log('code=DriftFound')
    assert.equal(1, kong:ours('services')[1].retries)

    edit('services', 'name', service.name, 'PATCH', { retries = service.retries })
    controller:wait_log('problem is solved" code=DriftFound')
  end)

  it('is not looked for with --drift-policy off (drift)', function()
    start('--drift-policy', 'off')
    local service = kong:ours('services')[1]

    edit('services', 'name', service.name, 'PATCH', { retries = 1 })
    manifests.write(folder, 'z.yaml', { manifests.consumer('shop', 'zoe') })
    kong:wait_for('consumers', 'username', 'zoe')

    assert.equal(1, kong:ours('services')[1].retries)
    assert.equal(0, metric(controller, 'kongruent_entities_drifted_total'))
  end)
end)

describe('what others write to the gateway of a cluster', function()
  if program.skip(pending) then return end

  it('is told as an Event of the object that the entity comes from (drift)', function()
    local kube, kong = cluster.start(), gateway.start()
    cluster.apply(kube, manifests.set('shop', 'a'))
    local controller = program.controller {
      kubeconfig = kube.controller.kubeconfig, gateway = kong, more = DSN and { '--postgres-dsn', DSN } or { '--drift-interval', '200ms' },
    }
    controller:wait_converged()
    local route = kong:ours('routes')[1]

    http.json('PATCH', ('%s/routes/%s'):format(kong.url, route.id), { preserve_host = not route.preserve_host })

    eventually('an Event', function()
      for _, event in ipairs(kube:list('Event', 'shop')) do
        local about = event.involvedObject
        if event.reason == 'DriftFound' and about.kind == 'Ingress' and about.name == 'a' then return event end
      end
    end)
    kong:wait('routes', 'as it was', function(list) return list[1].preserve_host == route.preserve_host end)
    controller:stop()
    kong:stop()
    lab.stop_all()
  end)
end)

describe('--postgres-dsn', function()
  if program.skip(pending) or gateway.skip(pending, 'a database that is not there') then return end
  local kong, folder

  setup(function()
    kong = gateway.start { alone = true }
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'a.yaml', manifests.set('shop', 'a'))
  end)

  teardown(function()
    kong:stop()
    lab.stop_all()
  end)

  local function flags(dsn)
    return { '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag, '--postgres-dsn', dsn }
  end

  it('does no harm when there is no such server: the Admin API is asked, with one warning', function()
    local controller = program.controller {
      source = 'dir:' .. folder, gateway = kong, more = { '--postgres-dsn', 'host=127.0.0.1 port=1 dbname=kong user=u password=s3cret' },
    }
    controller:wait_converged()
    eventually('it has been tried again', function() return metric(controller, 'kongruent_postgres_troubles_total') > 1 end)

    local log = controller:log()
    local _, warnings = log:gsub('the Admin API is asked instead', '')
    assert.equal(1, warnings)
    assert.match('remedy=', log)
    assert.is_nil(log:find('s3cret', 1, true))
    assert.equal(0, metric(controller, 'kongruent_postgres_used'))
    controller:stop()
  end)

  it('that cannot be parsed is an error that quotes nothing of it', function()
    local arguments = flags('host=db password=s3cret word')
    local _, errors, code = program.run('diff', { '-f', folder, table.unpack(arguments) })

    assert.equal(1, code)
    assert.match('%-%-postgres%-dsn', errors)
    assert.is_nil(errors:find('s3cret', 1, true))
    assert.is_nil(errors:find('word', 1, true))
  end)
end)
