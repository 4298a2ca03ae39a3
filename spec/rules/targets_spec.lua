local objects = require 'spec.support.objects'
require 'spec.support.fake_ctx'
local targets = require 'lib.service.targets'

local function entry(weight, count)
  local list = {}
  for i = 1, count do list[i] = { target = 'w' .. tostring(weight) .. '-' .. i .. ':80' } end
  return { weight = weight, targets = list }
end

local function weights(entries)
  local list = {}
  for i, one in ipairs(entries) do list[i] = one.targets[1].weight end
  return list
end

describe('weights', function()
  it('keep the proportion of backends, however many targets each has', function()
    local entries = { entry(1, 3), entry(9, 3), entry(5, 2) }

    targets.divide(entries)

    assert.same({ 2, 18, 15 }, weights(entries))
  end)

  it('are divided as they are where that comes out even', function()
    local entries = { entry(90, 2), entry(10, 1) }

    targets.divide(entries)

    assert.same({ 45, 10 }, weights(entries))
  end)

  it('stay within what Kong takes', function()
    local entries = { entry(1000000, 1), entry(1, 1) }

    targets.divide(entries)

    assert.same({ 65535, 1 }, weights(entries))
  end)

  it('of 0 and none are left alone', function()
    local entries = { entry(0, 2), entry(nil, 1), entry(4, 0) }

    targets.divide(entries)

    assert.equal(0, entries[1].targets[2].weight)
    assert.is_nil(entries[2].targets[1].weight)
  end)

  it('are rounded roughly for Kong Ingress Controller', function()
    local entries = { entry(1, 3), entry(75, 4) }

    targets.divide_roughly(entries)

    assert.same({ 1, 18 }, weights(entries))
  end)

  it('of one target in two backends are added', function()
    local one, two = { targets = { { target = 'a:1' } } }, { targets = { { target = 'a:1', weight = 5 }, { target = '0:1' } } }

    local merged = targets.merge { one, two }

    assert.same({ { target = '0:1' }, { target = 'a:1', weight = 105 } }, merged)
  end)
end)

describe('endpoints', function()
  local port = { port = 80 }
  local endpoints = {
    { addresses = { '10.0.0.1', '10.0.0.9' } }, { addresses = { 'fd00::1' }, conditions = { ready = true } },
    { addresses = { '10.0.0.2' }, conditions = { ready = false } },
    { addresses = { '10.0.0.3' }, conditions = { ready = false, terminating = true } }, { addresses = { '10.0.0.1' } },
  }

  it('count when they are ready, once each and with their first address', function()
    local found = targets.of_slices({ objects.slice('a', 'app', endpoints) }, port, 'TCP', false)

    assert.same({ { target = '10.0.0.1:8080', draining = false }, { target = '[fd00::1]:8080', draining = false } }, found)
  end)

  it('that are terminating stay without weight where draining is supported', function()
    local found = targets.of_slices({ objects.slice('a', 'app', endpoints) }, port, 'TCP', true)

    assert.same({ target = '10.0.0.3:8080', weight = 0, draining = true }, found[3])
  end)

  it('of other ports and protocols do not count', function()
    local slice = objects.slice('a', 'app', { '10.0.0.1' }, { name = 'dns', port = 53, protocol = 'UDP' })

    assert.same({}, targets.of_slices({ slice }, { name = 'dns' }, 'TCP', false))
    assert.same({}, targets.of_slices({ slice }, { name = 'web' }, 'UDP', false))
    assert.equal(1, #targets.of_slices({ slice }, { name = 'dns' }, 'UDP', false))
  end)
end)
