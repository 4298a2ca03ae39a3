-- Entities of types that have no objects of their own.
local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local function entity(namespace, name, kind, fields)
  return {
    apiVersion = 'configuration.konghq.com/v1alpha1',
    kind = 'KongCustomEntity',
    metadata = { namespace = namespace, name = name },
    spec = { type = kind, controllerName = 'kong', fields = fields },
  }
end

describe('custom entities', function()
  if program.skip(pending) or gateway.skip(pending, 'recorded requests') then return end
  local kong, folder, controller

  local function start()
    controller = program.controller { source = 'dir:' .. folder, gateway = kong }
  end

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'sets.yaml', { entity('shop', 'set', 'key_sets', { name = 'partners' }) })
    manifests.write(folder, 'keys.yaml', {
      entity('shop', 'key', 'keys', { name = 'first', kid = '1', set = { name = 'partners' }, pem = { public_key = '{vault://env/key}' } }),
    })
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    controller:stop()
    kong:stop()
  end)

  teardown(lab.stop_all)

  it('are made, refer to one another, are left alone by a restart, and go with their objects', function()
    start()
    controller:wait_converged()
    local set, key = kong:find('key_sets', 'name', 'partners'), kong:find('keys', 'name', 'first')
    controller:stop()
    local mark = kong:mark()
    start()
    controller:wait_converged()
    local writes = kong:writes(mark)

    manifests.remove(folder, 'keys.yaml')
    manifests.remove(folder, 'sets.yaml')
    kong:wait_count('keys', 0)
    kong:wait_count('key_sets', 0)

    assert.equal(set.id, key.set.id)
    assert.equal(0, #writes, gateway.shown(writes))
  end)

  it('of a type that the gateway lacks are reported, and others are sent', function()
    manifests.write(folder, 'things.yaml', { entity('shop', 'thing', 'things', { name = 'x' }) })
    start()

    controller:wait_problem('KongUnsupported', 'thing')
    kong:wait_for('keys', 'name', 'first')
  end)
end)
