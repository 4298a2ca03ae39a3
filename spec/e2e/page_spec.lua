-- What the controller tells of itself: over a real cluster, with a standby, and by `kongruent status`.
local json = require 'cjson'

local cluster = require 'spec.support.cluster'
local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'

local BINDING = 'rbac.authorization.k8s.io/v1/ClusterRoleBinding'
local INGRESS = 'networking.k8s.io/v1/Ingress'

describe('the page', function()
  if program.skip(pending) then return end
  local kube, kong, controller, standby, proxy

  local function ask(one, path)
    return http.json('GET', one.metrics_url .. path)
  end

  local function object(name)
    return ask(controller, ('/api/object?kind=%s&namespace=shop&name=%s'):format(INGRESS, name))
  end

  local function status(...)
    return program.run('status', { '--address', controller.metrics_url, ... })
  end

  setup(function()
    kube = cluster.start()
    kong = gateway.start()
    cluster.apply(kube, manifests.set('shop', 'app'))
    proxy = kube.controller:proxy()
    controller = program.controller { kubeconfig = proxy.client.kubeconfig, gateway = kong }
    controller:wait_ready()
    cluster.apply(kube, manifests.set('shop', 'lost', { annotations = { ['konghq.com/plugins'] = 'nowhere' } }))
    controller:wait_problem('PluginNotFound', 'shop/lost')
  end)

  teardown(function()
    if standby then standby:stop() end
    controller:stop()
    proxy:stop()
    kong:stop()
    lab.stop_all()
  end)

  it('tells what became of an object, and what of the gateway comes from it', function()
    local app = eventually('it is programmed', function()
      local found = object 'app'
      return found.state == 'programmed' and found, found.state
    end)
    local kinds = {}
    for _, entity in ipairs(app.rows) do
      kinds[entity.kind] = entity
      assert.equal('programmed', entity.state)
    end
    assert.equal('rules/ingress.lua', kinds.route.file)
    assert.equal(201, kinds.service.answer.status)
    assert.equal(kube:get(INGRESS, 'shop', 'app').metadata.uid, app.uid)
    eventually('the other is withheld', function()
      local state = object('lost').state
      return state == 'withheld', state
    end)
  end)

  it('tells of the kinds that are watched, and of those that are not served', function()
    local overview = ask(controller, '/api/overview')
    local states = {}
    for _, kind in ipairs(overview.kinds) do states[kind.id] = kind.state end
    assert.equal('synced', states[INGRESS])
    assert.equal('kube', overview.self.source)
  end)

  it('is printed by status, as text and as JSON', function()
    local text, complaint, code = status()
    assert.equal(0, code, complaint)
    assert.match('\nleader    [^\n]+ %(this one%)\n', text)
    assert.match('\nproblems  [1-9]%d* errors', text)
    assert.match('error PluginNotFound Ingress shop/lost', text, 1, true)

    local printed = status('-o', 'json')
    local decoded = json.decode(printed)
    assert.is_true(decoded.leading)
    assert.equal(1, decoded.objects.withheld)
  end)

  it('says what is wrong when nobody, or something else, answers', function()
    local _, nobody, first = program.run('status', { '--address', 'http://127.0.0.1:1' })
    local _, other, second = program.run('status', { '--address', kong.url })
    local _, format, third = status('-o', 'xml')
    assert.equal(1, first)
    assert.match('127.0.0.1:1/status.json does not answer', nobody, 1, true)
    assert.equal(1, second)
    assert.match('no controller', other)
    assert.equal(1, third)
    assert.match("'xml' is none of text|json", format, 1, true)
  end)

  it('names the leader on a standby', function()
    standby = program.controller { kubeconfig = kube.controller.kubeconfig, gateway = kong }
    local leader = ask(controller, '/api/overview').self.identity
    local overview = eventually('the standby knows', function()
      local found = ask(standby, '/api/overview')
      return found.self.leader == leader and found.sentence:find 'Standing by' and found, found.sentence
    end)
    assert.is_false(overview.self.leading)
    assert.equal(('Standing by. The lead has %s.'):format(leader), overview.sentence)
    assert.match(leader, select(2, http.request('GET', standby.metrics_url .. '/')), 1, true)
    standby:stop()
    standby = nil
  end)

  it('says of objects whose kind cannot be read any more that they stay as they were', function()
    assert(kube:delete(BINDING, '-', 'kongruent'))
    proxy:cut() -- rights are looked at when a watch begins
    eventually('the kind is frozen', function()
      local found = object 'app'
      return found.state == 'unread' and found.reason:find('cannot be read', 1, true)
    end)
    local overview = ask(controller, '/api/overview')
    assert.truthy(overview.objects.unread > 0)
    local _, page = http.request('GET', controller.metrics_url .. '/')
    assert.match(INGRESS .. '</span><span class="count">2</span><span class="note">frozen', page, 1, true)
  end)
end)
