-- What may be deleted, and that a dry run and the real run are the same.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

describe('plans', function()
  if program.skip(pending) or gateway.skip(pending, 'faults and recorded requests') then return end
  local kong, folder

  local function flags(more)
    local list = { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag }
    return table.move(more or {}, 1, #(more or {}), #list + 1, list)
  end

  local function controller(more)
    return program.controller { source = 'dir:' .. folder, gateway = kong, more = more }
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'keep.yaml', manifests.sets('keep', 'keep', 24))
    manifests.write(folder, 'go.yaml', manifests.sets('go', 'go', 16))
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('hold back deletes of 40 % of the objects but for ten, while creates and updates flow (brake)', function()
    local running = controller()
    running:wait_converged()

    manifests.remove(folder, 'go.yaml')
    manifests.write(folder, 'new.yaml', manifests.set('keep', 'new'))
    local status = running:wait_status('deletes are held', function(status) return status.held.objects > 0 end)
    kong:wait_for('routes', 'name', manifests.route_name('keep', 'new'))

    assert.equal('deletes are held until they are approved', status.state)
    assert.equal(6, status.held.objects)
    assert.equal(31, #kong:ours('routes'))
    running:stop()
  end)

  it('delete what was approved by the hash of that very plan, and not by another (brake)', function()
    local _, _, code = program.run('apply', flags())
    assert.equal(0, code)
    manifests.remove(folder, 'go.yaml')

    local wrong = program.run('apply', flags { '--approve', ('0'):rep(64) })
    local hash = wrong:match('%-%-approve (%x+)')
    assert.truthy(hash, wrong)
    assert.equal(0, #kong:requests('DELETE'))
    manifests.remove(folder, 'keep.yaml')
    manifests.write(folder, 'keep.yaml', manifests.sets('keep', 'keep', 23))
    local other, _, refused = program.run('apply', flags { '--approve', hash })

    assert.equal(1, refused)
    local second = other:match('%-%-approve (%x+)')
    assert.not_equal(hash, second)
    assert.equal(40, #kong:ours('routes'))
    local _, complaint, approved = program.run('apply', flags { '--approve', second })
    assert.equal(0, approved, complaint)
    assert.equal(23, #kong:ours('routes'))
  end)

  it('let few deletes pass, and many targets (brake)', function()
    local running = controller()
    running:wait_converged()
    local many = {}
    for index = 1, 30 do many[index] = '198.51.100.' .. index end
    manifests.write(folder, 'go.yaml', manifests.sets('go', 'go', 6, { addresses = many }))
    kong:wait_count('targets', 24 + 6 * 30)

    manifests.write(folder, 'go.yaml', manifests.sets('go', 'go', 6))

    kong:wait_count('targets', 30)
    kong:wait_count('routes', 30)
    assert.equal(0, running:status().held.objects)
    running:stop()
  end)

  it('are what apply then does (dry-run)', function()
    local _, _, code = program.run('apply', flags())
    assert.equal(0, code)
    manifests.write(folder, 'go.yaml', manifests.sets('go', 'go', 15, { path = '/moved' }))
    manifests.write(folder, 'new.yaml', manifests.set('keep', 'new'))
    local mark = kong:mark()

    local text, _, changes = program.run('diff', flags { '-o', 'json' })
    local plan = json.decode(text)
    assert.equal('', gateway.shown(kong:writes(mark)))
    program.run('apply', flags())

    -- Targets go with their upstream: they are in the plan, and no request is needed.
    local sent = { creating = 0, updating = 0, deleting = 0 }
    for _, request in ipairs(kong:writes(mark)) do
      local group = request.method == 'POST' and 'creating' or request.method == 'DELETE' and 'deleting' or 'updating'
      sent[group] = sent[group] + 1
    end
    local cascaded = 0
    for _, entry in ipairs(plan.changes.deleting) do
      cascaded = cascaded + (entry.kind == 'target' and 1 or 0)
      assert.is_nil(kong:find(entry.kind .. 's', 'id', entry.id), entry.name)
    end
    assert.equal(2, changes)
    assert.same({ 4, 15, 3 }, { sent.creating, sent.updating, sent.deleting })
    assert.same({ 4, 15, 3 + cascaded }, { plan.summary.creating, plan.summary.updating, plan.summary.deleting })
    assert.equal(1, cascaded)
  end)

  it('write nothing under the policy observe, and tell what they would (dry-run)', function()
    local running = controller { '--policy', 'observe' }
    running:wait_log('read what the gateway holds')
    running:wait_status('something to do', function(status) return status.connected end)

    manifests.write(folder, 'new.yaml', { 'kind: {' })
    running:wait_status('the bad file', function(status) return #status.problems > 0 end)

    assert.equal('', gateway.shown(kong:writes()))
    assert.truthy(running:stop())
  end)

  it('delete nothing under the policy upsert-only (dry-run)', function()
    local _, _, code = program.run('apply', flags())
    assert.equal(0, code)
    manifests.write(folder, 'go.yaml', manifests.sets('go', 'go', 15, { path = '/moved' }))

    program.run('apply', flags { '--policy', 'upsert-only' })

    assert.equal(0, #kong:requests('DELETE'))
    assert.equal(40, #kong:ours('routes'))
    local moved = kong:find('routes', 'name', manifests.route_name('go', 'go1'))
    assert.equal('/moved/', moved.paths[1])
  end)
end)

describe('a gateway that cannot be understood', function()
  if program.skip(pending) or gateway.skip(pending, 'faults') then return end
  local kong, folder

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'all.yaml', { manifests.class(), table.unpack(manifests.sets('shop', 'app', 3)) })
    local _, complaint, code = program.run('apply',
      { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })
    assert.equal(0, code, complaint)
    manifests.write(folder, 'all.yaml', { manifests.class(), table.unpack(manifests.sets('shop', 'app', 2)) })
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    kong:stop()
  end)

  teardown(lab.stop_all)

  local HTML = '<html>not what you asked for</html>'
  local CASES = {
    { 'its root fails', { path = '^/$', action = 'fail', status = 500 } },
    { 'its root is a web page', { path = '^/$', action = 'fail', status = 200, body = HTML } },
    { 'its root is empty', { path = '^/$', action = 'fail', status = 200, body = {} } },
    { 'its root asks for a password', { path = '^/$', action = 'fail', status = 401 } },
    { 'lists fail', { method = 'GET', path = '^/(routes|services|upstreams)', action = 'fail', status = 500 } },
    { 'lists are no lists',
      { method = 'GET', path = '^/(routes|services|upstreams)', action = 'fail', status = 200, body = { data = 7 } } },
    { 'lists are web pages', { method = 'GET', path = '^/(routes|services|upstreams)', action = 'fail', status = 200, body = HTML } },
    { 'a list of routes is denied', { method = 'GET', path = '^/routes', action = 'fail', status = 403 } },
    { 'lists are cut off', { method = 'GET', path = '^/routes', action = 'drop' } },
    { 'the list of tags fails', { method = 'GET', path = '^/tags/', action = 'fail', status = 500 } },
    { 'schemas fail', { path = '^/schemas/', action = 'fail', status = 500 } },
    { 'schemas are web pages', { path = '^/schemas/', action = 'fail', status = 200, body = HTML } },
  }

  for _, case in ipairs(CASES) do
    it(('loses nothing while %s, and is brought into line afterwards (unknown)'):format(case[1]), function()
      kong:faults { case[2] }
      local mark = kong:mark()

      local running = program.controller { source = 'dir:' .. folder, gateway = kong }
      eventually('the fault has struck', function() return kong:struck()[1] >= 2 end)

      local before = {}
      for _, request in ipairs(kong:requests('DELETE', mark)) do
        if request.status < 300 then before[#before + 1] = request end
      end
      kong:no_faults()
      kong:wait_count('routes', 2)
      running:stop()
      assert.equal('', gateway.shown(before))
    end)
  end
end)
