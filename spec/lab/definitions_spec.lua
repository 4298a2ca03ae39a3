-- Our definitions of KIC's kinds, judged by a real API server: what users have applies, what KIC refuses is refused.
local lab = require 'spec.support.lab'

local function manifest(kind, version, body)
  local group = kind == 'KongServiceFacade' and 'incubator.ingress-controller.konghq.com' or 'configuration.konghq.com'
  return ('apiVersion: %s/%s\nkind: %s\nmetadata: { name: sample }\n%s\n'):format(group, version, kind, body)
end

local ACCEPTED = {
  { 'KongPlugin', 'v1', 'plugin: rate-limiting\nconfig: { minute: 5, any: { thing: [1, x] } }\nprotocols: [http, https]' },
  { 'KongPlugin', 'v1', 'plugin: x\nconfigFrom: { secretKeyRef: { name: s, key: k } }\nrun_on: first\nconsumerRef: bob' },
  { 'KongPlugin', 'v1', 'plugin: x\nconfigPatches: [{ path: /a, valueFrom: { secretKeyRef: { name: s, key: k } } }]' },
  { 'KongPlugin', 'v1', 'plugin: x\nordering: { before: { access: [key-auth] } }\ninstance_name: one\ndisabled: true' },
  { 'KongClusterPlugin', 'v1', 'plugin: x\nconfigFrom: { secretKeyRef: { name: s, key: k, namespace: secure } }' },
  { 'KongConsumer', 'v1', 'username: bob\ncredentials: [a, b]\nconsumerGroups: [gold]' },
  { 'KongConsumer', 'v1', 'custom_id: "7"\nspec: { controlPlaneRef: { type: kic }, tags: [a] }' },
  { 'KongConsumerGroup', 'v1beta1', 'spec: { name: gold }' },
  { 'KongIngress', 'v1',
    'upstream: { slots: 100, healthchecks: { threshold: 25.5 } }\nproxy: { path: / }\nroute: { methods: [GET] }' },
  { 'KongUpstreamPolicy', 'v1beta1',
    'spec: { algorithm: consistent-hashing, hashOn: { header: a }, hashOnFallback: { cookie: c, cookiePath: / } }' },
  { 'KongUpstreamPolicy', 'v1beta1',
    'spec: { algorithm: sticky-sessions, hashOn: { input: none }, stickySessions: { cookie: c } }' },
  { 'KongVault', 'v1alpha1', 'spec: { backend: env, prefix: p, config: { prefix: KONG_ } }' },
  { 'KongLicense', 'v1alpha1', 'rawLicenseString: text' },
  { 'KongCustomEntity', 'v1alpha1', 'spec: { type: degraphql_routes, controllerName: kong, fields: { uri: /, list: [1] } }' },
  { 'TCPIngress',
    'v1beta1',
    'spec: { rules: [{ host: a.b, port: 5432, backend: { serviceName: s, servicePort: 5432 } }],'
    .. ' tls: [{ hosts: [a.b], secretName: t }] }' },
  { 'UDPIngress', 'v1beta1', 'spec: { rules: [{ port: 53, backend: { serviceName: s, servicePort: 53 } }] }' },
  { 'IngressClassParameters', 'v1alpha1', 'spec: { serviceUpstream: true, enableLegacyRegexDetection: true }' },
  { 'KongServiceFacade', 'v1alpha1', 'spec: { backendRef: { name: s, port: 80 } }' },
}

