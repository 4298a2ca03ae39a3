-- The image without Docker: the steps of the Dockerfile are run on this Debian 12, and the program is tried in what comes out, as uid 65532
-- on a root that is read-only and has no shell.
local json = require 'cjson'

local dockerfile = require 'spec.support.dockerfile'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local DOCKERFILE = 'deploy/image/Dockerfile'

-- What keeps the steps from being run here, if anything.
local function obstacle()
  if not (shell.read '/etc/os-release' or ''):find 'VERSION_CODENAME=bookworm' then return 'this is not Debian 12' end
  if not os.execute 'unshare --mount true 2>/dev/null' then return 'mount namespaces need root' end
  local packages = assert(shell.read(DOCKERFILE)):match 'no%-install%-recommends (.-)\nWORKDIR'
  for package in packages:gsub('\\\n', ''):gmatch '%S+' do
    if not os.execute(('dpkg-query -W %s >/dev/null 2>&1'):format(package)) then return package .. ' is not installed' end
  end
end

local function words(text)
  local found = {}
  for word in text:gmatch '%S+' do found[#found + 1] = word end
  table.sort(found)
  return found
end

describe('the Dockerfile', function()
  local steps, variables = dockerfile.read(DOCKERFILE)
  local final = {}
  for _, step in ipairs(dockerfile.stage(steps)) do final[step.word] = step.rest end

  it('installs what ./dev installs for a build', function()
    local ours = assert(shell.read 'dev'):match "build_packages='([^']+)'"
    local theirs
    for _, step in ipairs(steps) do theirs = theirs or step.rest:match '^apt%-get update .*%-%-no%-install%-recommends (.+)$' end
    assert.same(words(ours:gsub('ccache', '')), words(theirs))
  end)

  it('ends as nobody in particular, with the program alone', function()
    assert.equal('65532:65532', final.USER)
    assert.equal('["/usr/bin/kongruent"]', final.ENTRYPOINT)
    assert.equal('["run"]', final.CMD)
    assert.is_nil(final.HEALTHCHECK) -- the kubelet asks /healthz
    assert.equal('scratch', dockerfile.stage(steps).from)
  end)

  it('labels the image with the version of the program', function()
    assert.equal(json.decode((program.run('version', {}))).release, variables.VERSION)
    for _, label in ipairs { 'title="kongruent"', 'description="', 'version="' .. variables.VERSION .. '"' } do
      assert.match('org.opencontainers.image.' .. label, final.LABEL, 1, true)
    end
  end)
end)

describe('the image', function()
  local reason = obstacle()
  if reason then return pending('is assembled from Debian packages: ' .. reason) end
  local _, variables = dockerfile.read(DOCKERFILE)
  local place, root

  -- The line that runs a program inside, with a folder as /etc/kongruent.
  local function inside(folder, ...)
    local script = [[
      mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"; mount -t proc proc "$0/proc"; mount --bind -o ro "$1" "$0/etc/kongruent"; shift
      exec setpriv --no-new-privs unshare --root="$0" --setuid=65532 --setgid=65532 "$@"]]
    return { 'unshare', '--mount', 'env', '-i', 'PATH=/usr/bin:/usr/sbin:/bin:/sbin', 'sh', '-euc', script, root, folder, ... }
  end

  local function run(...)
    return shell.run(inside('examples/shop/in', ...))
  end

  setup(function()
    place = shell.folder()
    root = place .. '/mnt'
    os.execute(('mkdir %s/srv %s/mnt; chmod 755 %s %s/mnt'):format(place, place, place, place))
    local steps = dockerfile.read(DOCKERFILE)
    assert(dockerfile.run(dockerfile.stage(steps, 'build'), place))
    assert(dockerfile.run(dockerfile.stage(steps, 'root'), place))
  end)

  teardown(lab.stop_all)

  it('has the libraries that the program loads, and no package more', function()
    local loader = assert(shell.run { 'find', root .. '/usr/lib', root .. '/usr/lib64', '-name', 'ld-linux*' }):match(root .. '(/%S+)')
    local listed = assert(run(loader, '--list', '/usr/bin/kongruent'))
    assert.is_nil(listed:match 'not found', listed)
    local owners = { ['ca-certificates'] = true, libc6 = true }
    for path in listed:gmatch '=> (/%S+)' do
      local file = assert(shell.run { 'realpath', root .. path }):match '/usr/(lib%S+)\n'
      local owner = shell.run { 'grep', '-rlE', ' (usr/)?' .. file:gsub('[.+]', '\\%0') .. '$', root .. '/var/lib/dpkg/status.d' }
      assert.truthy(owner, path .. ' belongs to no package of the Dockerfile')
      owners[owner:match '([^/]+)%.md5sums'] = true
    end
    local needed = {}
    for owner in pairs(owners) do needed[#needed + 1] = owner end
    table.sort(needed)
    assert.same(needed, words(variables.PACKAGES))
  end)

  it('has no shell, nothing that runs as somebody else, and little in all', function()
    assert.equal('', shell.run { 'find', root, '-perm', '/6000' })
    assert.equal(root .. '/usr/bin/kongruent\n', shell.run { 'find', root .. '/usr/bin', root .. '/usr/sbin', '-type', 'f' })
    assert.is_nil(run('/bin/sh', '-c', 'true'))
    local kibibytes = tonumber(assert(shell.run { 'du', '-sk', root }):match '%d+')
    assert.is_true(kibibytes < 40 * 1024, kibibytes .. ' KiB')
  end)

  it('trusts the public authorities', function()
    local bundle = assert(shell.read(root .. '/etc/ssl/certs/ca-certificates.crt'))
    assert.is_true(select(2, bundle:gsub('BEGIN CERTIFICATE', '')) > 100)
  end)

  it('says what it consists of, as SPDX', function()
    local document = json.decode((assert(shell.read(root .. '/usr/share/kongruent/sbom.spdx.json'))))
    local names, related = {}, { ['SPDXRef-DOCUMENT'] = true }
    for _, edge in ipairs(document.relationships) do related[edge.relatedSpdxElement] = true end
    for _, package in ipairs(document.packages) do
      assert.truthy(related[package.SPDXID] and package.downloadLocation and package.versionInfo, package.name)
      assert.match('^SPDXRef%-[%w.-]+$', package.SPDXID)
      if package.name ~= 'kongruent' then
        names[#names + 1] = package.name
        assert.match('^%x+$', package.checksums[1].checksumValue)
        assert.equal(64, #package.checksums[1].checksumValue)
        assert.match('^pkg:deb/debian/', package.externalRefs[1].referenceLocator)
      end
    end
    table.sort(names)
    assert.same(words(variables.PACKAGES), names)
    assert.equal('SPDX-2.3', document.spdxVersion)
    assert.match('^%d+%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$', document.creationInfo.created)
  end)

  it('runs version and translate as uid 65532', function()
    assert.equal(variables.VERSION, json.decode((assert(run('/usr/bin/kongruent', 'version')))).release)
    local output, complaint = run('/usr/bin/kongruent', 'translate', '-f', '/etc/kongruent')
    assert.equal((program.run('translate', { '-f', 'examples/shop/in' })), output, complaint)
  end)

  it('runs the controller on a folder, against an Admin API that is found by name', function()
    local path, missing = lab.binary()
    if not path then return pending(missing) end
    local sandbox = program.start('sandbox', { '--listen', '127.0.0.1:0' })
    local port = sandbox:log():match 'port=(%d+)'
    local line = inside('examples/shop/in', '/usr/bin/kongruent', 'run', '--source', 'dir:/etc/kongruent', '--kong-admin-url',
      'http://localhost:' .. port, '--health-probe-bind-address', '127.0.0.1:0', '--metrics-bind-address', '127.0.0.1:0')
    local running = lab.guard(line, 'msg=converged')
    local log = assert(shell.read(running.dir .. '/log'))
    local metrics = log:match 'metrics_port=(%d+)'
    local _, text = http.request('GET', ('http://127.0.0.1:%s/metrics'):format(metrics))
    assert.match('kongruent_converged 1', text, 1, true)
    local id = assert(shell.run { 'pgrep', '-u', '65532', '-f', 'localhost:' .. port }):match '%d+'
    local status = assert(shell.read(('/proc/%s/status'):format(id)))
    assert.match('Uid:%s+65532%s+65532%s+65532%s+65532', status)
    assert.match('CapEff:%s+0000000000000000', status)
    assert.match('NoNewPrivs:%s+1', status)
    running:stop()
    sandbox:stop()
  end)
end)
