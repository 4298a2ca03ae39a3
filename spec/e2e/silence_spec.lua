-- What is sent when nothing, or little, has changed.
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

describe('a converged controller', function()
  if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end
  local kong, folder, controller

  local function start()
    controller = program.controller { source = 'dir:' .. folder, gateway = kong }
    controller:wait_converged()
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'sets.yaml', manifests.sets('shop', 'app', 20))
    manifests.write(folder, 'a.yaml', manifests.set('shop', 'a', { annotations = { ['konghq.com/plugins'] = 'limit' } }))
    manifests.write(folder, 'plugin.yaml', { manifests.plugin('shop', 'limit', 'rate-limiting', { minute = 5, policy = 'local' }) })
    manifests.write(folder, 'people.yaml', {
      manifests.consumer('shop', 'alice', { 'alice-key' }),
      manifests.credential('shop', 'alice-key', 'key-auth', { key = 'secret-of-alice' }),
      manifests.tls('shop', 'cert'),
    })
    start()
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    controller:stop()
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('sends nothing while objects are written again as they were (silence)', function()
    local mark = kong:mark()

    for _ = 1, 5 do
      manifests.write(folder, 'sets.yaml', manifests.sets('shop', 'app', 20))
      manifests.write(folder, 'a.yaml', manifests.set('shop', 'a', { annotations = { ['konghq.com/plugins'] = 'limit' } }))
    end
    -- A change that is the last to be sent shows that all before it have been seen.
    manifests.write(folder, 'z.yaml', { manifests.consumer('shop', 'zoe') })
    kong:wait_for('consumers', 'username', 'zoe')

    assert.equal(1, #kong:requests(nil, mark), gateway.shown(kong:requests(nil, mark)))
  end)

  it('sends one request for a changed path of an Ingress, and reads nothing (silence)', function()
    local mark = kong:mark()

    manifests.write(folder, 'a.yaml',
      manifests.set('shop', 'a', { path = '/elsewhere', annotations = { ['konghq.com/plugins'] = 'limit' } }))
    kong:wait('routes', 'the new path', function(list)
      for _, route in ipairs(list) do
        if route.paths[1] == '/elsewhere/' then return route end
      end
    end)
    controller:wait_converged()

    local requests = kong:requests(nil, mark)
    assert.equal(1, #requests, gateway.shown(requests))
    assert.match('^/routes/', requests[1].path)
  end)

  it('sends two requests for a changed endpoint, the new one first (silence)', function()
    local mark = kong:mark()

    manifests.write(folder, 'a.yaml', manifests.set('shop', 'a', {
      addresses = { '198.51.100.9' }, annotations = { ['konghq.com/plugins'] = 'limit' },
    }))
    kong:wait('targets', 'the old address gone', function(list)
      local addresses = {}
      for _, target in ipairs(list) do addresses[target.upstream.id .. target.target] = true end
      local count = 0
      for key in pairs(addresses) do count = count + (key:find('198.51.100.9', 1, true) and 1 or 0) end
      return count == 1 and #list == 21
    end)
    controller:wait_converged()

    local requests = kong:requests(nil, mark)
    assert.equal(2, #requests, gateway.shown(requests))
    assert.equal('POST', requests[1].method)
    assert.equal('DELETE', requests[2].method)
  end)

  it('writes nothing after a restart, and a second diff is empty (silence)', function()
    assert.truthy(controller:stop())
    local mark = kong:mark()

    start()
    local output, _, code = program.run('diff',
      { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })

    assert.equal('', gateway.shown(kong:writes(mark)))
    assert.equal(0, code)
    assert.match('0 to create, 0 to update, 0 to delete', output, 1, true)
  end)
end)
