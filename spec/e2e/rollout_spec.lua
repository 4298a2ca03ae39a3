-- A rollout in the wrong order, seen by those who ask: routes first, their Services afterwards.
local cluster = require 'spec.support.cluster'
local eventually = require 'spec.support.eventually'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'
local traffic = require 'spec.support.traffic'

local API = 'gateway.networking.k8s.io/v1'
local APPS = 50
local SOON = 2 -- seconds from the Services' endpoints to the answers, beside what the gateway's nodes take

local function host_of(app)
  return ('app-%d.test'):format(app)
end

local function gate()
  local class = objects.object(API, 'GatewayClass', nil, 'kong', { annotations = { ['konghq.com/gatewayclass-unmanaged'] = 'true' } })
  class.spec = { controllerName = 'konghq.com/kic-gateway-controller' }
  local made = objects.object(API, 'Gateway', 'shop', 'gate')
  made.spec = { gatewayClassName = 'kong', listeners = { { name = 'http', port = 80, protocol = 'HTTP' } } }
  return { class, made }
end

local function routes()
  local list = {}
  for app = 1, APPS do
    local route = objects.object(API, 'HTTPRoute', 'shop', 'app-' .. app)
    route.spec = {
      parentRefs = { { name = 'gate' } }, hostnames = { host_of(app) },
      rules = { { backendRefs = { { name = 'app-' .. app, port = 80 } } } },
    }
    list[app] = route
  end
  return list
end

local function services(world)
  local list = {}
  for app = 1, APPS do
    local name = 'app-' .. app
    list[#list + 1] = objects.service('shop', name, { spec = { ports = { { name = 'http', port = 80, protocol = 'TCP' } } } })
    list[#list + 1] = objects.slice('shop', name, { world.address }, { name = 'http', port = world.ports.one, protocol = 'TCP' })
  end
  return list
end

local SOURCES = {
  ['a folder'] = function(world)
    local folder = shell.folder()
    local count = 0
    return {
      put = function(list)
        count = count + 1
        manifests.write(folder, count .. '.yaml', list)
      end,
      controller = program.controller { source = 'dir:' .. folder, gateway = world.gateway },
    }
  end,
  ['an API server'] = function(world)
    local kube = cluster.start()
    assert(kube:gateway_api())
    return {
      put = function(list) cluster.apply(kube, list) end,
      controller = program.controller { kubeconfig = kube.controller.kubeconfig, gateway = world.gateway },
    }
  end,
}

for name, start in pairs(SOURCES) do
  describe('a rollout with the routes first, from ' .. name, function()
    if traffic.skip(pending) then return end

    it('ends in answers of its backends, soon, and in no 500 (brake)', function()
      local world = traffic.start { 'one' }
      if name ~= 'a folder' and world.address:find '^127%.' then
        world:stop()
        pending('EndpointSlices take no loopback address: set UPSTREAM_ADDRESS')
        return
      end
      local source = start(world)
      source.put(gate())
      source.put(routes())
      world:expect({ host = host_of(APPS) }, { status = 500 })

      source.put(services(world))
      eventually('every app to answer', function()
        for app = 1, APPS do
          local answer = world:ask { host = host_of(app) }
          if answer.status ~= 200 then return nil, ('%s %d'):format(host_of(app), answer.status) end
        end
        return true
      end, SOON + 20)

      for app = 1, APPS do assert.same({ one = 3 }, world:count({ host = host_of(app) }, 3)) end
      assert.equal(0, source.controller:status().held.objects)
      source.controller:stop()
      world:stop()
      lab.stop_all()
    end)
  end)
end
