-- Input as people have it: other shapes of the same objects, objects that an API server would refuse, and problems that nobody can forge.
local json = require 'cjson'

local gateway = require 'spec.support.gateway'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local MARK = '\xEF\xBB\xBF'

local SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n'
local PATHS = '[{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]'

local function ingress(name, paths, metadata)
  return ('apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %s, namespace: shop%s}\nspec:\n  ingressClassName: kong\n'
    .. '  rules:\n  - host: shop.example.com\n    http: {paths: %s}\n'):format(name, metadata or '', paths or PATHS)
end

local BOTH = SERVICE .. '---\n' .. ingress 'web'
local ROUTE = 'shop.web.web.shop.example.com.80'

local function translate(text, ...)
  return program.run('translate', { '-f', '-', ... }, text)
end

describe('manifests', function()
  if program.skip(pending) then return end

  teardown(lab.stop_all)

  it('may be lists, lists of lists, lists of one kind, JSON in a row, with marks, or in UTF-16', function()
    local service = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"ports":[{"port":80}]}}'
    local body = '{%s"metadata":{"name":"web","namespace":"shop"},"spec":{"ingressClassName":"kong","rules":[{"host":"shop.example.com",'
      .. '"http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}'
    local bare = body:format ''
    local whole = body:format '"apiVersion":"networking.k8s.io/v1","kind":"Ingress",'
    local list = '{"apiVersion":"v1","kind":"List","items":[%s,%s]}'
    for what, text in pairs {
      documents = BOTH,
      ['marks'] = MARK .. SERVICE .. '---\n' .. MARK .. ingress 'web',
      ['UTF-16'] = '\xFF\xFE' .. BOTH:gsub('.', '%0\0'),
      ['JSON in a row'] = service .. '\n' .. whole .. '\n',
      ['JSON over lines'] = service:gsub(',', ',\n') .. '\n' .. whole:gsub(',', ',\n') .. '\n',
      ['a list'] = list:format(service, whole),
      ['lists in a list'] = list:format(list:format(service, '{"apiVersion":"v1","kind":"ConfigMapList","items":null}'), whole),
      ['a list of one kind'] = service .. '\n{"apiVersion":"networking.k8s.io/v1","kind":"IngressList","items":[' .. bare .. ']}',
    } do
      local output, complaint, code = translate(text, '--fail-on', 'warn')

      assert.equal('', complaint, what)
      assert.equal(0, code, what)
      assert.match('name: ' .. ROUTE, output, 1, true)
    end
  end)

  it('without a namespace go where --namespace says, which is default if nothing does', function()
    local text = BOTH:gsub(', namespace: shop', '')

    local first, complaint = translate(text)
    local second = translate(text, '--namespace', 'shop')
    local _, twice = translate(text .. '---\n' .. SERVICE:gsub('shop', 'default'))
    local _, refused, code = translate(text, '-n', 'No Name')

    assert.equal('', complaint)
    assert.match('name: default.web.web.shop.example.com.80', first, 1, true)
    assert.match('name: ' .. ROUTE, second, 1, true)
    assert.match('warn DuplicateObject Service default/web: it stands in standard input:1 as well', twice, 1, true)
    assert.equal(1, code)
    assert.match("--namespace: 'No Name'", refused, 1, true)
  end)

  it('of kinds that nobody reads are an info; of old versions and misspelt kinds a warning', function()
    local _, foreign, good = translate(BOTH .. '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n', '--fail-on', 'warn')
    local _, old, warned = translate((ingress 'web'):gsub('k8s.io/v1', 'k8s.io/v1beta1'), '--fail-on', 'warn')

    assert.equal('info UnknownKind Deployment web: no rule reads apps/v1/Deployment (standard input:15)\n', foreign)
    assert.equal(0, good)
    assert.match('^warn UnknownKind Ingress shop/web: networking.k8s.io/v1beta1/Ingress is not read, networking.k8s.io/v1/Ingress is ', old)
    assert.equal(1, warned)
  end)

  it('that come to nothing say why, where somebody asks', function()
    local text = table.concat({
      (ingress 'classless'):gsub('  ingressClassName: kong\n', ''), (ingress 'theirs'):gsub('ClassName: kong', 'ClassName: nginx'),
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: empty, namespace: shop}\nspec: {ingressClassName: kong}\n',
      'apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: {name: bob, namespace: shop}\nusername: bob\n',
      'apiVersion: configuration.konghq.com/v1\nkind: KongPlugin\nmetadata: {name: cors, namespace: shop}\nplugin: cors\n',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: kong}\n'
        .. 'spec: {controllerName: konghq.com/kic-gateway-controller}\n',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: idle, namespace: shop}\n'
        .. 'spec: {gatewayClassName: kong, listeners: [{name: a, port: 80, protocol: HTTP}]}\n',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: lost, namespace: shop}\n'
        .. 'spec: {parentRefs: [{name: gone}]}\n',
    }, '---\n')
    local file = shell.write(shell.folder() .. '/in.yaml', text)

    local _, offline = program.run('translate', { '-f', file })
    local analysed, _, code = program.run('analyze', { '-f', file })
    local _, silent = program.run('translate', { '-f', file, '--tell-unused=false' })

    for object, reason in pairs {
      ['Ingress shop/classless'] = 'it has no class, and kong is not the default one: set spec.ingressClassName: kong',
      ['Ingress shop/theirs'] = 'it is of the class nginx, not of kong',
      ['Ingress shop/empty'] = 'it has neither paths nor a default backend',
      ['KongConsumer shop/bob'] = 'it has no class, and kong is not the default one: set the annotation kubernetes.io/ingress.class: kong',
      ['KongPlugin shop/cors'] = 'no object names it', ['Gateway shop/idle'] = 'no route is attached to it',
      ['HTTPRoute shop/lost'] = 'Gateway shop/gone does not exist',
    } do
      local line = ('info Unused %s: %s ('):format(object, reason)
      -- offline a Gateway that is absent is taken for granted
      if object ~= 'HTTPRoute shop/lost' then assert.match(line, offline, 1, true) end
      assert.match(line, analysed, 1, true)
    end
    assert.equal(0, code)
    assert.equal('', silent)
  end)

  it('that cannot be read are all named, with what people most often meant', function()
    local folder = shell.folder()
    shell.write(folder .. '/10.yaml', 'a: "unfinished\n')
    shell.write(folder .. '/20.json', '{"a": [1, 2\n')
    shell.write(folder .. '/30.yaml', 'kind: {{ .Values.kind }}\n')
    shell.write(folder .. '/40.yaml', SERVICE .. '---\nspec:\n  host: *.example.com\n---\n' .. ingress 'web')
    shell.write(folder .. '/50.yaml', ingress 'last')

    local output, complaint, code = program.run('translate', { '-f', folder })

    assert.equal(1, code)
    for file, what in pairs {
      ['10.yaml:2'] = 'which begins in line 1', ['20.json:2'] = 'while parsing a flow sequence',
      ['30.yaml:1'] = '(is it a template that was not rendered?)',
      ['40.yaml:7'] = '(quote values that begin with *); the rest of the file is not read',
    } do
      local found
      for line in complaint:gmatch '[^\n]+' do
        if line:find('/' .. file .. ')', 1, true) then found = line end
      end
      assert.match('^error InvalidObject File ', found or complaint)
      assert.match(what, found, 1, true)
    end
    assert.match('name: shop.last.web.shop.example.com.80', output, 1, true)
  end)

  it('that an API server would refuse are refused by every command, with file, line and field', function()
    local folder = shell.folder()
    local file = shell.write(folder .. '/in.yaml', SERVICE .. '---\n'
      .. ingress('port', '[{path: /, pathType: Prefix, backend: {service: {name: web, port: 80}}}]') .. '---\n'
      .. ingress('mapping'):gsub('  %- host', '    host'):gsub('\n    http', '\n    http'))
    local kong = gateway.start()
    local expected = {
      'InvalidObject Ingress shop/port: spec.rules[0].http.paths[0].backend.service.port: expected an object, got a number ('
        .. file .. ':13)',
      'InvalidObject Ingress shop/mapping: spec.rules: expected an array, got an object (' .. file .. ':20)',
    }
    for _, command in ipairs { 'translate', 'explain', 'analyze', 'diff', 'apply' } do
      local arguments = { '-f', file }
      if command == 'diff' or command == 'apply' then
        table.move({ '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag }, 1, 4, 3, arguments)
      end
      local output, complaint, code = program.run(command, arguments)

      assert.equal((command == 'translate' or command == 'explain') and 0 or 1, code, command)
      for _, line in ipairs(expected) do assert.match(line, output .. complaint, 1, true) end
    end
    kong:stop()
  end)
end)

describe('problems', function()
  if program.skip(pending) then return end
  local kong

  setup(function() kong = gateway.start { alone = true } end)
  teardown(lab.stop_all)

  local FORGED = ingress('web', nil,
    ', annotations: {konghq.com/protocols: "htt\\nerror InvalidPath Ingress bank/pay: forged (in.yaml:1)", '
    .. 'konghq.com/methods: "GE\\e[31M\\u009bT", konghq.com/tags: "a\\u202eb"}')

  it('are one line each, whatever objects say, and reach no terminal raw', function()
    local consumer = 'apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: {name: bob, namespace: shop, '
      .. 'annotations: {kubernetes.io/ingress.class: kong}}\nusername: "bob\\e[31m\\nerror InvalidPath"\n'
    local file = shell.write(shell.folder() .. '/in.yaml', SERVICE .. '---\n' .. FORGED .. '---\n' .. consumer)
    for _, command in ipairs { 'translate', 'explain', 'analyze', 'diff', 'apply' } do
      local arguments = { '-f', file }
      if command == 'diff' or command == 'apply' then
        table.move({ '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag }, 1, 4, 3, arguments)
      end
      local output, complaint = program.run(command, arguments)
      local all = complaint .. (command == 'translate' and '' or output)

      assert.is_nil(all:find '[\0-\9\11-\31\127]', command .. ': ' .. all)
      assert.is_nil(all:find('\xC2\x9B', 1, true), command)
      assert.is_nil(all:find('\xE2\x80\xAE', 1, true), command)
      for line in all:gmatch '[^\n]+' do assert.is_nil(line:match '^error InvalidPath', command) end
    end
    local _, complaint = program.run('translate', { '-f', file })
    assert.match('"GE\\u001b[31M\\u009bT"', complaint, 1, true)
  end)

  it('keep their texts in JSON, with kind, namespace, name, file and line', function()
    local file = shell.write(shell.folder() .. '/in.yaml', SERVICE .. '---\n' .. FORGED)

    local output = program.run('analyze', { '-f', file, '-o', 'json' })
    local found
    for _, problem in ipairs(json.decode(output)) do
      if problem.text:find('konghq.com/methods', 1, true) then found = problem end
    end

    assert.same({ 'networking.k8s.io/v1/Ingress', 'shop', 'web', file, 6 },
      { found.kind, found.namespace, found.name, found.file, found.line })
    assert.match('GE\x1b[31M', found.text, 1, true)
  end)

  it('of what a gateway refuses name the file and line of the object', function()
    local plugin = 'apiVersion: configuration.konghq.com/v1\nkind: KongPlugin\nmetadata: {name: p, namespace: shop}\n'
      .. 'plugin: rate-limiting\nconfig: {minute: -5}\n'
    local file = shell.write(shell.folder() .. '/in.yaml',
      SERVICE .. '---\n' .. ingress('web', nil, ', annotations: {konghq.com/plugins: p}') .. '---\n' .. plugin)

    local _, complaint = program.run('apply', { '-f', file, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })

    assert.match('error KongRefused KongPlugin shop/p: [^\n]+ %(' .. file:gsub('%p', '%%%0') .. ':15%)\n', complaint)
    assert.match('error KongRefused Ingress shop/web: [^\n]+ %(' .. file:gsub('%p', '%%%0') .. ':6%)\n', complaint)
  end)
end)

describe('a folder as the cluster', function()
  if program.skip(pending) then return end
  local kong, folder, running

  before_each(function()
    kong = gateway.start()
    folder = shell.folder()
    manifests.write(folder, 'class.yaml', { manifests.class() })
    manifests.write(folder, 'app.yaml', manifests.set('shop', 'app'))
    manifests.write(folder, 'other.yaml', manifests.set('shop', 'other'))
    running = program.controller { source = 'dir:' .. folder, gateway = kong, more = { '--max-delete-percent', '100' } }
    kong:wait_count('routes', 2)
  end)

  after_each(function()
    kong:assert_foreign_untouched()
    running:stop()
    kong:stop()
  end)

  teardown(lab.stop_all)

  -- A set whose Ingress has this text in place of another.
  local function changed(pattern, replacement)
    local text, count = manifests.text(manifests.set('shop', 'app')):gsub(pattern, replacement)
    assert.equal(1, count)
    return text
  end

  it('keeps what an object made that cannot be used any more, and says where it is wrong', function()
    for _, slip in ipairs {
      { '"rules":%[(%b{})%]', '"rules":%1' },
      { '"Prefix"', '"prefix"' },
      { '"networking.k8s.io/v1"', '"networking.k8s.io/v1beta1"', 'UnknownKind' },
      { '"Ingress"', '"Ingres"', 'UnknownKind' },
    } do
      manifests.write(folder, 'app.yaml', changed(slip[1], slip[2]))
      local problem = running:wait_problem(slip[3] or 'InvalidObject', 'shop/app')
      manifests.remove(folder, 'other.yaml')
      kong:wait_count('routes', 1)

      assert.truthy(kong:find('routes', 'name', manifests.route_name('shop', 'app')), slip[1])
      assert.equal(folder .. '/app.yaml', problem.file)
      assert.truthy(problem.line > 0)
      manifests.write(folder, 'app.yaml', manifests.set('shop', 'app'))
      manifests.write(folder, 'other.yaml', manifests.set('shop', 'other'))
      kong:wait_count('routes', 2)
      running:wait_status('no problem', function(status) return #status.problems == 0 end)
    end
  end)

  it('deletes beside kinds that nobody reads and files that hold no objects', function()
    shell.write(folder .. '/values.yaml', 'replicas: 1\n')
    shell.write(folder .. '/deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n')
    running:stop()
    running = program.controller { source = 'dir:' .. folder, gateway = kong, more = { '--max-delete-percent', '100' } }
    running:wait_problem('UnknownKind', 'Deployment')
    running:wait_problem('NoObject', 'values.yaml')

    manifests.remove(folder, 'other.yaml')

    kong:wait_count('routes', 1)
    local output, complaint, code = program.run('apply',
      { '-f', folder, '--kong-admin-url', kong.url, '--kong-admin-filter-tag', kong.tag })
    assert.equal(0, code, output .. complaint)
    assert.is_nil(complaint:find('nothing is deleted', 1, true))
  end)

  it('tells problems in the log with file and line', function()
    manifests.write(folder, 'app.yaml', manifests.set('shop', 'app', { annotations = { ['konghq.com/methods'] = 'G3T' } }))

    local at = running:wait_log 'code=InvalidAnnotation object="Ingress shop/app" [^\n]+ at=(%S+)'

    assert.equal(folder .. '/app.yaml:5', at)
  end)
end)
