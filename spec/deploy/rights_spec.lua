-- Rights, both ways: the controller is refused nothing, and there is no right that it doesn't use. The API server's audit log
-- is the witness.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local helm = require 'spec.support.helm'
local lab = require 'spec.support.lab'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local OBJECTS = 'spec/deploy/rights_objects.yaml'
local ACCOUNT = 'system:serviceaccount:kongruent:kongruent'
local POLICY = [[
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{ level: Metadata, users: ['%s'] }]
]]
local GATES = 'KongServiceFacade=true,GatewayAlpha=true'
local POD = { 'POD_NAME=kongruent-0', 'POD_NAMESPACE=kongruent' }
local PROXY = [[
apiVersion: v1
kind: Service
metadata: { name: proxy, namespace: kong }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
---
]]
local CONSUMER = [[
apiVersion: configuration.konghq.com/v1
kind: KongConsumer
metadata: { name: bob, namespace: shop, annotations: { kubernetes.io/ingress.class: kong } }
username: bob
]]

local function sorted(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- 'verb group/resource' of rules.
local function grants(objects)
  local found = {}
  for _, object in ipairs(objects) do
    for _, rule in ipairs(object.rules or {}) do
      for _, resource in ipairs(rule.resources) do
        for _, verb in ipairs(rule.verbs) do found[('%s %s/%s'):format(verb, rule.apiGroups[1], resource)] = true end
      end
    end
  end
  return found
end

describe('rights', function()
  if program.skip(pending) or helm.skip(pending) or gateway.skip(pending, 'entities of any kind') then return end
  local cluster, proxy, kong, running, log

  before_each(function()
    local folder = shell.folder()
    log = folder .. '/audit'
    shell.write(folder .. '/policy', POLICY:format(ACCOUNT))
    cluster = lab.apiserver {
      flags = { '--audit-policy-file=' .. folder .. '/policy', '--audit-log-path=' .. log, '--audit-log-mode=blocking' },
    }
    assert(cluster:apply_files('deploy/crds'))
    assert(cluster:gateway_api('experimental'))
    assert(cluster:apply_files('deploy/base/namespace.yaml', OBJECTS))
    proxy = cluster:proxy()
    kong = gateway.start '--update-status'
  end)

  after_each(function()
    if running then running:stop() end
    running = nil
    kong:stop()
  end)

  teardown(lab.stop_all)

  -- What the controller did ('verb group/resource'), and what it was refused.
  local function seen()
    local done, refused = {}, {}
    for line in (shell.read(log) or ''):gmatch '[^\n]+' do
      local entry = json.decode(line)
      local what = entry.objectRef
      if what then
        local part = what.subresource and '/' .. what.subresource or ''
        local action = ('%s %s/%s%s'):format(entry.verb, what.apiGroup or '', what.resource, part)
        local code = entry.responseStatus.code
        if code == 403 then
          refused[('%s in %s'):format(action, what.namespace or 'the cluster')] = true
        else
          done[action] = true
          done[('%s in %s'):format(action, what.namespace or 'the cluster')] = true
        end
      end
    end
    return done, refused
  end

  -- Lists are streamed, as watches, unless the server can't: both ways are to be seen.
  local function start(flags)
    proxy:rule {
      action = 'fail', status = 422, query = 'sendInitialEvents', times = 0, body = '{"kind":"Status","code":422,"reason":"Invalid"}',
    }
    local account = proxy.client:as_service_account('kongruent', 'kongruent')
    running = program.controller { kubeconfig = account.kubeconfig, gateway = kong, more = flags, environment = POD }
    running:wait_status('leading', function(status) return status.leading and status.connected end)
  end

  -- A problem that is told twice is an Event that is patched.
  local function repeat_problem()
    for _ = 1, 2 do
      local mark = running:mark()
      assert(cluster:delete('Service', 'shop', 'app'))
      running:wait_log('msg=problem code=ServiceNotFound', mark)
      assert(cluster:apply_files(OBJECTS))
      running:wait_log('msg="problem is solved" code=ServiceNotFound', mark)
    end
  end

  local function wait_until_used(wanted)
    eventually('every right is used', function()
      local done = seen()
      local unused = {}
      for action in pairs(wanted) do
        if not done[action] then unused[action] = true end
      end
      return next(unused) == nil, table.concat(sorted(unused), ', ')
    end, 30)
  end

  local function assert_exact(granted)
    wait_until_used(granted)
    local done, refused = seen()
    assert.same({}, refused)
    for action in pairs(done) do
      assert.truthy(granted[action:match '^(.-) in ' or action], action .. ' was done, by a right that nothing here gives')
    end
  end

  it('are those that the controller uses, in the whole cluster', function()
    local files = { 'deploy/base/cluster-role.yaml', 'deploy/base/role.yaml' }
    assert(cluster:apply_files('deploy/base/service-account.yaml', table.unpack(files)))
    local granted = {}
    for _, path in ipairs(files) do
      for action in pairs(grants(helm.objects(shell.read(path)))) do granted[action] = true end
    end
    start {
      '--feature-gates', GATES, '--publish-status-address', '198.51.100.9', '--publish-status-address-udp', '198.51.100.9',
    }
    repeat_problem()
    assert_exact(granted)
  end)

  -- The release's variables as flags, but for those that the test chooses.
  local function flags_of(objects)
    local flags = {}
    for _, variable in ipairs(helm.find(objects['Deployment/kongruent'], 'spec.template.spec.containers[kongruent].env')) do
      local flag = (variable.name:match '^CONTROLLER_(.+)' or ''):lower():gsub('_', '-')
      if flag ~= '' and not flag:find '^kong%-admin%-[^s]' and not flag:find 'bind%-address$' then
        flags[#flags + 1] = ('--%s=%s'):format(flag, variable.value)
      end
    end
    return flags
  end

  it('are enough in the namespaces that are named, and none elsewhere', function()
    local values = {
      ingressController = {
        watchNamespaces = { 'shop' },
        env = { publish_service = 'kong/proxy', publish_service_udp = 'kong/proxy', feature_gates = GATES },
      },
    }
    local text = assert(helm.template('traditional', values))
    local roles = assert(helm.template('traditional', values, '--show-only', 'templates/rights.yaml'))
    assert(cluster:apply(PROXY .. text, { create_namespaces = true }))
    assert(cluster:status('Service', 'kong', 'proxy', { loadBalancer = { ingress = { { ip = '198.51.100.9' } } } }))
    start(flags_of(helm.by_name(helm.objects(text))))
    repeat_problem()
    assert_exact(grants(helm.objects(roles)))
    assert.is_true(seen()['watch /services in kong'])
    kong:stop() -- of which an Event at the Pod tells, once there is something to send
    assert(cluster:apply(CONSUMER))
    eventually('an Event at the Pod', function()
      local done, refused = seen()
      assert.same({}, refused)
      return done['create /events in kongruent']
    end)

    local account = cluster:as_service_account('kongruent', 'kongruent')
    assert.truthy(account:list('Secret', 'shop'))
    for _, namespace in ipairs { 'kong', 'kongruent', '-' } do
      local list, complaint = account:list('Secret', namespace)
      assert.is_nil(list)
      assert.match('forbidden', complaint)
    end
  end)

  it('reach the control planes beside the namespaces that are named', function()
    local plain = { tls = { caSecretName = '', client = { enabled = false } } }
    local values = { ingressController = { watchNamespaces = { 'shop' }, adminApi = plain } }
    local text = assert(helm.template('hybrid', values))
    assert(cluster:apply(text, { create_namespaces = true }))
    local account = cluster:as_service_account('kongruent', 'kongruent')
    local arguments = flags_of(helm.by_name(helm.objects(text)))
    for _, flag in ipairs {
      '--kubeconfig=' .. account.kubeconfig, '--election-namespace=kongruent', '--health-probe-bind-address=127.0.0.1:0',
      '--metrics-bind-address=127.0.0.1:0',
    } do arguments[#arguments + 1] = flag end
    running = program.start('run', arguments, POD)
    running:wait_log('msg="Admin APIs found"')

    local done, refused = seen()
    assert.same({}, refused)
    assert.is_true(done['watch discovery.k8s.io/endpointslices in kong'])
  end)
end)
