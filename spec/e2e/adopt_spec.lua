-- What somebody else has made under our tag is taken over in place.
local json = require 'cjson'

local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local function new_id(index)
  return ('%08x-aaaa-4aaa-8aaa-%012x'):format(index * 2654435761 % 0xffffffff, index)
end

-- The same entities under other ids, and with other values where `change` says so.
local function renamed(state, tag, change)
  local ids, made, count = {}, {}, 0
  local function ours(entity)
    for _, one in ipairs(entity.tags ~= json.null and entity.tags or {}) do
      if one == tag then return true end
    end
  end
  for collection, list in pairs(state) do
    for _, entity in ipairs(list) do
      if ours(entity) then
        count = count + 1
        ids[entity.id] = new_id(count)
        made[collection] = made[collection] or {}
        table.insert(made[collection], entity)
      end
    end
  end
  for collection, list in pairs(made) do
    for _, entity in ipairs(list) do
      entity.id = ids[entity.id]
      entity.snis = nil -- they stand in the list of SNIs
      for _, value in pairs(entity) do
        if type(value) == 'table' and type(value.id) == 'string' then value.id = ids[value.id] or value.id end
      end
      change(collection, entity)
    end
  end
  return made, count
end

describe('a gateway with entities under other ids', function()
  if program.skip(pending) or gateway.skip(pending, 'seeding entities') then return end
  local folder, tag, entities, count

  setup(function()
    local first = gateway.start { alone = true }
    folder, tag = shell.folder(), first.tag
    local set = manifests.set('shop', 'app', { annotations = { ['konghq.com/plugins'] = 'key' } })
    set[#set + 1] = manifests.class()
    set[#set + 1] = manifests.plugin('shop', 'key', 'key-auth', { key_names = { 'apikey' } })
    set[#set + 1] = manifests.consumer('shop', 'alice', { 'alice-key', 'alice-password' })
    set[#set + 1] = manifests.credential('shop', 'alice-password', 'basic-auth', { username = 'alice', password = 'pass-of-alice' })
    set[#set + 1] = manifests.credential('shop', 'alice-key', 'key-auth', { key = 'secret-of-alice' })
    set[#set + 1] = manifests.tls('shop', 'cert')
    set[3].spec.tls = { { hosts = { 'app.example.net' }, secretName = 'cert' } }
    manifests.write(folder, 'all.yaml', set)
    local _, complaint, code = program.run('apply', { '-f', folder, '--kong-admin-url', first.url, '--kong-admin-filter-tag', tag })
    assert(code == 0, complaint)
    entities, count = renamed(first:state(), tag, function(collection, entity)
      if collection == 'services' then entity.retries = 1 end
      if collection == 'routes' then entity.preserve_host = false end
      if collection == 'plugins' then entity.config.hide_credentials = true end
    end)
    first:stop()
  end)

  teardown(lab.stop_all)

  it('is brought into line in place: ids stay, nothing is deleted or made anew (adopt)', function()
    local kong = gateway.start()
    kong.tag = tag
    kong:seed(entities)
    local before = #kong:requests()

    local _, complaint, code = program.run('apply', { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', tag })

    assert.equal(0, code, complaint)
    assert.truthy(count >= 8, count)
    for collection, list in pairs(entities) do
      assert.equal(#list, #kong:ours(collection), collection)
      for _, entity in ipairs(list) do assert.truthy(kong:find(collection, 'id', entity.id), collection) end
    end
    local writes = kong:writes(before)
    assert.equal(4, #writes, gateway.shown(writes)) -- the hash of a password has its consumer's id in it
    for _, request in ipairs(writes) do assert.match('^P[UA]TC?H?$', request.method) end
    assert.equal(5, kong:ours('services')[1].retries)
    kong:assert_foreign_untouched()
    kong:stop()
  end)

  it('leaves an entity of others alone that has the name of one of ours, and says so (foreign)', function()
    local kong = gateway.start()
    local taken = { id = new_id(77), name = 'shop.app.80', host = 'theirs.example', tags = { 'theirs' }, created_at = 1, updated_at = 1 }
    kong:seed { services = { taken } }

    local _, complaint, code = program.run('apply',
      { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })

    assert.equal(1, code)
    assert.match('KongForeignOwner', complaint)
    assert.match(new_id(77), complaint, 1, true)
    for _, service in ipairs(kong:state().services) do
      if service.id == new_id(77) then assert.equal('theirs.example', service.host) end
    end
    assert.equal(0, #kong:ours('services'))
    kong:assert_foreign_untouched()
    kong:stop()
  end)
end)

describe('a gateway that KIC has configured', function()
  if program.skip(pending) or gateway.skip(pending, 'seeding entities') then return end
  local shared = (os.getenv('KONGRUENT_SHARED') or '../shared') .. '/kong/kic-gateway'
  if not shell.read(shared .. '/cluster.yaml') then
    pending('needs the recorded gateway in KONGRUENT_SHARED: ' .. shared .. ' is not there')
    return
  end
  local TABLES = {
    services = 'services', routes = 'routes', upstreams = 'upstreams', targets = 'targets', plugins = 'plugins',
    consumers = 'consumers', certificates = 'certificates', snis = 'snis', ca_certificates = 'ca_certificates', vaults = 'vaults',
    acls = 'acls', ['key-auths'] = 'keyauth_credentials', ['basic-auths'] = 'basicauth_credentials',
  }
  local TAG = 'managed-by-ingress-controller'
  local kong

  setup(function()
    kong = gateway.start()
    local seed = {}
    for file, name in pairs(TABLES) do
      seed[name] = json.decode(shell.read(('%s/admin/%s.json'):format(shared, file))).data
    end
    for _, certificate in ipairs(seed.certificates) do certificate.snis = nil end -- they stand in the list of SNIs
    kong:seed(seed)
  end)

  teardown(lab.stop_all)

  it('is taken over without a create and without a delete (adopt)', function()
    local text, complaint, code = program.run('diff', {
      '-f', shared .. '/cluster.yaml', '--compat', 'kic', '--kong-admin-url', kong.url, '--kong-admin-filter-tag', TAG, '-o', 'json',
    })

    assert.truthy(code == 0 or code == 2, complaint)
    local plan = json.decode(text)
    local names = {}
    for _, group in ipairs { 'creating', 'deleting' } do
      for _, entry in ipairs(plan.changes[group]) do names[#names + 1] = ('%s %s %s'):format(group, entry.kind, entry.name) end
    end
    assert.equal('', table.concat(names, '\n'))
    kong:assert_foreign_untouched()
  end)

  it('needs no update either (adopt)', function()
    local text = program.run('diff', {
      '-f', shared .. '/cluster.yaml', '--compat', 'kic', '--kong-admin-url', kong.url, '--kong-admin-filter-tag', TAG, '-o', 'json',
    })

    local lines = {}
    for _, entry in ipairs(json.decode(text).changes.updating) do
      lines[#lines + 1] = ('%s %s %s'):format(entry.kind, entry.name, json.encode(entry.diff))
    end
    assert.equal('', table.concat(lines, '\n'))
  end)
end)
