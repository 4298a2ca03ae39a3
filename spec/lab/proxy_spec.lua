-- The fault proxies in front of a real API server, and in front of something that answers HTTP.
local lab = require 'spec.support.lab'
local shell = require 'spec.support.shell'

local function config_map(name, value)
  return ('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","namespace":"default"},"data":{"value":"%s"}}')
    :format(name, value or '')
end

describe('a fault proxy', function()
  if lab.skip(pending) then return end
  local cluster, proxy

  setup(function()
    cluster = lab.apiserver()
    proxy = cluster:proxy()
  end)

  before_each(function() proxy:remove() end)

  teardown(lab.stop_all)

  -- Runs a command of the lab beside this test. Gives a function that waits for it and gives its output and code.
  local function beside(arguments)
    local pipe = assert(io.popen(shell.line { lab.binary(), table.unpack(arguments) } .. ' 2>&1'))
    return function()
      local output = pipe:read('a')
      return output, select(3, pipe:close())
    end
  end

  it('lets its own kubeconfig in as the administrator', function()
    assert(proxy.client:apply(config_map('through')))

    assert.equal('through', cluster:get('ConfigMap', 'default', 'through').metadata.name)
  end)

  it('passes tokens on, so that RBAC judges the ServiceAccount', function()
    local nobody = proxy.client:as_service_account('default', 'nobody')

    local list, complaint = nobody:list('ConfigMap', 'default')

    assert.is_nil(list)
    assert.match('system:serviceaccount:default:nobody', complaint, 1, true)
  end)

  it('holds a list until it is released', function()
    local rule = proxy:rule { action = 'hold', method = '^GET$', path = '/configmaps$' }
    local answer = beside { 'get', '--kubeconfig', proxy.client.kubeconfig, 'v1/ConfigMap', 'default' }

    local held = proxy:wait { held = true, path = '/configmaps$' }
    assert.equal(1, #held)
    assert.equal(0, held[1].status)
    assert.equal(1, proxy:release(rule))

    local output, code = answer()
    assert.equal(0, code)
    assert.match('ConfigMapList', output)
  end)

  it('fails what a rule says, as often as it says', function()
    proxy:rule { action = 'fail', status = 403, path = '/services$', times = 1 }

    local first, complaint = proxy.client:list('v1/Service', 'default')
    local second = proxy.client:list('v1/Service', 'default')

    assert.is_nil(first)
    assert.match("the lab's proxy says so", complaint, 1, true)
    assert.truthy(second)
    assert.equal(1, proxy:rules()[1].hits)
  end)

  it('answers a list with what it was before', function()
    assert(cluster:apply(config_map('aging', 'old')))
    proxy:rule { id = 'keep', action = 'record', name = 'past', path = '/configmaps/aging$' }
    assert.equal('old', proxy.client:get('v1/ConfigMap', 'default', 'aging').data.value)
    proxy:remove('keep')
    assert(cluster:apply(config_map('aging', 'new')))

    proxy:rule { id = 'stale', action = 'replay', name = 'past', path = '/configmaps/aging$' }
    local stale = proxy.client:get('v1/ConfigMap', 'default', 'aging')
    proxy:remove('stale')

    assert.equal('old', stale.data.value)
    assert.equal('new', proxy.client:get('v1/ConfigMap', 'default', 'aging').data.value)
  end)

  it('keeps a watch from seeing an event that it drops', function()
    proxy:rule { action = 'drop', query = 'watch=true', pattern = '"value":"unseen"' }
    assert(cluster:apply(config_map('watched', 'before')))
    proxy:forget()
    local waiting = beside { 'wait', '--kubeconfig', proxy.client.kubeconfig, 'v1/ConfigMap', 'default', 'watched',
      '--for', '{.metadata.labels.seen}' }
    proxy:wait { query = 'watch=true' }

    assert(cluster:apply(config_map('watched', 'unseen')))
    assert(cluster:patch('v1/ConfigMap', 'default', 'watched', { data = { value = 'after' }, metadata = { labels = { seen = 'yes' } } }))

    local output, code = waiting()
    assert.equal(0, code)
    assert.match('"value":"after"', output)
  end)

  it('tells a watch that its version is too old, and the client lists again', function()
    assert(cluster:apply(config_map('expiring', 'before')))
    proxy:forget()
    proxy:rule { action = 'expire', query = 'watch=true', times = 2 }
    local waiting = beside { 'wait', '--kubeconfig', proxy.client.kubeconfig, 'v1/ConfigMap', 'default', 'expiring',
      '--for', '{.data.value}=after' }
    proxy:wait { query = 'watch=true', count = 3 }

    assert(cluster:apply(config_map('expiring', 'after')))

    assert.equal(0, select(2, waiting()))
    assert.is_true(#proxy:requests { path = '/configmaps$' } >= 6)
  end)

  it('cuts a watch under way, and the client comes back', function()
    assert(cluster:apply(config_map('cut', 'before')))
    proxy:forget()
    local waiting = beside { 'wait', '--kubeconfig', proxy.client.kubeconfig, 'v1/ConfigMap', 'default', 'cut',
      '--for', '{.data.value}=after' }
    proxy:wait { query = 'watch=true' }

    assert.equal(1, proxy:cut { query = 'watch=true' })
    proxy:wait { query = 'watch=true', count = 2 }
    assert(cluster:apply(config_map('cut', 'after')))

    assert.equal(0, select(2, waiting()))
  end)

  it('refuses a rule that is misspelt', function()
    assert.has_error(function() proxy:rule { action = 'hold', pth = 'x' } end)
  end)

  it('finds a cluster again that was killed and started anew', function()
    assert(cluster:apply(config_map('lasting', 'kept')))
    cluster:kill()
    assert.is_nil((proxy.client:get('v1/ConfigMap', 'default', 'lasting')))

    cluster:restart()

    assert.equal('kept', proxy.client:get('v1/ConfigMap', 'default', 'lasting').data.value)
  end)

  it('records what an Admin API is asked, token and all faults included', function()
    local upstream = cluster:proxy() -- its control door is a plain HTTP server like any other
    local admin = lab.adminproxy('http://127.0.0.1:' .. shell.read(upstream.dir .. '/control'))
    admin:rule { action = 'cut', at = 'response', method = '^DELETE$' }

    local function ask(method, body)
      return shell.run { 'curl', '-sS', '-m', '20', '-X', method, '-d', body or '', admin.url .. '/rules' }
    end
    local added = ask('POST', '{"action":"hold"}')
    local removed, _, code = ask('DELETE')
    local left = ask('GET')

    assert.match('rule%-1', added)
    assert.is_nil(removed)
    assert.equal(52, code) -- curl: the server closed without an answer
    assert.equal('[]\n', left) -- yet what was asked for was done
    local lines = shell.read(admin.record)
    assert.match('"event":"request","sequence":1,"method":"POST","path":"/rules".-hold', lines)
    assert.match('"event":"answer","sequence":2,"method":"DELETE".-"status":0', lines)
  end)
end)
