-- Statuses in a real API server: what is written, when, and that nobody else's is touched.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'

local GROUP = 'gateway.networking.k8s.io/'
local OURS = 'konghq.com/kic-gateway-controller'
local INGRESS = 'ingresses.networking.k8s.io'
local HTTPROUTE = 'httproutes.gateway.networking.k8s.io'
local GATEWAY = 'gateways.gateway.networking.k8s.io'

-- The server gives out uids and times itself, and namespaces have to be there.
local function apply(cluster, list)
  for _, object in ipairs(list) do
    object.metadata.uid, object.metadata.creationTimestamp = nil, nil
    if object.kind == 'EndpointSlice' then object.addressType = 'IPv4' end
  end
  local text = manifests.text(list):gsub('\\/', '/') -- no escape that YAML knows
  assert(cluster:apply(text, { create_namespaces = true }))
end

local function condition(conditions, type)
  for _, one in ipairs(conditions or {}) do
    if one.type == type then return one end
  end
end

local function gateway_objects()
  local class = objects.object(GROUP .. 'v1', 'GatewayClass', nil, 'kong', { spec = { controllerName = OURS } })
  local listeners = {
    { name = 'http', port = 80, protocol = 'HTTP', allowedRoutes = { namespaces = { from = 'All' } } },
    { name = 'odd', port = 99, protocol = 'example.net/odd' },
  }
  local one = objects.object(GROUP .. 'v1', 'Gateway', 'shop', 'kong', { spec = { gatewayClassName = 'kong', listeners = listeners } })
  return class, one
end

local function route(name, service)
  local match = { path = { type = 'PathPrefix', value = '/' .. name } }
  local rules = { { matches = { match }, backendRefs = { { name = service, port = 80 } } } }
  return objects.object(GROUP .. 'v1', 'HTTPRoute', 'shop', name, { spec = { parentRefs = { { name = 'kong' } }, rules = rules } })
end

