-- The problems of files, of a cluster, and of files laid over a cluster.
local cluster = require 'spec.support.cluster'
local json = require 'cjson'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local function codes(output)
  local list = {}
  for _, finding in ipairs(json.decode(output)) do list[#list + 1] = finding.code .. ' ' .. finding.name end
  table.sort(list)
  return table.concat(list, ', ')
end

describe('analyze', function()
  if program.skip(pending) then return end
  local kube, folder

  setup(function()
    kube = cluster.start()
    cluster.apply(kube, manifests.set('shop', 'app', { annotations = { ['konghq.com/plugins'] = 'limit' } }))
    folder = shell.folder()
    manifests.write(folder, 'plugin.yaml', { manifests.plugin('shop', 'limit', 'rate-limiting', { minute = 5, policy = 'local' }) })
  end)

  teardown(lab.stop_all)

  it('finds what is wrong in a cluster, with cause and remedy, and exits 2', function()
    local output, complaint, code = program.run('analyze', { '--source', 'kube', '--kubeconfig', kube.controller.kubeconfig, '-o', 'json' })

    assert.equal(2, code, complaint)
    assert.equal('PluginNotFound app', codes(output))
    assert.match('Create the plugin', output)
  end)

  it('finds nothing when the files laid over the cluster bring what is missing', function()
    local output, complaint, code = program.run('analyze',
      { '--source', 'kube', '--kubeconfig', kube.controller.kubeconfig, '-f', folder, '-o', 'json' })

    assert.equal(0, code, complaint)
    assert.equal('', codes(output))
  end)

  it('judges files alone without a cluster', function()
    local broken = shell.folder()
    local list = { manifests.class() }
    for _, object in ipairs(manifests.set('shop', 'app')) do
      if object.kind == 'Ingress' then list[#list + 1] = object end
    end
    manifests.write(broken, 'app.yaml', list)

    local output, _, code = program.run('analyze', { '-f', broken, '-o', 'json' })

    assert.equal(2, code)
    assert.match('ServiceNotFound app', codes(output))
  end)
end)
