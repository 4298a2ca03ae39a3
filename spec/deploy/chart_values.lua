-- What each value of the chart does, and what bad values are told.
local DEPLOYMENT, POD = 'Deployment/kongruent', 'spec.template.spec.'
local CONTAINER, KONG = POD .. 'containers[kongruent].', POD .. 'containers[proxy].'
local POLICY, BUDGET, WEBHOOKS = 'NetworkPolicy/kongruent', 'PodDisruptionBudget/kongruent', 'ValidatingWebhookConfiguration/kongruent'
local MONITOR, DASHBOARD = 'ServiceMonitor/kongruent', 'ConfigMap/kongruent-dashboard'
local ENV = CONTAINER .. 'env[CONTROLLER_'
local PROXY, METRICS = 'Service/kongruent-proxy', 'Service/kongruent-metrics'
local ISSUER = { name = 'us', kind = 'ClusterIssuer' }
local PEER = { namespaceSelector = { matchLabels = { name = 'monitoring' } } }
local RULE = "return { api = 1, adjusts = 'route', adjust = function(ctx, entity) return entity end }\n"

local M = {}

-- Rows of a group are rendered together: { path, value, object, path in it, expected (default: the value; false: nothing is there) }.
M.groups = {
  {
    topology = 'traditional',
    rows = {
      { 'extraLabels', { team = 'edge' }, DEPLOYMENT, 'metadata.labels.team', 'edge' },
      { 'replicaCount', 3, DEPLOYMENT, 'spec.replicas' },
      { 'updateStrategy', { type = 'Recreate' }, DEPLOYMENT, 'spec.strategy' },
      { 'terminationGracePeriodSeconds', 45, DEPLOYMENT, POD .. 'terminationGracePeriodSeconds' },
      { 'priorityClassName', 'system-cluster-critical', DEPLOYMENT, POD .. 'priorityClassName' },
      { 'nodeSelector', { zone = 'a' }, DEPLOYMENT, POD .. 'nodeSelector' },
      { 'tolerations', { { operator = 'Exists' } }, DEPLOYMENT, POD .. 'tolerations' },
      { 'affinity', { podAntiAffinity = {} }, DEPLOYMENT, POD .. 'affinity' },
      { 'topologySpreadConstraints', { { maxSkew = 1, topologyKey = 'zone', whenUnsatisfiable = 'ScheduleAnyway' } }, DEPLOYMENT,
        POD .. 'topologySpreadConstraints[1].labelSelector.matchLabels',
        { ['app.kubernetes.io/name'] = 'kongruent', ['app.kubernetes.io/instance'] = 'kongruent' } },
      { 'deploymentAnnotations', { a = 'b' }, DEPLOYMENT, 'metadata.annotations' },
      { 'podAnnotations', { c = 'd' }, DEPLOYMENT, 'spec.template.metadata.annotations.c', 'd' },
      { 'podLabels', { e = 'f' }, DEPLOYMENT, 'spec.template.metadata.labels.e', 'f' },
      { 'dnsPolicy', 'Default', DEPLOYMENT, POD .. 'dnsPolicy' },
      { 'dnsConfig', { nameservers = { '192.0.2.53' } }, DEPLOYMENT, POD .. 'dnsConfig' },
      { 'securityContext', { runAsUser = 65532 }, DEPLOYMENT, POD .. 'securityContext.runAsUser', 65532 },
      { 'containerSecurityContext', { privileged = false }, DEPLOYMENT, CONTAINER .. 'securityContext.privileged', false },
      { 'deployment.revisionHistoryLimit', 3, DEPLOYMENT, 'spec.revisionHistoryLimit' },
      { 'deployment.minReadySeconds', 7, DEPLOYMENT, 'spec.minReadySeconds' },
      { 'deployment.serviceAccount.annotations', { g = 'h' }, 'ServiceAccount/kongruent', 'metadata.annotations' },
      { 'deployment.hostAliases', { { ip = '192.0.2.1', hostnames = { 'kong' } } }, DEPLOYMENT, POD .. 'hostAliases' },
      { 'deployment.initContainers', { { name = 'first', image = 'busybox' } }, DEPLOYMENT, POD .. 'initContainers' },
      { 'deployment.sidecarContainers', { { name = 'mesh', image = 'mesh' } }, DEPLOYMENT, POD .. 'containers[mesh].image', 'mesh' },
      { 'deployment.userDefinedVolumes', { { name = 'mine', emptyDir = { medium = 'Memory' } } }, DEPLOYMENT,
        POD .. 'volumes[mine].emptyDir.medium', 'Memory' },
      { 'podDisruptionBudget.enabled', true, BUDGET, 'kind', 'PodDisruptionBudget' },
      { 'podDisruptionBudget.minAvailable', '50%', BUDGET, 'spec.minAvailable' },
      { 'podDisruptionBudget.unhealthyPodEvictionPolicy', 'AlwaysAllow', BUDGET, 'spec.unhealthyPodEvictionPolicy' },
      { 'ingressController.image.repository', 'example.net/kongruent', DEPLOYMENT, CONTAINER .. 'image', 'example.net/kongruent:9.9' },
      { 'ingressController.image.tag', '9.9', DEPLOYMENT, CONTAINER .. 'image', 'example.net/kongruent:9.9' },
      { 'ingressController.image.pullPolicy', 'Always', DEPLOYMENT, CONTAINER .. 'imagePullPolicy' },
      { 'ingressController.image.pullSecrets', { 'pull' }, DEPLOYMENT, POD .. 'imagePullSecrets[pull].name', 'pull' },
      { 'ingressController.env', { policy = 'observe', kong_admin_token = { valueFrom = { secretKeyRef = { name = 'x', key = 'y' } } } },
        DEPLOYMENT, ENV .. 'KONG_ADMIN_TOKEN].valueFrom.secretKeyRef.key', 'y' },
      { 'ingressController.customEnv', { tz = 'UTC' }, DEPLOYMENT, CONTAINER .. 'env[TZ].value', 'UTC' },
      { 'ingressController.envFrom', { { secretRef = { name = 'more' } } }, DEPLOYMENT, CONTAINER .. 'envFrom' },
      { 'ingressController.args', { '--log-level=debug' }, DEPLOYMENT, CONTAINER .. 'args', { 'run', '--log-level=debug' } },
      { 'ingressController.adminApi.tls.caSecretName', 'authority', DEPLOYMENT, POD .. 'volumes[admin-ca].secret.secretName' },
      { 'ingressController.adminApi.tls.caSecretKey', 'tls.crt', DEPLOYMENT, ENV .. 'KONG_ADMIN_CA_CERT_FILE].value',
        '/etc/kong-admin/ca/tls.crt' },
      { 'ingressController.adminApi.tls.client.enabled', true, DEPLOYMENT, ENV .. 'KONG_ADMIN_TLS_CLIENT_KEY_FILE].value',
        '/etc/kong-admin/client/tls.key' },
      { 'ingressController.adminApi.tls.client.secretName', 'client', DEPLOYMENT, POD .. 'volumes[admin-client].secret.secretName' },
      { 'ingressController.ingressClass', 'edge', 'IngressClass/edge', 'spec.controller', 'ingress-controllers.konghq.com/kong' },
      { 'ingressController.ingressClassAnnotations', { i = 'j' }, 'IngressClass/edge', 'metadata.annotations' },
      { 'ingressController.watchNamespaces', { 'shop', 'blog' }, DEPLOYMENT, ENV .. 'WATCH_NAMESPACE].value', 'shop,blog' },
      { 'ingressController.rules.files', { ['10-mine.lua'] = RULE }, 'ConfigMap/kongruent-rules', 'data' },
      { 'ingressController.ports.health', 8081, DEPLOYMENT, CONTAINER .. 'ports[health].containerPort' },
      { 'ingressController.ports.metrics', 8082, METRICS, 'spec.ports[metrics].port' },
      { 'ingressController.livenessProbe', { timeoutSeconds = 3 }, DEPLOYMENT, CONTAINER .. 'livenessProbe.timeoutSeconds', 3 },
      { 'ingressController.readinessProbe', { timeoutSeconds = 4 }, DEPLOYMENT, CONTAINER .. 'readinessProbe.timeoutSeconds', 4 },
      { 'ingressController.resources.limits', { cpu = '2' }, DEPLOYMENT, CONTAINER .. 'resources.limits.cpu', '2' },
      { 'ingressController.resources.requests', { cpu = '1' }, DEPLOYMENT, CONTAINER .. 'resources.requests.cpu', '1' },
      { 'ingressController.userDefinedVolumeMounts', { { name = 'mine', mountPath = '/mine' } }, DEPLOYMENT,
        CONTAINER .. 'volumeMounts[mine].mountPath', '/mine' },
    },
  },
  {
    topology = 'hybrid',
    rows = {
      { 'nameOverride', 'edge', 'Deployment/gate', 'spec.selector.matchLabels', {
        ['app.kubernetes.io/name'] = 'edge', ['app.kubernetes.io/instance'] = 'kongruent' } },
      { 'fullnameOverride', 'gate', 'Deployment/gate', ENV .. 'ELECTION_ID].value', 'gate' },
      { 'deployment.serviceAccount.create', false, 'ServiceAccount/gate', '', false },
      { 'deployment.serviceAccount.name', 'theirs', 'Deployment/gate', POD .. 'serviceAccountName' },
      { 'podDisruptionBudget.maxUnavailable', 2, 'PodDisruptionBudget/gate', 'spec.maxUnavailable' },
      { 'ingressController.gatewayDiscovery.enabled', true, 'Deployment/gate', ENV .. 'KONG_ADMIN_SVC].value', 'cp/admin' },
      { 'ingressController.gatewayDiscovery.adminApiService.namespace', 'cp', 'Deployment/gate',
        ENV .. 'KONG_ADMIN_SVC].value', 'cp/admin' },
      { 'ingressController.gatewayDiscovery.adminApiService.name', 'admin', 'Deployment/gate',
        ENV .. 'KONG_ADMIN_SVC].value', 'cp/admin' },
      { 'ingressController.createIngressClass', false, 'IngressClass/kong', '', false },
      { 'ingressController.rbac.create', false, 'ClusterRole/gate', '', false },
      { 'ingressController.rules.configMap', 'own-rules', 'Deployment/gate', POD .. 'volumes[rules].configMap.name' },
    },
  },
  {
    topology = 'sidecar',
    rows = {
      { 'deployment.kong.enabled', true, DEPLOYMENT, ENV .. 'KONG_ADMIN_URL].value', 'http://localhost:8001' },
      { 'deployment.userDefinedVolumeMounts', { { name = 'kong-tmp', mountPath = '/more' } }, DEPLOYMENT,
        KONG .. 'volumeMounts[3].mountPath', '/more' },
      { 'image.repository', 'example.net/kong', DEPLOYMENT, KONG .. 'image', 'example.net/kong:3.10' },
      { 'image.tag', '3.10', DEPLOYMENT, POD .. 'initContainers[migrations].image', 'example.net/kong:3.10' },
      { 'image.pullPolicy', 'Never', DEPLOYMENT, KONG .. 'imagePullPolicy' },
      { 'image.pullSecrets', { 'pull' }, DEPLOYMENT, POD .. 'imagePullSecrets[pull].name', 'pull' },
      { 'env', { log_level = 'warn' }, DEPLOYMENT, KONG .. 'env[KONG_LOG_LEVEL].value', 'warn' },
      { 'migrations.init', true, DEPLOYMENT, POD .. 'initContainers[migrations].command', { 'kong', 'migrations', 'bootstrap' } },
      { 'proxy.enabled', true, DEPLOYMENT, ENV .. 'PUBLISH_SERVICE].value', 'kongruent/kongruent-proxy' },
      { 'proxy.annotations', { k = 'l' }, PROXY, 'metadata.annotations' },
      { 'proxy.labels', { m = 'n' }, PROXY, 'metadata.labels.m', 'n' },
      { 'proxy.externalTrafficPolicy', 'Local', PROXY, 'spec.externalTrafficPolicy' },
      { 'proxy.loadBalancerClass', 'example.net/one', PROXY, 'spec.loadBalancerClass' },
      { 'proxy.loadBalancerSourceRanges', { '192.0.2.0/24' }, PROXY, 'spec.loadBalancerSourceRanges' },
      { 'proxy.http.enabled', false, PROXY, 'spec.ports[http]', false },
      { 'proxy.http.servicePort', 81, PROXY, 'spec.ports[http]', false },
      { 'proxy.http.containerPort', 8005, DEPLOYMENT, KONG .. 'ports[proxy].containerPort' },
      { 'proxy.tls.enabled', true, DEPLOYMENT, KONG .. 'env[KONG_PROXY_LISTEN].value', '0.0.0.0:8444 ssl http2' },
      { 'proxy.tls.servicePort', 444, PROXY, 'spec.ports[https].port' },
      { 'proxy.tls.containerPort', 8444, PROXY, 'spec.ports[https].targetPort' },
      { 'resources.limits', { memory = '2Gi' }, DEPLOYMENT, KONG .. 'resources.limits' },
      { 'resources.requests', { memory = '1Gi' }, DEPLOYMENT, KONG .. 'resources.requests' },
      { 'lifecycle', { postStart = { sleep = { seconds = 1 } } }, DEPLOYMENT, KONG .. 'lifecycle.postStart.sleep.seconds', 1 },
      { 'networkPolicy.enabled', true, POLICY, 'spec.policyTypes', { 'Ingress', 'Egress' } },
      { 'networkPolicy.metricsFrom', { PEER }, POLICY, 'spec.ingress[2].from' },
      { 'networkPolicy.egress', { { ports = { { port = 443 } } } }, POLICY, 'spec.egress[2].ports[1].port', 443 },
    },
  },
  {
    topology = 'traditional',
    rows = {
      { 'serviceMonitor.enabled', true, MONITOR, 'spec.endpoints[1].port', 'metrics' },
      { 'serviceMonitor.namespace', 'monitoring', MONITOR, 'metadata.namespace' },
      { 'serviceMonitor.labels', { release = 'prometheus' }, MONITOR, 'metadata.labels.release', 'prometheus' },
      { 'serviceMonitor.interval', '5s', MONITOR, 'spec.endpoints[1].interval' },
      { 'serviceMonitor.honorLabels', true, MONITOR, 'spec.endpoints[1].honorLabels' },
      { 'serviceMonitor.targetLabels', { 'team' }, MONITOR, 'spec.targetLabels' },
      { 'serviceMonitor.relabelings', { { action = 'labeldrop', regex = 'x' } }, MONITOR, 'spec.endpoints[1].relabelings' },
      { 'serviceMonitor.metricRelabelings', { { action = 'labeldrop', regex = 'y' } }, MONITOR, 'spec.endpoints[1].metricRelabelings' },
      { 'prometheusRule.enabled', true, 'PrometheusRule/kongruent', 'spec.groups[1].rules[1].alert', 'KongruentDown' },
      { 'prometheusRule.namespace', 'monitoring', 'PrometheusRule/kongruent', 'metadata.namespace' },
      { 'prometheusRule.labels', { release = 'prometheus' }, 'PrometheusRule/kongruent', 'metadata.labels.release', 'prometheus' },
      { 'grafanaDashboard.enabled', true, DASHBOARD, 'kind', 'ConfigMap' },
      { 'grafanaDashboard.namespace', 'grafana', DASHBOARD, 'metadata.namespace' },
      { 'grafanaDashboard.labels', { dashboards = 'yes' }, DASHBOARD, 'metadata.labels.dashboards', 'yes' },
      { 'grafanaDashboard.annotations', { folder = 'Kong' }, DASHBOARD, 'metadata.annotations' },
      { 'ingressController.admissionWebhook.enabled', true, DEPLOYMENT, ENV .. 'ADMISSION_WEBHOOK_LISTEN].value', ':9443' },
      { 'ingressController.admissionWebhook.port', 9443, DEPLOYMENT, CONTAINER .. 'ports[admission].containerPort' },
      { 'ingressController.admissionWebhook.failurePolicy', 'Fail', WEBHOOKS, 'webhooks[1].failurePolicy' },
      { 'ingressController.admissionWebhook.matchPolicy', 'Exact', WEBHOOKS, 'webhooks[2].matchPolicy' },
      { 'ingressController.admissionWebhook.timeoutSeconds', 3, WEBHOOKS, 'webhooks[1].timeoutSeconds' },
      { 'ingressController.admissionWebhook.namespaceSelector', { matchLabels = { a = 'b' } }, WEBHOOKS, 'webhooks[1].namespaceSelector' },
      { 'ingressController.admissionWebhook.objectSelector', { matchLabels = { c = 'd' } }, WEBHOOKS, 'webhooks[1].objectSelector' },
      { 'ingressController.admissionWebhook.service.labels', { o = 'p' }, 'Service/kongruent-admission', 'metadata.labels.o', 'p' },
      { 'ingressController.admissionWebhook.certificate.provided', true, 'Secret/given', '', false },
      { 'ingressController.admissionWebhook.certificate.secretName', 'given', DEPLOYMENT, POD .. 'volumes[admission].secret.secretName' },
      { 'ingressController.admissionWebhook.certificate.caBundle', 'PEM', WEBHOOKS, 'webhooks[1].clientConfig.caBundle', 'UEVN' },
    },
  },
  { topology = 'sidecar', rows = { { 'proxy.type', 'NodePort', PROXY, 'spec.type' } } },
  {
    topology = 'traditional',
    rows = {
      { 'ingressController.admissionWebhook.enabled', true, 'Secret/kongruent-admission', '', false },
      { 'ingressController.admissionWebhook.certificate.certManager.enabled', true, WEBHOOKS, 'metadata.annotations',
        { ['cert-manager.io/inject-ca-from'] = 'kongruent/kongruent-admission' } },
      { 'ingressController.admissionWebhook.certificate.certManager.issuerRef', ISSUER,
        'Certificate/kongruent-admission', 'spec.issuerRef' },
    },
  },
}

