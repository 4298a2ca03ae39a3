-- The commands of the documents, run against a real API server: blocks of `sh` are run as they stand, in their order, each section
-- of install.md in a cluster of its own; blocks of `yaml` that begin with a file's name become that file. What needs running Pods is
-- `text`, and isn't run.
local lab = require 'spec.support.lab'
local helm = require 'spec.support.helm'
local shell = require 'spec.support.shell'

local FILES = { 'ca.crt', 'tls.crt', 'tls.key' }

-- Blocks as { section, language, text }.
local function blocks(path)
  local found, section, block = {}, '', nil
  for line in assert(shell.read(path)):gmatch '([^\n]*)\n' do
    local fence = line:match '^```(.*)$'
    if fence and block then
      found[#found + 1], block = block, nil
    elseif fence then
      block = { section = section, language = fence, text = '' }
    elseif block then
      block.text = block.text .. line .. '\n'
    else
      section = line:match '^## (.+)$' or section
    end
  end
  return found
end

describe('the commands of', function()
  if lab.skip(pending) or helm.skip(pending) then return end
  local kubectl = os.getenv 'KONGRUENT_KUBECTL'
  if not kubectl then return pending 'needs kubectl: KONGRUENT_KUBECTL does not name it (spec/deploy/README.md)' end
  local folder, cluster

  -- A cluster, and a folder with the tree's deploy, the programs and the certificates that a reader has.
  local function fresh()
    cluster = lab.apiserver()
    folder = shell.folder()
    local here = assert(shell.run { 'pwd' }):match '[^\n]+'
    os.execute(('mkdir %s/bin && ln -s %s/deploy %s/deploy && ln -s %s %s/bin/kubectl && ln -s %s %s/bin/helm'):format(folder, here, folder,
      kubectl, folder, helm.binary(), folder))
    assert(shell.run { 'openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=test',
      '-keyout', folder .. '/tls.key', '-out', folder .. '/tls.crt' })
    assert(os.execute(('cp %s/tls.crt %s/ca.crt'):format(folder, folder)))
    for _, file in ipairs(FILES) do assert(shell.read(folder .. '/' .. file)) end
  end

  local function run(text)
    local script = ('cd %s; export KUBECONFIG=%s HOME=%s PATH=%s/bin:$PATH\n%s'):format(folder, cluster.kubeconfig, folder, folder, text)
    return shell.run({ 'bash', '-euo', 'pipefail' }, script)
  end

  local function run_all(list, language)
    local count = 0
    for _, block in ipairs(list) do
      local file = block.text:match '^# (%S+%.yaml)\n'
      if block.language == 'yaml' and file then
        shell.write(folder .. '/' .. file, block.text)
      elseif block.language == language then
        local output, complaint = run(block.text)
        assert.truthy(output, block.text .. tostring(complaint))
        count = count + 1
      end
    end
    return count
  end

  teardown(lab.stop_all)

  local sections, order = {}, {}
  for _, block in ipairs(blocks 'docs/install.md') do
    if not sections[block.section] then order[#order + 1], sections[block.section] = block.section, {} end
    table.insert(sections[block.section], block)
  end
  for _, section in ipairs(order) do
    for _, language in ipairs { 'sh', 'sh plain' } do
      local any = false
      for _, block in ipairs(sections[section]) do any = any or block.language == language end
      if any then
        it(('docs/install.md: %s (%s)'):format(section, language == 'sh' and 'Helm' or 'manifests'), function()
          fresh()
          assert.is_true(run_all(sections[section], language) > 0)
          if section ~= 'Uninstall' then
            assert.equal(2, cluster:get('Deployment', 'kongruent', 'kongruent').spec.replicas)
            local secrets = cluster:list('Secret', 'kongruent')
            for _, volume in ipairs(cluster:get('Deployment', 'kongruent', 'kongruent').spec.template.spec.volumes or {}) do
              local wanted = volume.secret and volume.secret.secretName
              local there = not wanted
              for _, secret in ipairs(secrets) do there = there or secret.metadata.name == wanted end
              assert.is_true(there, 'the Secret ' .. tostring(wanted) .. ' is mounted, and nobody made it')
            end
          end
          cluster:stop()
        end)
      end
    end
  end

  it('docs/operate.md', function()
    fresh()
    assert(cluster:apply_files 'spec/deploy/definitions.yaml')
    assert(run [[
      kubectl create namespace kongruent
      helm install kongruent deploy/chart -n kongruent -f deploy/chart/ci/traditional-values.yaml]])

    assert.is_true(run_all(blocks 'docs/operate.md', 'sh') > 4)

    local rules = cluster:get('ConfigMap', 'kongruent', 'kongruent-rules').data
    local place = shell.folder()
    for name, text in pairs(rules) do shell.write(place .. '/' .. name, text) end
    assert(shell.run { os.getenv 'KONGRUENT' or 'build/kongruent', 'rules', 'check', place })
    assert.truthy(cluster:get('PrometheusRule', 'kongruent', 'kongruent'))
    cluster:stop()
  end)
end)