local REFUSED = {
  { 'KongPlugin', 'v1', 'config: {}', 'plugin: Required' },
  { 'KongPlugin', 'v1', 'plugin: x\nconfig: {}\nconfigFrom: { secretKeyRef: { name: s, key: k } }', 'exclude each other' },
  { 'KongPlugin', 'v1', 'plugin: x\nprotocols: [ftp]', 'Unsupported value: "ftp"' },
  { 'KongClusterPlugin', 'v1', 'plugin: x\nconfigFrom: { secretKeyRef: { name: s, key: k } }', 'namespace: Required' },
  { 'KongConsumer', 'v1', 'credentials: [a]', 'username or custom_id' },
  { 'KongUpstreamPolicy', 'v1beta1', 'spec: { algorithm: round-robin, hashOn: { header: a } }', 'needs the algorithm' },
  { 'KongUpstreamPolicy', 'v1beta1',
    'spec: { algorithm: consistent-hashing, hashOn: { header: a, input: ip } }', 'takes one of' },
  { 'KongUpstreamPolicy', 'v1beta1', 'spec: { algorithm: consistent-hashing, hashOn: { cookie: a } }', 'cookiePath together' },
  { 'KongUpstreamPolicy', 'v1beta1',
    'spec: { algorithm: consistent-hashing, hashOn: { cookie: a, cookiePath: / }, hashOnFallback: { input: ip } }',
    'leaves nothing' },
  { 'KongUpstreamPolicy', 'v1beta1', 'spec: { healthchecks: { passive: { healthy: { interval: 5 } } } }', 'healthy.interval' },
  { 'KongUpstreamPolicy', 'v1beta1',
    'spec: { algorithm: sticky-sessions, hashOn: { header: a }, stickySessions: { cookie: c } }', "input 'none'" },
  { 'KongUpstreamPolicy', 'v1beta1', 'spec: { slots: 9 }', 'greater than or equal to 10' },
  { 'KongVault', 'v1alpha1', 'spec: { backend: env }', 'prefix: Required' },
  { 'KongCustomEntity', 'v1alpha1', 'spec: { type: services, controllerName: kong, fields: {} }', 'kind of its own' },
  { 'TCPIngress', 'v1beta1',
    'spec: { rules: [{ port: 0, backend: { serviceName: s, servicePort: 1 } }] }', 'greater than or equal to 1' },
  { 'KongServiceFacade', 'v1alpha1', 'spec: { backendRef: { name: s } }', 'port: Required' },
}

local SHORT_NAMES = {
  kp = 'KongPlugin', kcp = 'KongClusterPlugin', kc = 'KongConsumer', kcg = 'KongConsumerGroup', ki = 'KongIngress',
  kup = 'KongUpstreamPolicy', kv = 'KongVault', kl = 'KongLicense', kce = 'KongCustomEntity',
}

describe('the definitions', function()
  if lab.skip(pending) then return end
  local cluster

  setup(function()
    cluster = lab.apiserver()
    assert(cluster:apply_files('deploy/crds'))
  end)

  teardown(lab.stop_all)

  it('take what users have, keeping every field', function()
    for _, case in ipairs(ACCEPTED) do
      local applied, complaint = cluster:apply(manifest(case[1], case[2], case[3]), { dry_run = true })
      assert.truthy(applied, case[1] .. ': ' .. case[3] .. '\n' .. tostring(complaint))
    end
  end)

  it('refuse what KIC refuses, and say why', function()
    for _, case in ipairs(REFUSED) do
      local applied, complaint = cluster:apply(manifest(case[1], case[2], case[3]), { dry_run = true })
      assert.is_nil(applied, case[1] .. ' was taken: ' .. case[3])
      assert.match(case[4], complaint, 1, true)
    end
  end)

  it('do not let a plugin become another one', function()
    assert(cluster:apply(manifest('KongPlugin', 'v1', 'plugin: cors')))

    local applied, complaint = cluster:apply(manifest('KongPlugin', 'v1', 'plugin: acl'))

    assert.is_nil(applied)
    assert.match('plugin does not change', complaint, 1, true)
  end)

  it('start with the conditions and defaults that KIC starts with', function()
    assert(cluster:apply(manifest('KongConsumer', 'v1', 'username: bob')))
    assert(cluster:apply(manifest('KongLicense', 'v1alpha1', 'rawLicenseString: text')))

    local condition = cluster:get('KongConsumer', 'default', 'sample').status.conditions[1]

    assert.same({ 'Programmed', 'Unknown', 'Pending' }, { condition.type, condition.status, condition.reason })
    assert.is_true(cluster:get('KongLicense', '-', 'sample').enabled)
  end)

  it('have the short names that people type', function()
    local kinds = {}
    for _, definition in ipairs(assert(cluster:list('crd'))) do
      for _, short in ipairs(definition.spec.names.shortNames or {}) do kinds[short] = definition.spec.names.kind end
    end

    assert.same(SHORT_NAMES, kinds)
    assert.truthy(cluster:list('kup', 'default'))
  end)

  it('leave room for the Gateway API beside them', function()
    assert(cluster:gateway_api('experimental'))

    assert.truthy(cluster:list('gateway.networking.k8s.io/v1/HTTPRoute'))
    assert.truthy(cluster:list('gateway.networking.k8s.io/v1alpha2/TCPRoute'))
  end)
end)
