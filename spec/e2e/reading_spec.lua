-- What is not known of the cluster is not acted on.
local cluster = require 'spec.support.cluster'
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'

local BINDING = 'rbac.authorization.k8s.io/v1/ClusterRoleBinding'

describe('a cluster that cannot be read', function()
  if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end
  local kube, kong, controller, proxy

  local function start(client)
    controller = program.controller { kubeconfig = (client or kube.controller).kubeconfig, gateway = kong }
  end

  setup(function()
    kube = cluster.start()
    local list = manifests.sets('shop', 'app', 6)
    local guarded = manifests.set('shop', 'guarded', { annotations = { ['konghq.com/plugins'] = 'limit' } })
    table.move(guarded, 1, #guarded, #list + 1, list)
    list[#list + 1] = manifests.plugin('shop', 'limit', 'rate-limiting', { minute = 5, policy = 'local' })
    list[#list + 1] = manifests.consumer('shop', 'alice')
    cluster.apply(kube, list)
    kong = gateway.start()
  end)

  after_each(function()
    if controller then controller:stop() end
    controller = nil
  end)

  teardown(function()
    kong:stop()
    lab.stop_all()
  end)

  it('is not written to the gateway before every kind is listed (first-list)', function()
    proxy = kube.controller:proxy()
    for _, path in ipairs { '^/api/v1/services$', '^/apis/configuration.konghq.com/v1/kongplugins$' } do
      local id = proxy:rule { action = 'hold', path = path, times = 0 }
      start(proxy.client)
      proxy:wait { path = path, held = true }
      controller:wait_log('connected to the gateway')

      local ready, reason = controller:is_ready()
      assert.is_false(ready)
      assert.match('first list', reason)
      assert.equal('', gateway.shown(kong:writes()))
      proxy:remove(id)
      if path:find('services', 1, true) then
        controller:stop()
        proxy:forget()
      end
    end

    controller:wait_ready()
    controller:wait_converged()
    assert.equal(7, #kong:ours('routes'))
    proxy:stop()
  end)

  it('loses nothing when rights are revoked in mid-run, and is followed again when they return (frozen-kind)', function()
    proxy = kube.controller:proxy()
    start(proxy.client)
    controller:wait_converged()
    local mark = kong:mark()

    assert(kube:delete(BINDING, '-', 'kongruent'))
    proxy:cut() -- rights are looked at when a watch begins
    controller:wait_log('a kind cannot be read')
    assert(kube:delete('Ingress', 'shop', 'app1'))
    assert(kube:delete('KongPlugin', 'shop', 'limit'))
    controller:stop()
    start(proxy.client)
    controller:wait_log('a kind cannot be read')

    assert.is_false((controller:is_ready()))
    assert.equal('', gateway.shown(kong:writes(mark)))
    assert(kube:apply_files('deploy/base/cluster-role.yaml'))
    kong:wait('routes', 'app1 gone', function()
      return not kong:find('routes', 'name', manifests.route_name('shop', 'app1'))
    end, 120)
    controller:wait_ready(120)
    controller:stop()
    controller = nil
    proxy:stop()
  end)

  it('keeps plugins and consumers when their definitions are deleted in mid-run (frozen-kind)', function()
    cluster.apply(kube, { manifests.plugin('shop', 'limit', 'rate-limiting', { minute = 5, policy = 'local' }) })
    start()
    kong:wait_count('plugins', 1)
    controller:wait_converged()
    kong:wait_count('consumers', 1)
    local mark = kong:mark()

    assert(kube:delete('CustomResourceDefinition', '-', 'kongconsumers.configuration.konghq.com'))
    assert(kube:delete('CustomResourceDefinition', '-', 'kongplugins.configuration.konghq.com'))
    controller:wait_log('a kind cannot be read')
    cluster.apply(kube, manifests.set('shop', 'later'))
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'later'))

    assert.equal('', gateway.shown(kong:requests('DELETE', mark)))
    assert.equal(1, #kong:ours('consumers'))
    assert.equal(1, #kong:ours('plugins'))

    -- a restart while the definitions are away knows of no such objects, and does not take that for their absence
    controller:stop()
    start()
    controller:wait_log('KindMissing')
    cluster.apply(kube, manifests.set('shop', 'latest'))
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'latest'))
    assert.equal('', gateway.shown(kong:requests('DELETE', mark)))
    assert.equal(1, #kong:ours('consumers'))
    assert.equal(1, #kong:ours('plugins'))
    assert(kube:apply_files('deploy/crds'))
    cluster.apply(kube, {
      manifests.plugin('shop', 'limit', 'rate-limiting', { minute = 7, policy = 'local' }), manifests.consumer('shop', 'alice'),
    })
    kong:wait('plugins', 'the new limit', function(plugins) return plugins[1] and plugins[1].config.minute == 7 end, 120)
    assert.equal('', gateway.shown(kong:requests('DELETE', mark)))
  end)

  it('loses nothing when the API server is killed, and is followed again afterwards (frozen-kind)', function()
    start()
    controller:wait_converged()
    local mark = kong:mark()
    local routes = #kong:ours('routes')

    kube:kill()
    controller:wait_log('a kind cannot be read', controller:mark(), 120)
    assert.equal(routes, #kong:ours('routes'))
    kube:restart()
    cluster.apply(kube, manifests.set('shop', 'after'))

    kong:wait_for('routes', 'name', manifests.route_name('shop', 'after'), 120)
    assert.equal('', gateway.shown(kong:requests('DELETE', mark)))
  end)

  it('has not cost what belongs to others (foreign)', function()
    kong:assert_foreign_untouched()
  end)
end)
