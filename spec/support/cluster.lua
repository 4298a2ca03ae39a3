-- A real cluster with what deploy/ installs, and the account that the controller runs under.
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'

local cluster = {}

-- Gives a client of the administrator; its `controller` is a client with the controller's rights only.
function cluster.start(options)
  local made = lab.apiserver(options)
  assert(made:apply_files('deploy/crds'))
  assert(made:apply_files('deploy/base/namespace.yaml', 'deploy/base/service-account.yaml', 'deploy/base/cluster-role.yaml',
    'deploy/base/role.yaml', 'deploy/base/ingress-class.yaml'))
  made.controller = made:as_service_account('kongruent', 'kongruent')
  return made
end

-- Applies objects, makes namespaces that are missing; uids are the cluster's to give.
function cluster.apply(client, list)
  for _, object in ipairs(list) do
    object.metadata.uid = nil
    object.metadata.creationTimestamp = nil
    if object.kind == 'EndpointSlice' then object.addressType = 'IPv4' end
  end
  assert(client:apply(manifests.text(list), { create_namespaces = true }))
end

return cluster
