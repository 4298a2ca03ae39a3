-- The lab itself: what every test that stands on it takes for granted.
local lab = require 'spec.support.lab'

local INGRESS = [[
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: default, uid: 15aa13aa-baa5-5c5a-9d63-d1f6157c9a90 }
spec:
  ingressClassName: kong
  rules:
    - host: shop.example.net
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }
]]

local function config_map(name)
  return ('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","namespace":"default"}}'):format(name)
end

describe('the lab', function()
  if lab.skip(pending) then return end
  local cluster

  setup(function()
    cluster = lab.apiserver()
    assert(cluster:apply_files('deploy/crds'))
    assert(cluster:apply_files('deploy/base/namespace.yaml', 'deploy/base/service-account.yaml',
      'deploy/base/cluster-role.yaml', 'deploy/base/role.yaml'))
  end)

  teardown(lab.stop_all)

  it('gives back an object that was applied, whatever uid the manifest had', function()
    assert(cluster:apply(INGRESS))

    local ingress = cluster:get('networking.k8s.io/v1/Ingress', 'default', 'shop')

    assert.equal('kong', ingress.spec.ingressClassName)
    assert.not_equal('15aa13aa-baa5-5c5a-9d63-d1f6157c9a90', ingress.metadata.uid)
  end)

  it('finds a kind by any of its names', function()
    for _, kind in ipairs { 'ConfigMap', 'configmaps', 'cm', 'v1/ConfigMap' } do
      assert.truthy(cluster:list(kind, 'kube-system'))
    end
  end)

  it('writes a status and waits for it by a watch', function()
    assert(cluster:apply(INGRESS))

    assert(cluster:status('Ingress', 'default', 'shop', { loadBalancer = { ingress = { { ip = '192.0.2.7' } } } }))
    local ingress = cluster:wait('Ingress', 'default', 'shop', '{.status.loadBalancer.ingress[0].ip}=192.0.2.7')

    assert.equal('192.0.2.7', ingress.status.loadBalancer.ingress[1].ip)
  end)

  it('deletes an object, and does not mind that it is gone', function()
    assert(cluster:apply(config_map('short-lived')))

    assert(cluster:delete('ConfigMap', 'default', 'short-lived'))
    assert(cluster:delete('ConfigMap', 'default', 'short-lived'))

    assert.truthy(cluster:wait('ConfigMap', 'default', 'short-lived', 'deleted'))
  end)

  it('empties and removes a namespace', function()
    assert(cluster:apply(config_map('x'):gsub('"default"', '"doomed"'), { create_namespaces = true }))

    assert(cluster:finalize('doomed'))

    local namespace, complaint = cluster:get('Namespace', '-', 'doomed')
    assert.is_nil(namespace)
    assert.match('not found', complaint)
  end)

  it('lets the controller do what its role says and nothing else', function()
    local controller = cluster:as_service_account('kongruent', 'kongruent')
    assert(cluster:apply(INGRESS))

    assert.truthy(controller:list('Ingress'))
    assert.truthy(controller:list('KongPlugin'))
    assert.truthy(controller:status('Ingress', 'default', 'shop', { loadBalancer = {} }))

    local lease = '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"x","namespace":"%s"}}'
    for _, refused in ipairs {
      { controller:apply(lease:format('kongruent')) },
      { controller:apply(lease:format('default')) },
      { controller:apply(config_map('mine')) },
      { controller:delete('Ingress', 'default', 'shop') },
      { controller:list('Pod') },
    } do
      assert.is_nil(refused[1])
      assert.match('forbidden', refused[2])
    end
  end)

  it('refuses a ServiceAccount without any role', function()
    local nobody = cluster:as_service_account('default', 'nobody')

    local list, complaint = nobody:list('Ingress', 'default')

    assert.is_nil(list)
    assert.match('system:serviceaccount:default:nobody', complaint, 1, true)
  end)
end)
