-- Exit codes, complaints with their place, and what a watched folder does with broken files.
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

describe('the program', function()
  if program.skip(pending) then return end
  local kong, folder

  local function flags(...)
    return { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag, ... }
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'app.yaml', manifests.set('shop', 'app'))
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('exits 2 from diff when there is something to do, 0 when not, 1 when it cannot tell', function()
    local output, _, before = program.run('diff', flags())
    local _, complaint, applied = program.run('apply', flags())
    local _, _, after = program.run('diff', flags())
    local _, unreachable, failed = program.run('diff',
      { '-f', folder, '--kong-admin-url', 'http://127.0.0.1:1', '--kong-admin-filter-tag', kong.tag })

    assert.equal(2, before)
    assert.match('route ' .. manifests.route_name('shop', 'app'):gsub('%p', '%%%0'), output)
    assert.equal(0, applied, complaint)
    assert.equal(0, after)
    assert.equal(1, failed)
    assert.match('127.0.0.1', unreachable, 1, true)
  end)

  it('says what to do for a flag that does not exist, and for a bad value', function()
    local _, unknown, first = program.run('run', { '--kong-admin-uri', 'http://localhost:1' })
    local _, bad, second = program.run('run', { '--max-delete-percent', 'many' })

    assert.equal(1, first)
    assert.match('kong-admin-url', unknown, 1, true)
    assert.equal(1, second)
    assert.match('max-delete-percent', bad, 1, true)
  end)

  it('refuses words that belong to no flag, and takes flags before -- only', function()
    for _, command in ipairs { 'translate', 'explain' } do
      local _, complaint, code = program.run(command, { '-f', folder, 'stray' })
      assert.equal(1, code)
      assert.match("'stray': name manifests with %-f", complaint)
    end
    local output, complaint, code = program.run('analyze', { '-f', folder, '--' })
    assert.equal(0, code, complaint)
    assert.match('0 problems', output)
  end)

  it('exits 0 after SIGTERM, also in the middle of work', function()
    manifests.write(folder, 'more.yaml', manifests.sets('shop', 'more', 200))

    local running = program.controller { source = 'dir:' .. folder, gateway = kong }
    kong:wait('upstreams', 'the work has begun', function(list) return #list > 0 end)

    assert.truthy(running:stop())
    assert.match('msg=stopped', running:log())
  end)

  it('does not start with a broken rule, and names file and line', function()
    local rules = shell.folder()
    shell.write(rules .. '/10-mine.lua', 'return {\n  api = 1,\n  extends = \n}\n')

    local _, complaint, code = program.run('run', {
      '--source', 'dir:' .. folder, '--rules', rules, '--kong-admin-url', kong.url, '--health-probe-bind-address', '0',
      '--metrics-bind-address', '0',
    })

    assert.equal(1, code)
    assert.match('10%-mine.lua:[34]', complaint)
  end)

  it('does not start with a rule for a step that does not exist, and names the nearest', function()
    local rules = shell.folder()
    shell.write(rules .. '/10-mine.lua',
      "return { api = 1, extends = 'networking.k8s.io/v1/Ingress', overides = function(super, ctx) return super(ctx) end }\n")

    local _, complaint, code = program.run('apply', flags('--rules', rules))

    assert.equal(1, code)
    assert.match('overrides', complaint)
    assert.equal(0, #kong:ours('routes'))
  end)

  it('keeps the objects of a watched file that is broken, and takes the file again when it is whole', function()
    local running = program.controller { source = 'dir:' .. folder, gateway = kong }
    kong:wait_count('routes', 1)

    manifests.write(folder, 'app.yaml', 'apiVersion: v1\nkind: {{ not yaml\n  - at all\n')
    running:wait_status('a problem', function(status)
      for _, problem in ipairs(status.problems) do
        if problem.code == 'InvalidObject' then return true end
      end
    end)
    manifests.write(folder, 'other.yaml', manifests.set('shop', 'other'))
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'other'))
    assert.truthy(kong:find('routes', 'name', manifests.route_name('shop', 'app')))
    manifests.write(folder, 'app.yaml', manifests.set('shop', 'app', { path = '/whole' }))
    kong:wait('routes', 'the new path', function(routes)
      for _, route in ipairs(routes) do
        if gateway.matched(route):find('/whole/', 1, true) then return true end
      end
    end)

    running:wait_status('no problem', function(status) return #status.problems == 0 end)
    running:stop()
  end)

  it('exits 1 from apply when an input is broken, and still sends the rest', function()
    manifests.write(folder, 'bad.yaml', 'kind: Ingress\n\tapiVersion: tabs\n')

    local _, complaint, code = program.run('apply', flags())

    assert.equal(1, code)
    assert.match('bad.yaml', complaint, 1, true)
    kong:wait_count('routes', 1)
  end)

  it('deletes nothing as long as an input is broken that may hold what is in the gateway (unknown)', function()
    local _, _, first = program.run('apply', flags())
    manifests.write(folder, 'app.yaml', 'kind: {{ broken')
    manifests.write(folder, 'new.yaml', manifests.set('shop', 'new'))

    local _, _, once = program.run('apply', flags())
    local running = program.controller { source = 'dir:' .. folder, gateway = kong }
    running:wait_log('nothing is deleted')
    manifests.write(folder, 'newer.yaml', manifests.set('shop', 'newer'))
    kong:wait_for('routes', 'name', manifests.route_name('shop', 'newer'))

    assert.same({ 0, 1 }, { first, once })
    assert.equal(3, #kong:ours('routes'))
    manifests.write(folder, 'app.yaml', manifests.text { manifests.class() })
    kong:wait_count('routes', 2)
    running:stop()
  end)
end)
