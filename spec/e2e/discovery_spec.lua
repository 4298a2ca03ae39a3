-- Admin APIs found through EndpointSlices.
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local program = require 'spec.support.program'

local function slice(name, service, addresses)
  local endpoints = {}
  for index, address in ipairs(addresses) do
    endpoints[index] = { addresses = { address }, conditions = { ready = true } }
  end
  local labels = { ['kubernetes.io/service-name'] = service }
  local made = objects.object('discovery.k8s.io/v1', 'EndpointSlice', 'kong', name, { labels = labels })
  made.addressType, made.endpoints, made.ports = 'IPv4', endpoints, { { name = 'admin-tls', port = 8444, protocol = 'TCP' } }
  made.metadata.uid, made.metadata.creationTimestamp = nil, nil
  return made
end

describe('discovery', function()
  if program.skip(pending) then return end
  local cluster

  local function apply(list)
    local text = manifests.text(list):gsub('\\/', '/')
    assert(cluster:apply(text, { create_namespaces = true }))
  end

  local function run(more)
    local arguments = {
      '--health-probe-bind-address', '127.0.0.1:0', '--metrics-bind-address', '127.0.0.1:0', '--kubeconfig', cluster.kubeconfig,
      '--election-namespace', 'kong', '--kong-admin-svc', 'kong/admin', '--kong-admin-request-timeout', '1s',
    }
    return table.move(more or {}, 1, #(more or {}), #arguments + 1, arguments)
  end

  setup(function() cluster = lab.apiserver() end)
  teardown(lab.stop_all)

  it('follows the endpoints of the Service, and of no other', function()
    apply { slice('admin-a', 'admin', { '198.51.100.1', '198.51.100.2' }), slice('other-a', 'other', { '198.51.100.9' }) }
    local running = program.start('run', run())
    running:wait_log('msg="Admin APIs found" namespace=kong service=admin endpoints=2')

    apply { slice('admin-b', 'admin', { '198.51.100.2', '198.51.100.3' }) }
    running:wait_log('msg="Admin APIs found" namespace=kong service=admin endpoints=3')
    local mark = running:mark()
    assert(cluster:delete('endpointslices.discovery.k8s.io', 'kong', 'admin-a'))
    running:wait_log('msg="Admin APIs found" namespace=kong service=admin endpoints=2', mark)

    running:stop()
  end)

  it('does not go with an address', function()
    local arguments = run { '--kong-admin-url', 'http://127.0.0.1:8001' }
    local _, errors, code = program.run('run', arguments)

    assert.equal(1, code)
    assert.match('%-%-kong%-admin%-svc and %-%-kong%-admin%-url exclude each other', errors)
  end)
end)
