-- Sending: what one bad object does to others, when success is said, and what is live before its plugins.
local json = require 'cjson'

local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local GUARDED = { annotations = { ['konghq.com/plugins'] = 'key' } }

describe('sending', function()
  if program.skip(pending) or gateway.skip(pending, 'faults and recorded requests') then return end
  local kong, folder

  local function controller(more)
    return program.controller { source = 'dir:' .. folder, gateway = kong, more = more }
  end

  -- Positions of requests whose method and path (or body) fit, in the order of their arrival.
  local function positions(method, path, check)
    local found = {}
    for index, request in ipairs(kong:requests()) do
      if request.method == method and request.path:find(path) and (not check or check(request.body)) then found[#found + 1] = index end
    end
    return found
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

  it('lets 999 routes land while the plugin of one is refused, and names the object (poison)', function()
    local list = manifests.sets('shop', 'app', 999)
    local poisoned = manifests.set('shop', 'poisoned', { annotations = { ['konghq.com/plugins'] = 'wrong' } })
    table.move(poisoned, 1, #poisoned, 1 + #list, list)
    list[#list + 1] = manifests.plugin('shop', 'wrong', 'rate-limiting', { minute = 'many' })
    manifests.write(folder, 'all.yaml', list)

    local running = controller()
    local problem = running:wait_problem('KongRefused', 'wrong', 120)
    kong:wait_count('services', 1000)
    kong:wait('routes', 'all others', function(routes) return #routes >= 999 end)

    assert.match('minute', problem.text)
    local status = running:wait_status('the rest done', function(status) return status.state ~= 'reading objects' end)
    assert.is_false(status.converged)
    local route = kong:find('routes', 'name', manifests.route_name('shop', 'poisoned'))
    assert.truthy(route == nil or route.service == json.null, 'the route without its plugin is live')
    -- All went out in one cycle: no route waited for the refused plugin's next attempt.
    local refused = positions('POST', '/plugins')
    local routes = positions('POST', '^/routes')
    assert.truthy(#refused <= 2, #refused .. ' attempts')
    assert.truthy(#routes >= 999)
    running:stop()
  end)

  it('does not say converged before every answer was good (success)', function()
    manifests.write(folder, 'all.yaml', manifests.sets('shop', 'app', 40))
    kong:faults {
      { method = 'POST', path = '^/routes', skip = 10, times = 6, action = 'drop' },
      { method = 'POST', path = '^/routes', skip = 5, times = 6, action = 'drop', after = true },
      { method = 'POST', path = '^/routes', skip = 8, times = 3, action = 'fail', status = 503 },
    }

    local running = controller()
    running:wait_converged()

    assert.equal(40, #kong:ours('routes'))
    assert.equal(6, kong:struck()[1])
    assert.equal(6, kong:struck()[2])
    local said = select(2, running:log():gsub('msg=converged', ''))
    assert.equal(1, said)
    running:stop()
  end)

  it('exits 1 and does not claim success when the gateway goes away in mid-batch (success)', function()
    manifests.write(folder, 'all.yaml', manifests.sets('shop', 'app', 40))
    kong:faults { { path = '.*', skip = 60, action = 'drop' } }

    local output, complaint, code = program.run('apply',
      { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })

    assert.equal(1, code)
    assert.not_match('converged', output)
    assert.match('gateway', complaint)
  end)

  it('takes no lie for an answer: what was said to be done and is not is found out (success)', function()
    manifests.write(folder, 'all.yaml', manifests.sets('shop', 'app', 5))
    kong:faults { { method = 'POST', path = '^/services', times = 1, action = 'lie' } }

    local running = controller()

    kong:wait_count('routes', 5)
    running:wait_converged()
    assert.equal(5, #kong:ours('services'))
    running:stop()
  end)

  it('parks a new route until its plugin is in place (unguarded)', function()
    local set = manifests.set('shop', 'app', GUARDED)
    set[#set + 1] = manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } })
    manifests.write(folder, 'all.yaml', set)

    local running = controller()
    running:wait_converged()

    local function is_live(body) return body ~= json.null and body.service and body.service ~= json.null end
    local created = positions('POST', '^/routes')
    local plugins = positions('POST', '/plugins')
    local live = positions('P', '^/routes/?', is_live)
    for _, method in ipairs { 'PUT', 'PATCH', 'POST' } do
      for _, position in ipairs(positions(method, '^/routes', is_live)) do live[#live + 1] = position end
    end
    assert.equal(1, #created)
    assert.equal(1, #plugins)
    assert.truthy(#live >= 1)
    for _, position in ipairs(live) do assert.truthy(position > plugins[1], 'live before its plugin') end
    assert.same({ 'app.example.net' }, kong:find('routes', 'name', manifests.route_name('shop', 'app')).hosts)
    running:stop()
  end)

  it('withholds a route whose plugin is missing, until it comes (unguarded)', function()
    manifests.write(folder, 'all.yaml', manifests.set('shop', 'app', GUARDED))
    manifests.write(folder, 'open.yaml', manifests.set('shop', 'open'))

    local running = controller()
    local open = kong:wait_for('routes', 'name', manifests.route_name('shop', 'open'))
    running:wait_status('a problem', function(status) return #status.problems > 0 end)

    assert.truthy(open)
    local function is_app(body) return body ~= json.null and body.hosts ~= nil and body.hosts[1] == 'app.example.net' end
    for _, method in ipairs { 'POST', 'PUT', 'PATCH' } do assert.same({}, positions(method, '^/routes', is_app)) end
    manifests.write(folder, 'plugin.yaml', { manifests.plugin('shop', 'key', 'key-auth', {}) })
    kong:wait('routes', 'the route live', function(routes)
      for _, route in ipairs(routes) do
        if route.hosts[1] == 'app.example.net' and route.service ~= json.null then return true end
      end
    end)
    running:stop()
  end)

  it('serves a route whose plugin is missing only when told to, and reports it (unguarded)', function()
    manifests.write(folder, 'all.yaml', manifests.set('shop', 'app', GUARDED))

    local running = controller { '--on-missing-plugin', 'serve' }
    local route = kong:wait_for('routes', 'name', manifests.route_name('shop', 'app'))
    local status = running:wait_status('a problem', function(status) return #status.problems > 0 end)

    assert.not_equal(json.null, route.service)
    assert.equal('error', status.problems[1].severity, json.encode(status.problems))
    running:stop()
  end)

  it('keeps a live route when its plugin is refused later: the old one stays in place (unguarded)', function()
    local set = manifests.set('shop', 'app', GUARDED)
    manifests.write(folder, 'all.yaml', set)
    manifests.write(folder, 'plugin.yaml', { manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } }) })
    local running = controller()
    running:wait_converged()

    manifests.write(folder, 'plugin.yaml', { manifests.plugin('shop', 'key', 'key-auth', { key_names = 7 }) })
    running:wait_problem('KongRefused', 'key')

    local plugins = kong:ours('plugins')
    assert.equal(1, #plugins)
    assert.same({ 'apikey' }, plugins[1].config.key_names)
    assert.equal(0, #kong:requests('DELETE'))
    running:stop()
  end)
end)