-- { path, value, what is said }; all are rendered over the values of the topology "traditional".
M.refused = {
  { 'replicaCount', 'two', "at '/replicaCount': got string, want integer" },
  { 'replicaCount', -1, "at '/replicaCount': minimum" },
  { 'replicas', 2, "additional properties 'replicas' not allowed" },
  { 'ingressController.env', { kong_admin_ulr = 'x' }, "at '/ingressController/env': additional properties 'kong_admin_ulr' not allowed" },
  { 'ingressController.env', { policy = 'all' }, "'all' does not match pattern '^(sync|upsert-only|observe)$'" },
  { 'ingressController.env', { kong_version = 3.9 }, "at '/ingressController/env/kong_version': got number, want string or object" },
  { 'ingressController.env', { kong_admin_concurrency = 'many' }, "'many' does not match pattern '^[0-9]+$'" },
  { 'ingressController.env', { update_status = 'yes' }, "'yes' does not match pattern '^(true|false)$'" },
  { 'ingressController.env', { publish_service = { valueFrom = { secretKeyRef = { name = 'x' } } } },
    "at '/ingressController/env/publish_service': got object, want string" },
  { 'ingressController.env', { kong_admin_token = { secretKeyRef = { name = 'x' } } }, "missing property 'valueFrom'" },
  { 'ingressController.args', { 'log-level=debug' }, "'log-level=debug' does not match pattern '^--'" },
  { 'ingressController.ports.metrics', 70000, "at '/ingressController/ports/metrics': maximum" },
  { 'ingressController.watchNamespaces', 'shop', "at '/ingressController/watchNamespaces': got string, want array" },
  { 'ingressController.watchNamespaces', { 'Shop' }, "'Shop' does not match pattern" },
  { 'ingressController.rules.files', { ['mine.txt'] = '' }, "'mine.txt' does not match pattern" },
  { 'ingressController.rules', { files = { ['a.lua'] = '' }, configMap = 'b' }, 'ingressController.rules has files and a configMap' },
  { 'ingressController.adminApi.tls.client.enabled', true, 'ingressController.adminApi.tls.client.secretName is empty' },
  { 'ingressController.gatewayDiscovery', { enabled = true, adminApiService = { name = 'x' } },
    'several topologies are asked for: hybrid, traditional' },
  { 'ingressController.env', { kong_admin_url = '' }, 'no gateway is named. Set one of: ingressController.env.kong_admin_url' },
  { 'deployment.kong.enabled', true, 'several topologies are asked for: sidecar, traditional' },
  { 'deployment.serviceAccount.create', false, 'deployment.serviceAccount.name is empty' },
  { 'podDisruptionBudget', { minAvailable = 1, maxUnavailable = 1 }, 'podDisruptionBudget has minAvailable and maxUnavailable' },
  { 'podDisruptionBudget', { minAvailable = 'half' }, "'half' does not match pattern" },
  { 'networkPolicy.enabled', 'yes', "at '/networkPolicy/enabled': got string, want boolean" },
  { 'proxy.type', 'External', "value must be one of 'ClusterIP', 'LoadBalancer', 'NodePort'" },
  { 'ingressController.admissionWebhook', { enabled = true, certificate = { provided = true } }, 'certificate.secretName is empty' },
  { 'ingressController.admissionWebhook',
    { enabled = true, certificate = { provided = true, secretName = 'x', certManager = { enabled = true } } },
    'provided and from cert-manager: choose one' },
  { 'controller', { ingressController = {} },
    "`controller` is a part of Kong's chart kong/ingress: move what is under `controller` to the top" },
  { 'gateway', { enabled = true }, "`gateway` is a part of Kong's chart kong/ingress: this chart installs no gateway" },
}

-- The values of rows, as one table.
function M.values(rows)
  local values = {}
  for _, row in ipairs(rows) do M.put(values, row[1], row[2]) end
  return values
end

-- Puts a value where a dotted path leads.
function M.put(values, path, value)
  local part = values
  for key in path:gmatch '([^.]+)%.' do
    part[key] = part[key] or {}
    part = part[key]
  end
  part[path:match '[^.]+$'] = value
end

return M
