-- The brake, from both sources: what is held is judged by objects, is visible, ends with an approval, and survives restarts.
local cluster = require 'spec.support.cluster'
local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local GATEWAY_API = 'gateway.networking.k8s.io/v1'
local INGRESS = 'networking.k8s.io/v1/Ingress'

local function http_route(name)
  local route = objects.object(GATEWAY_API, 'HTTPRoute', 'shop', name)
  route.spec = {
    parentRefs = { { name = 'gate' } }, hostnames = { name .. '.example.net' },
    rules = { { backendRefs = { { name = name, port = 80 } } } },
  }
  return route
end

local function gate()
  local class = objects.object(GATEWAY_API, 'GatewayClass', nil, 'kong',
    { annotations = { ['konghq.com/gatewayclass-unmanaged'] = 'true' } })
  class.spec = { controllerName = 'konghq.com/kic-gateway-controller' }
  local made = objects.object(GATEWAY_API, 'Gateway', 'shop', 'gate')
  made.spec = { gatewayClassName = 'kong', listeners = { { name = 'http', port = 80, protocol = 'HTTP' } } }
  return { class, made }
end

local function backends(names)
  local list = {}
  for _, name in ipairs(names) do
    list[#list + 1] = objects.service('shop', name)
    list[#list + 1] = objects.slice('shop', name, { '198.51.100.7' })
  end
  return list
end

local function names(count)
  local list = {}
  for index = 1, count do list[index] = 'app' .. index end
  return list
end

-- A folder: an object is a file.
local folder = {}
folder.__index = folder

function folder.start()
  return setmetatable({ path = shell.folder() }, folder)
end

function folder:controller(kong, more)
  return program.controller { source = 'dir:' .. self.path, gateway = kong, more = more }
end

local function file_of(kind, namespace, name)
  return ('%s-%s-%s.yaml'):format(kind:match('[^/]*$'), namespace or '-', name)
end

function folder:put(list)
  for _, object in ipairs(list) do
    manifests.write(self.path, file_of(object.kind, object.metadata.namespace, object.metadata.name), { object })
  end
end

function folder:remove(kind, namespace, name)
  manifests.remove(self.path, file_of(kind, namespace, name))
end

function folder:approve(hash)
  return program.run('approve', { hash, '--source', 'dir:' .. self.path })
end

-- A real API server.
local served = {}
served.__index = served

function served.start()
  local self = setmetatable({ kube = cluster.start() }, served)
  assert(self.kube:gateway_api())
  return self
end

function served:controller(kong, more)
  return program.controller { kubeconfig = self.kube.controller.kubeconfig, gateway = kong, more = more }
end

function served:put(list)
  cluster.apply(self.kube, list)
end

function served:remove(kind, namespace, name)
  assert(self.kube:delete(kind, namespace or '-', name))
end

function served:approve(hash)
  return program.run('approve', { hash, '--kubeconfig', self.kube.kubeconfig, '--election-namespace', 'kongruent' })
end

local HELD = 'deletes are held until they are approved'

local function wait_held(running, count)
  return running:wait_status(count .. ' objects held', function(status)
    return status.state == HELD and status.held.objects == count
  end)
end

for name, source in pairs { ['a folder'] = folder, ['an API server'] = served } do
  describe('deletes, with ' .. name, function()
    if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end
    local kong, from, running

    before_each(function()
      kong = gateway.start()
      from = source.start()
      from:put { manifests.class() }
    end)

    after_each(function()
      if running then running:stop() end
      running = nil
      kong:assert_foreign_untouched()
      kong:stop()
      lab.stop_all()
    end)

    local function start(more)
      running = from:controller(kong, more)
      running:wait_converged()
    end

    it('of placeholders go when what was missing is there (brake)', function()
      local list = gate()
      for _, app in ipairs(names(12)) do list[#list + 1] = http_route(app) end
      from:put(list)
      start()
      kong:wait('plugins', 'answers for what is missing', function(plugins) return #plugins == 12 end)

      from:put(backends(names(12)))

      kong:wait_count('plugins', 0)
      kong:wait_count('targets', 12)
      running:wait_converged()
      assert.equal(0, running:status().held.objects)
    end)

    it('of two objects of four go, one after the other (brake)', function()
      from:put(manifests.sets('shop', 'app', 4))
      start()

      from:remove(INGRESS, 'shop', 'app1')
      kong:wait_count('routes', 3)
      from:remove(INGRESS, 'shop', 'app2')

      kong:wait_count('routes', 2)
      kong:wait_count('services', 2)
    end)

    it('of a burst above the limit are held but for ten, and go when they are approved (brake)', function()
      from:put(manifests.sets('shop', 'app', 40))
      start()
      for index = 1, 24 do from:remove(INGRESS, 'shop', 'app' .. index) end

      local status = wait_held(running, 14)
      from:put(manifests.set('shop', 'new'))
      kong:wait_for('routes', 'name', manifests.route_name('shop', 'new'))

      assert.equal(31, #kong:ours('routes'))
      assert.equal(14 * 4, status.held.entities) -- a route, its service, an upstream and a target
      assert.truthy(program.problem(status, 'DeletesHeld', 'Namespace shop'))
      assert.equal(14 * 4, running:metric('kongruent_deletes_held'))
      local _, complaint, code = from:approve(('0'):rep(64))
      assert.equal(source == served and 1 or 0, code)
      assert.equal(31, #kong:ours('routes'), complaint)
      assert.equal(status.held.hash, running:status().held.hash)
      eventually('approved', function()
        local said, refused, done = from:approve(status.held.hash)
        return done == 0, said .. refused
      end)
      kong:wait_count('routes', 17)
      running:wait_converged()
      assert.equal(0, running:status().held.objects)
      assert.equal(1, select(2, running:log():gsub('msg="deletes are held until they are approved"', '')))
    end)

    it('that are held stay so through a restart, under the same hash (brake)', function()
      from:put(manifests.sets('shop', 'app', 30))
      start()
      for index = 1, 21 do from:remove(INGRESS, 'shop', 'app' .. index) end
      local before = wait_held(running, 11).held
      local mark = kong:mark()
      running:kill()

      running = from:controller(kong)
      local after = wait_held(running, 11).held

      assert.equal(before.hash, after.hash)
      assert.equal('', gateway.shown(kong:requests('DELETE', mark)))
      assert.equal(20, #kong:ours('routes'))
    end)

    it('of objects whose class is gone are held, all of them (brake)', function()
      local class = manifests.class()
      class.metadata.annotations = { ['ingressclass.kubernetes.io/is-default-class'] = 'true' }
      local list = manifests.sets('shop', 'app', 5)
      for _, object in ipairs(list) do
        if object.kind == 'Ingress' then object.spec.ingressClassName = nil end
      end
      from:put(list)
      from:put { class } -- after them, for the API server would write its name into theirs
      start()

      from:remove('networking.k8s.io/v1/IngressClass', nil, 'kong')

      local status = wait_held(running, 5)
      assert.truthy(program.problem(status, 'DeletesHeld', 'Ingress shop/app1'))
      assert.equal(5, #kong:ours('routes'))
      from:put { class }
      running:wait_converged()
      assert.equal(0, running:status().held.objects)
      assert.equal(0, #kong:requests('DELETE', 0))
    end)

    it('of adopted entities that name no object are held (brake)', function()
      local routes = {}
      for index = 1, 6 do
        routes[index] = {
          id = ('00000000-0000-4000-8000-%012d'):format(index), name = 'old' .. index, paths = { '/old' .. index }, tags = { kong.tag },
        }
      end
      kong:seed { routes = routes }
      from:put(manifests.set('shop', 'app'))

      running = from:controller(kong)

      wait_held(running, 6)
      assert.equal(7, #kong:ours('routes'))
    end)
  end)
end

describe('deletes that are held', function()
  if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end

  it('stay held when the lead changes, and the next leader hears the approval (brake)', function()
    local kong, from = gateway.start(), served.start()
    from:put { manifests.class() }
    from:put(manifests.sets('shop', 'app', 34))
    local one = from:controller(kong)
    one:wait_converged()
    local other = from:controller(kong)
    other:wait_log('the lease has a holder')
    other:wait_ready()
    for index = 1, 11 do from:remove(INGRESS, 'shop', 'app' .. index) end
    -- One of eleven is left, and 11 of 34 is above 30 %, but 1 of 24 would not be: the next leader must know of the ten.
    local before = wait_held(one, 1).held
    eventually('the Lease tells what is held', function()
      local lease = from.kube:get('coordination.k8s.io/v1/Lease', 'kongruent', 'kongruent')
      return lease.metadata.annotations and lease.metadata.annotations['kongruent.io/held-deletes']
    end)

    assert.truthy(one:stop())
    eventually('the standby leads', function() return other:status().leading end, 60)
    local after = wait_held(other, 1).held

    assert.equal(before.hash, after.hash)
    assert.equal(24, #kong:ours('routes'))
    eventually('approved', function()
      local said, refused, done = from:approve(after.hash)
      return done == 0, said .. refused
    end)
    kong:wait_count('routes', 23)
    other:stop()
    kong:assert_foreign_untouched()
    kong:stop()
    lab.stop_all()
  end)
end)
