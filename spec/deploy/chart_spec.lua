-- The chart: what its values do, that bad ones are refused, and that it agrees with the program and with the plain manifests.
local json = require 'cjson'

local helm = require 'spec.support.helm'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'
local tables = require 'spec.deploy.chart_values'

local TOPOLOGIES = { 'traditional', 'hybrid', 'sidecar' }

local function read(path)
  return (assert(shell.read(path), path))
end

-- Every value that the schema lists, by path.
local function documented()
  local schema, found = json.decode(read 'deploy/chart/values.schema.json'), {}
  local function walk(part, path)
    local name = part['$ref'] and part['$ref']:match '[^/]+$'
    part = name and schema.definitions[name] or part
    if part.properties and name ~= 'controllerEnv' and part.type == 'object' then
      for key, inner in pairs(part.properties) do walk(inner, path .. '.' .. key) end
    else
      found[path:sub(2)] = true
    end
  end
  walk(schema, '')
  found.controller, found.gateway, found.global = nil, nil, nil -- refused with a word, or Helm's own
  return found
end

-- 'group/resource verb' of all rules, names included where there are some.
local function grants(rules)
  local found = {}
  for _, rule in ipairs(rules) do
    for _, group in ipairs(rule.apiGroups) do
      for _, resource in ipairs(rule.resources) do
        for _, verb in ipairs(rule.verbs) do
          found[('%s/%s %s %s'):format(group, resource, verb, table.concat(rule.resourceNames or {}, ','))] = true
        end
      end
    end
  end
  return found
end

