-- The chart and the plain manifests, judged by a real API server.
local json = require 'cjson'

local helm = require 'spec.support.helm'
local lab = require 'spec.support.lab'
local shell = require 'spec.support.shell'
local tables = require 'spec.deploy.chart_values'

local TOPOLOGIES = { 'traditional', 'hybrid', 'sidecar' }
local EVERYTHING = {
  networkPolicy = { enabled = true }, serviceMonitor = { enabled = true }, prometheusRule = { enabled = true },
  grafanaDashboard = { enabled = true },
  ingressController = { admissionWebhook = { enabled = true }, watchNamespaces = { 'shop' } },
}

describe('in a cluster', function()
  if lab.skip(pending) or helm.skip(pending) then return end
  local cluster

  local function text_of(list)
    return (json.encode { apiVersion = 'v1', kind = 'List', items = list }:gsub('\\/', '/'))
  end

  local function namespace(name, labels)
    return { apiVersion = 'v1', kind = 'Namespace', metadata = { name = name, labels = labels } }
  end

  local function in_cluster(...)
    return helm.run('--kubeconfig', cluster.kubeconfig, ...)
  end

  setup(function()
    cluster = lab.apiserver()
    assert(cluster:apply_files('deploy/crds', 'spec/deploy/definitions.yaml'))
    local list = {}
    for _, name in ipairs { 'kongruent', 'kong', 'cp', 'shop', 'blog', 'monitoring', 'grafana' } do list[#list + 1] = namespace(name) end
    list[#list + 1] = namespace('strict', { ['pod-security.kubernetes.io/enforce'] = 'restricted' })
    assert(cluster:apply(text_of(list)))
  end)

  teardown(lab.stop_all)

  local function assert_taken(text)
    local taken, complaint = cluster:apply(text, { dry_run = true })
    assert.truthy(taken, complaint)
  end

  for _, topology in ipairs(TOPOLOGIES) do
    it('takes the chart: ' .. topology, function()
      assert_taken(assert(helm.template(topology)))
      assert_taken(assert(helm.template(topology, EVERYTHING)))
    end)

    it('takes the plain manifests: ' .. topology, function()
      local files = { 'deploy/base', 'deploy/' .. topology, 'deploy/alerts/prometheus-rule.yaml' }
      local taken, complaint = cluster:apply(nil, { files = files, dry_run = true })
      assert.truthy(taken, complaint)
    end)

    it('takes the Pods under the restricted standard: ' .. topology, function()
      local objects = helm.by_name(helm.objects(assert(helm.template(topology))))
      local pods = { objects['Deployment/kongruent'].spec.template }
      local plain = assert(shell.read(('deploy/%s/deployment.yaml'):format(topology)))
      pods[2] = helm.objects(plain)[1].spec.template
      local account = { apiVersion = 'v1', kind = 'ServiceAccount', metadata = { name = 'kongruent', namespace = 'strict' } }
      assert(cluster:apply(text_of { account }))
      for index, pod in ipairs(pods) do
        pod.apiVersion, pod.kind, pod.metadata.name, pod.metadata.namespace = 'v1', 'Pod', 'kongruent-' .. index, 'strict'
        assert_taken(text_of { pod })
      end
    end)
  end

  for index, group in ipairs(tables.groups) do
    it(('takes the chart with every value of group %d'):format(index), function()
      assert_taken(assert(helm.template(group.topology, tables.values(group.rows))))
    end)
  end

  it('tells after an installation what else to do', function()
    local function notes(topology, values)
      local output = in_cluster('install', 'kongruent', helm.CHART, '--dry-run=server', '-n', 'kongruent', '-f',
        ('%s/ci/%s-values.yaml'):format(helm.CHART, topology), '-f', helm.values(values or {}))
      return assert(output):match '\nNOTES:\n(.+)'
    end
    local set = { ingressController = { env = { publish_service = '', kong_admin_tls_skip_verify = true } }, replicaCount = 1 }
    local told, quiet = notes('traditional', set), notes 'traditional'
    for _, words in ipairs { 'No address is published', 'are not verified', 'There is one replica' } do
      assert.match(words, told, 1, true)
      assert.is_nil(quiet:find(words, 1, true), words)
    end
    assert.match('db_update_frequency = 1', quiet, 1, true)
    assert.match('found through the Service kong/kong-control-plane-admin', notes 'hybrid', 1, true)
    assert.is_nil(notes('sidecar'):find('db_update_frequency', 1, true))
  end)

  it('installs, upgrades with the same certificate, and uninstalls', function()
    local values = helm.values(EVERYTHING)
    local sidecar = helm.CHART .. '/ci/sidecar-values.yaml'
    assert(in_cluster('install', 'edge', helm.CHART, '-n', 'kongruent', '-f', sidecar, '-f', values))
    local before = assert(cluster:get('Secret', 'kongruent', 'edge-kongruent-admission')).data

    assert(in_cluster('upgrade', 'edge', helm.CHART, '-n', 'kongruent', '-f', sidecar, '-f', values, '--set', 'replicaCount=3'))
    assert.equal(3, cluster:get('Deployment', 'kongruent', 'edge-kongruent').spec.replicas)
    assert.same(before, cluster:get('Secret', 'kongruent', 'edge-kongruent-admission').data)
    local hook = cluster:get('ValidatingWebhookConfiguration', '-', 'edge-kongruent')
    assert.equal(before['ca.crt'], hook.webhooks[1].clientConfig.caBundle)

    assert(in_cluster('uninstall', 'edge', '-n', 'kongruent'))
    for _, kind in ipairs {
      'Deployment', 'Service', 'Secret', 'ConfigMap', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass',
    } do
      assert.same({}, cluster:list(kind, '-', 'app.kubernetes.io/instance=edge'), kind)
    end
    assert.truthy(cluster:get('CustomResourceDefinition', '-', 'kongplugins.configuration.konghq.com'))
  end)
end)