describe('statuses', function()
  if program.skip(pending) or gateway.skip(pending, 'faults') then return end
  local cluster, kong, running

  local function get(kind, namespace, name)
    return assert(cluster:get(kind, namespace, name))
  end

  local function wait_for(what, kind, namespace, name, check)
    return eventually(what, function()
      local object = get(kind, namespace, name)
      return check(object.status or {}, object) and object, json.encode(object.status or {})
    end)
  end

  local function controller(more)
    running = program.controller { kubeconfig = cluster.kubeconfig, gateway = kong, more = more }
    running:wait_converged()
    return running
  end

  setup(function()
    cluster = lab.apiserver()
    assert(cluster:apply_files('deploy/crds'))
    assert(cluster:gateway_api('experimental'))
    local class, one = gateway_objects()
    apply(cluster, { objects.object('v1', 'Namespace', nil, 'kongruent'), manifests.class(), class, one })
    local proxy = objects.service('kongruent', 'proxy', { spec = { type = 'LoadBalancer', ports = { { port = 80 } } } })
    apply(cluster, { proxy })
  end)

  before_each(function() kong = gateway.start() end)

  after_each(function()
    if running then running:stop() end
    running = nil
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('publishes addresses of ingresses that are in place, and says what was configured', function()
    local set = manifests.set('shop', 'app')
    set[#set + 1] = manifests.consumer('shop', 'bob')
    set[#set + 1] = manifests.plugin('shop', 'unused', 'key-auth', {})
    apply(cluster, set)
    controller { '--publish-status-address', '198.51.100.9,lb.example.net' }

    local ingress = wait_for('addresses', INGRESS, 'shop', 'app', function(status) return (status.loadBalancer or {}).ingress end)
    local consumer = wait_for('Programmed', 'kongconsumers.configuration.konghq.com', 'shop', 'bob', function(status)
      return (condition(status.conditions, 'Programmed') or {}).status == 'True'
    end)

    assert.same({ { ip = '198.51.100.9' }, { hostname = 'lb.example.net' } }, ingress.status.loadBalancer.ingress)
    local programmed = condition(consumer.status.conditions, 'Programmed')
    assert.equal('Programmed', programmed.reason)
    assert.equal('Object was successfully configured in Kong.', programmed.message)
    assert.equal(consumer.metadata.generation, programmed.observedGeneration)
    local unused = get('kongplugins.configuration.konghq.com', 'shop', 'unused')
    assert.is_nil(unused.status)
  end)

  it('takes addresses from the publish service, and follows it', function()
    apply(cluster, manifests.set('shop', 'followed'))
    controller { '--publish-service', 'kongruent/proxy', '--watch-namespace', 'shop' }
    local before = get(INGRESS, 'shop', 'followed')

    assert(cluster:status('services', 'kongruent', 'proxy', { loadBalancer = { ingress = { { ip = '203.0.113.5' } } } }))
    local ingress = wait_for('the address of the service', INGRESS, 'shop', 'followed', function(status)
      return (status.loadBalancer or {}).ingress
    end)

    assert.is_nil((before.status.loadBalancer or {}).ingress)
    assert.same({ { ip = '203.0.113.5' } }, ingress.status.loadBalancer.ingress)
  end)

  it('says which object the gateway refuses, and that it is well once that is mended', function()
    local plugin = manifests.plugin('shop', 'wrong', 'rate-limiting', { minute = 'many' })
    local set = manifests.set('shop', 'limited', { annotations = { ['konghq.com/plugins'] = 'wrong' } })
    set[#set + 1] = plugin
    apply(cluster, set)
    running = program.controller { kubeconfig = cluster.kubeconfig, gateway = kong }
    local failed = wait_for('Invalid', 'kongplugins.configuration.konghq.com', 'shop', 'wrong', function(status)
      return (condition(status.conditions, 'Programmed') or {}).status == 'False'
    end)

    apply(cluster, { manifests.plugin('shop', 'wrong', 'rate-limiting', { minute = 5, policy = 'local' }) })
    local mended = wait_for('Programmed', 'kongplugins.configuration.konghq.com', 'shop', 'wrong', function(status)
      return (condition(status.conditions, 'Programmed') or {}).status == 'True'
    end)

    assert.equal('Invalid', condition(failed.status.conditions, 'Programmed').reason)
    assert.is_true(condition(mended.status.conditions, 'Programmed').observedGeneration > failed.metadata.generation)
    assert(cluster:delete(INGRESS, 'shop', 'limited'))
  end)

  it('accepts classes, Gateways and routes, keeps the entries of others, and does not repeat itself (status)', function()
    apply(cluster, manifests.set('shop', 'app'))
    apply(cluster, { route('good', 'app'), route('bad', 'missing') })
    local theirs = {
      parentRef = { group = 'gateway.networking.k8s.io', kind = 'Gateway', name = 'theirs' }, controllerName = 'example.net/other',
      conditions = {
        { type = 'Accepted', status = 'True', reason = 'Accepted', message = '', lastTransitionTime = '2024-01-01T00:00:00Z' },
      },
    }
    assert(cluster:status(HTTPROUTE, 'shop', 'good', { parents = { theirs } }))
    controller { '--publish-status-address', '198.51.100.9' }

    local function programmed(status)
      local entry = (status.parents or {})[2]
      return entry and (condition(entry.conditions, 'Programmed') or {}).status == 'True'
    end
    local good = wait_for('configured', HTTPROUTE, 'shop', 'good', programmed)
    local bad = wait_for('unresolved', HTTPROUTE, 'shop', 'bad', function(status) return (status.parents or {})[1] end)
    local one = wait_for('routes attached', GATEWAY, 'shop', 'kong', function(status)
      return (status.listeners or {})[1] and status.listeners[1].attachedRoutes == 2
    end)
    local class = get('gatewayclasses.gateway.networking.k8s.io', '-', 'kong')

    assert.same(theirs, good.status.parents[1])
    assert.equal(OURS, good.status.parents[2].controllerName)
    assert.equal('True', condition(good.status.parents[2].conditions, 'Accepted').status)
    assert.equal('ConfiguredInGateway', condition(good.status.parents[2].conditions, 'Programmed').reason)
    assert.equal('BackendNotFound', condition(bad.status.parents[1].conditions, 'ResolvedRefs').reason)
    assert.equal('True', condition(class.status.conditions, 'Accepted').status)
    assert.is_true(#class.status.supportedFeatures > 10)
    assert.equal('True', condition(one.status.conditions, 'Programmed').status)
    assert.same({ { type = 'IPAddress', value = '198.51.100.9' } }, one.status.addresses)
    assert.equal('UnsupportedProtocol', condition(one.status.listeners[2].conditions, 'Accepted').reason)

    -- A restart finds everything as it has to be: no object gets another version.
    running:stop()
    controller { '--publish-status-address', '198.51.100.9' }
    apply(cluster, { route('later', 'app') })
    wait_for('configured', HTTPROUTE, 'shop', 'later', function(status)
      local entry = (status.parents or {})[1]
      return entry and (condition(entry.conditions, 'Programmed') or {}).status == 'True'
    end)
    assert.equal(good.metadata.resourceVersion, get(HTTPROUTE, 'shop', 'good').metadata.resourceVersion)
    assert.equal(bad.metadata.resourceVersion, get(HTTPROUTE, 'shop', 'bad').metadata.resourceVersion)
  end)

  it('puts its entry back beside those of another controller that overwrote the list (status)', function()
    apply(cluster, manifests.set('shop', 'app'))
    apply(cluster, { route('shared', 'app') })
    controller { '--publish-status-address', '198.51.100.9' }
    local function ours(status)
      for _, entry in ipairs(status.parents or {}) do
        local programmed = entry.controllerName == OURS and condition(entry.conditions, 'Programmed')
        if programmed and programmed.status == 'True' then return entry end
      end
    end
    local before = wait_for('configured', HTTPROUTE, 'shop', 'shared', ours)

    for index = 1, 5 do
      local theirs = { parentRef = { name = 'theirs-' .. index }, controllerName = 'example.net/other', conditions = {
        { type = 'Accepted', status = 'True', reason = 'Accepted', message = '', lastTransitionTime = '2024-01-01T00:00:00Z' },
      } }
      assert(cluster:status(HTTPROUTE, 'shop', 'shared', { parents = { theirs } }))
    end
    local after = wait_for('ours again', HTTPROUTE, 'shop', 'shared', ours)

    assert.equal(2, #after.status.parents)
    assert.equal('theirs-5', after.status.parents[1].parentRef.name)
    assert.same(ours(before.status).parentRef, ours(after.status).parentRef)
  end)

  it('leaves statuses alone without --update-status', function()
    apply(cluster, manifests.set('quiet', 'app'))
    controller { '--publish-status-address', '198.51.100.9', '--update-status=false' }

    local ingress = get(INGRESS, 'quiet', 'app')
    assert.is_nil((ingress.status.loadBalancer or {}).ingress)
  end)
end)