describe('the chart', function()
  if helm.skip(pending) then return end

  local function rendered(topology, values, ...)
    return helm.by_name(helm.objects(assert(helm.template(topology, values, ...))))
  end

  for _, topology in ipairs(TOPOLOGIES) do
    it('passes helm lint: ' .. topology, function()
      local output, complaint = helm.run('lint', '--strict', helm.CHART, '-f', ('%s/ci/%s-values.yaml'):format(helm.CHART, topology))
      assert.truthy(output, complaint)
    end)
  end

  for index, group in ipairs(tables.groups) do
    it(('does what each value says (%s %d)'):format(group.topology, index), function()
      local objects = rendered(group.topology, tables.values(group.rows))

      for _, row in ipairs(group.rows) do
        local path, value, object, place, expected = table.unpack(row, 1, 5)
        if expected == nil then expected = value end
        local found = objects[object] and (place == '' and objects[object] or helm.find(objects[object], place))
        if expected == false and found == nil then found = false end
        assert.same(expected, found, ('%s: %s %s'):format(path, object, place))
      end
    end)
  end

  it('has a row here and a line in values.yaml for each value', function()
    local wanted, defaults = documented(), helm.objects(read 'deploy/chart/values.yaml')[1]
    for path in pairs(wanted) do
      local parent, key = path:match '^(.-)%.?([^.]+)$'
      local place = parent == '' and defaults or helm.find(defaults, parent)
      local open = path:find 'resources%.' -- Kubernetes' own, not all with a default
      assert.truthy(open or (place and place[key] ~= nil), path .. ' is not in values.yaml')
    end
    for _, group in ipairs(tables.groups) do
      for _, row in ipairs(group.rows) do wanted[row[1]] = nil end
    end
    assert.same({}, wanted)
  end)

  for _, row in ipairs(tables.refused) do
    local path, value, complaint = table.unpack(row)
    it(('refuses %s = %s'):format(path, json.encode(value)), function()
      local output, said = helm.template('traditional', tables.values { row })
      assert.is_nil(output)
      assert.match(complaint, said, 1, true)
    end)
  end

  it('gives the program only variables that it knows', function()
    local known = program.run('help', { '--markdown' })
    local admission = 0
    for _, topology in ipairs(TOPOLOGIES) do
      local objects = rendered(topology, {
        ingressController = { admissionWebhook = { enabled = true }, rules = { configMap = 'x' } },
      })
      for _, variable in ipairs(helm.find(objects['Deployment/kongruent'], 'spec.template.spec.containers[kongruent].env')) do
        local flag = (variable.name:match '^CONTROLLER_(.+)' or ''):lower():gsub('_', '-')
        if flag ~= '' and not known:find('`--' .. flag .. '`', 1, true) then
          assert.match('^admission%-webhook%-', flag, topology)
          admission = admission + 1
        end
      end
    end
    if admission > 0 then pending 'the program has no --admission-webhook-listen yet, so admissionWebhook.enabled is of no use' end
  end)

  it('grants what the plain manifests grant', function()
    local objects = rendered('traditional')
    local plain = { ['ClusterRole/kongruent'] = 'deploy/base/cluster-role.yaml', ['Role/kongruent-leader'] = 'deploy/base/role.yaml' }
    for name, path in pairs(plain) do
      assert.same(grants(helm.objects(read(path))[1].rules), grants(objects[name].rules))
    end
  end)

  it('grants no more in a namespace than in the cluster when namespaces are named', function()
    local whole = grants(rendered('hybrid')['ClusterRole/kongruent'].rules)
    local objects = rendered('hybrid', { ingressController = { watchNamespaces = { 'shop' } } })

    local parts = grants(objects['ClusterRole/kongruent'].rules)
    for grant in pairs(parts) do assert.is_nil(grant:match 'secrets' or grant:match 'ingresses' or grant:match 'events', grant) end
    for grant in pairs(grants(objects['Role/kongruent-objects'].rules)) do parts[grant] = true end
    assert.same(whole, parts)
    assert.equal('kong', objects['Role/kongruent-discovery'].metadata.namespace)
    assert.equal('kong', objects['Role/kongruent-publish-service'].metadata.namespace)
  end)

  it('is packed with the definitions, alerts and dashboard of deploy', function()
    local folder = shell.folder()
    assert(helm.run('package', helm.CHART, '-d', folder))
    assert(shell.run { 'tar', '-xzf', folder .. '/kongruent-0.1.0.tgz', '-C', folder })
    for _, part in ipairs { 'crds', 'alerts', 'grafana' } do
      local _, difference = shell.run { 'diff', '-r', '-x', 'README.md', '-x', 'kustomization.yaml', '-x', 'prometheus-rule.yaml',
        'deploy/' .. part, ('%s/kongruent/%s'):format(folder, part) }
      assert.is_nil(difference, part)
    end
    local output = assert(helm.run('template', 'x', folder .. '/kongruent-0.1.0.tgz', '--include-crds', '-f',
      helm.CHART .. '/ci/sidecar-values.yaml'))
    assert.equal(13, select(2, output:gsub('\nkind: CustomResourceDefinition\n', '')))
  end)

  it('makes a certificate that its own authority has signed, for the name that the API server asks by', function()
    local objects, folder = rendered('traditional', { ingressController = { admissionWebhook = { enabled = true } } }), shell.folder()
    local data = objects['Secret/kongruent-admission'].data
    assert.equal(data['ca.crt'], helm.find(objects['ValidatingWebhookConfiguration/kongruent'], 'webhooks[1].clientConfig.caBundle'))
    for _, file in ipairs { 'ca.crt', 'tls.crt' } do
      shell.write(folder .. '/' .. file, assert(shell.run({ 'base64', '-d' }, data[file])))
    end
    assert(shell.run { 'openssl', 'verify', '-CAfile', folder .. '/ca.crt', '-verify_hostname', 'kongruent-admission.kongruent.svc',
      folder .. '/tls.crt' })
  end)

  it('renews the Pods when rules change, and only then', function()
    local function checksum(text)
      local objects = rendered('traditional', { ingressController = { rules = { files = { ['a.lua'] = text } } } })
      return helm.find(objects['Deployment/kongruent'], 'spec.template.metadata.annotations')['checksum/rules']
    end
    assert.equal(checksum 'return 1', checksum 'return 1')
    assert.not_equal(checksum 'return 1', checksum 'return 2')
  end)

  teardown(helm.stop_all)
end)
