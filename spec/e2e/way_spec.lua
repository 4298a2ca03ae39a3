-- The whole way: from a cluster with TLS and RBAC, as the account that deploy/ makes, to the gateway, and back to silence.
local json = require 'cjson'

local cluster = require 'spec.support.cluster'
local gateway = require 'spec.support.gateway'
local eventually = require 'spec.support.eventually'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'

local INGRESS = 'networking.k8s.io/v1/Ingress'

describe('the way from an Ingress to the gateway', function()
  if program.skip(pending) then return end
  local kube, kong, controller

  -- Runs only where requests are recorded.
  local function recorded(name, test)
    if not gateway.skip(pending, name) then it(name, test) end
  end

  local function shop(path)
    local set = manifests.set('shop', 'app', { path = path, annotations = { ['konghq.com/plugins'] = 'key' } })
    set[3].spec.tls = { { hosts = { 'app.example.net' }, secretName = 'cert' } }
    return set
  end

  setup(function()
    kube = cluster.start()
    kong = gateway.start()
    controller = program.controller { kubeconfig = kube.controller.kubeconfig, gateway = kong }
    controller:wait_ready()
  end)

  teardown(function()
    controller:stop()
    kong:stop()
    lab.stop_all()
  end)

  it('makes services, routes, upstreams, plugins, consumers and certificates', function()
    local list = shop()
    list[#list + 1] = manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } })
    list[#list + 1] = manifests.consumer('shop', 'alice', { 'alice-key', 'alice-password' })
    list[#list + 1] = manifests.credential('shop', 'alice-key', 'key-auth', { key = 'secret-of-alice' })
    list[#list + 1] = manifests.credential('shop', 'alice-password', 'basic-auth', { username = 'alice', password = 'pass-of-alice' })
    list[#list + 1] = manifests.tls('shop', 'cert')

    cluster.apply(kube, list)
    for _, collection in ipairs {
      'services', 'routes', 'upstreams', 'targets', 'plugins', 'consumers', 'keyauth_credentials', 'basicauth_credentials',
      'certificates', 'snis',
    } do
      kong:wait_count(collection, 1)
    end

    local route = kong:wait('routes', 'live', function(routes)
      local first = routes[1]
      return first and first.name == manifests.route_name('shop', 'app') and gateway.matched(first) ~= '' and first
    end)
    local ingress = kube:get(INGRESS, 'shop', 'app')
    assert.match('app.example.net', gateway.matched(route), 1, true)
    assert.equal(kong:ours('services')[1].id, route.service.id)
    assert.equal(route.id, kong:ours('plugins')[1].route.id)
    assert.equal('198.51.100.7:8080', kong:ours('targets')[1].target)
    assert.equal(kube:get('Secret', 'shop', 'cert').metadata.uid, kong:ours('certificates')[1].id)
    assert.truthy(table.concat(route.tags, ' '):find('k8s-uid:' .. ingress.metadata.uid, 1, true))
    assert.not_match('secret%-of%-alice', controller:log())
    assert.not_match('pass%-of%-alice', controller:log())
  end)

  it('follows an edit with one request and no read (silence)', function()
    controller:wait_converged()
    local mark = kong.program and kong:mark()

    cluster.apply(kube, shop('/elsewhere'))
    kong:wait('routes', 'the new path', function(routes)
      return routes[1] and gateway.matched(routes[1]):find('/elsewhere/', 1, true)
    end)
    controller:wait_converged()

    if mark then assert.equal(1, #kong:requests(nil, mark), gateway.shown(kong:requests(nil, mark))) end
  end)

  it('writes what is wrong as Events of the object', function()
    local set = manifests.set('shop', 'lost', { annotations = { ['konghq.com/plugins'] = 'nowhere' } })

    cluster.apply(kube, set)

    eventually('an Event', function()
      for _, event in ipairs(kube:list('Event', 'shop')) do
        if event.involvedObject.name == 'lost' and event.reason == 'PluginNotFound' then return event end
      end
    end)
    assert.is_nil(kong:find('routes', 'name', manifests.route_name('shop', 'lost')))
    for _, object in ipairs(set) do assert(kube:delete(object.kind, 'shop', object.metadata.name)) end
    kong:wait_count('upstreams', 1)
  end)

  recorded('writes nothing for changes that concern nobody, nor after a restart (silence)', function()
    kong:wait_count('services', 1)
    controller:wait_converged()
    local mark = kong:mark()

    kube:patch(INGRESS, 'shop', 'app', { metadata = { labels = { touched = 'yes' } } })
    kube:status(INGRESS, 'shop', 'app', { loadBalancer = { ingress = { { ip = '192.0.2.1' } } } })
    assert.truthy(controller:stop())
    controller = program.controller { kubeconfig = kube.controller.kubeconfig, gateway = kong }
    controller:wait_converged()

    assert.equal('', gateway.shown(kong:writes(mark)))
  end)

  it('takes all of it away again when the objects go', function()
    for _, object in ipairs {
      { INGRESS, 'app' }, { 'Service', 'app' }, { 'EndpointSlice', 'app-x' }, { 'KongPlugin', 'key' }, { 'KongConsumer', 'alice' },
      { 'Secret', 'cert' },
    } do
      assert(kube:delete(object[1], 'shop', object[2]))
    end

    for _, collection in ipairs {
      'routes', 'services', 'upstreams', 'targets', 'plugins', 'consumers', 'keyauth_credentials', 'certificates', 'snis',
    } do
      kong:wait_count(collection, 0)
    end
  end)

  it('has not touched what belongs to others (foreign)', function()
    kong:assert_foreign_untouched()
    assert.truthy(json)
  end)
end)
