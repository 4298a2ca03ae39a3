-- The lab for busted: real API servers, fault proxies, and objects in them. Needs $KONGRUENT_LAB, the built binary.
--
--   describe('a cluster', function()
--     if lab.skip(pending) then return end
--     local cluster
--     setup(function() cluster = lab.apiserver() end)
--     teardown(lab.stop_all)
--     ...
local json = require 'cjson'

local shell = require 'spec.support.shell'
local process = require 'spec.support.process'
local lab_proxy = require 'spec.support.lab_proxy'

local lab = { folder = shell.folder }

function lab.binary()
  local path = os.getenv('KONGRUENT_LAB')
  if not path or path == '' then return nil, 'KONGRUENT_LAB does not name the lab binary (spec/lab/README.md)' end
  local file = io.open(path, 'r')
  if not file then return nil, 'KONGRUENT_LAB is ' .. path .. ', which is not there (spec/lab/README.md)' end
  file:close()
  return path
end

-- Call it first in a describe block: without the binary it leaves one pending test that says why.
function lab.skip(pending)
  local path, reason = lab.binary()
  if path then return false end
  pending('needs the lab: ' .. reason)
  return true
end

-- Runs one command of the lab. Gives its output, or nil, the complaint and the exit code.
function lab.run(arguments, input)
  return shell.run({ assert(lab.binary()), table.unpack(arguments) }, input)
end

function lab.stop_all()
  process.stop_all()
  shell.tidy()
end

-- The end of the process cleans up, too, should a test die half-way.
lab.janitor = setmetatable({}, { __gc = lab.stop_all })

local client = {}
client.__index = client

-- Whoever a kubeconfig speaks for.
function lab.client(kubeconfig)
  return setmetatable({ kubeconfig = kubeconfig }, client)
end

local function call(self, verb, arguments, input)
  return lab.run({ verb, '--kubeconfig', self.kubeconfig, table.unpack(arguments) }, input)
end

local function decoded(text, complaint, code)
  if not text then return nil, complaint, code end
  return text == '' and true or json.decode(text)
end

local function append(list, ...)
  for _, value in ipairs { ... } do
    list[#list + 1] = value
  end
  return list
end

-- Server-side applies YAML text, or, with options.files, files and folders.
-- Further options: namespace, create_namespaces, with_status, dry_run.
function client:apply(text, options)
  options = options or {}
  local arguments = {}
  for _, path in ipairs(options.files or { '-' }) do append(arguments, '-f', path) end
  if options.namespace then append(arguments, '--namespace', options.namespace) end
  if options.create_namespaces then append(arguments, '--create-namespaces') end
  if options.with_status then append(arguments, '--with-status') end
  if options.dry_run then append(arguments, '--dry-run') end
  return call(self, 'apply', arguments, text)
end

function client:apply_files(...)
  return self:apply(nil, { files = { ... } })
end

-- namespace is '-' for kinds of the whole cluster, here and below.
function client:delete(kind, namespace, name)
  return call(self, 'delete', { kind, namespace, name })
end

function client:get(kind, namespace, name)
  return decoded(call(self, 'get', { kind, namespace, name }))
end

function client:list(kind, namespace, selector)
  local list, complaint, code = decoded(call(self, 'get', { kind, namespace or '-', '-l', selector or '' }))
  return list and list.items, complaint, code
end

function client:patch(kind, namespace, name, patch)
  return decoded(call(self, 'patch', { kind, namespace, name, '-p', json.encode(patch) }))
end

function client:status(kind, namespace, name, status)
  return decoded(call(self, 'status', { kind, namespace, name, '-p', json.encode({ status = status }) }))
end

-- Waits, by a watch, until the object is so: 'exists', 'deleted', 'condition=Programmed', '{.status.x}=y'.
function client:wait(kind, namespace, name, condition, timeout)
  return decoded(call(self, 'wait', { kind, namespace, name, '--for', condition, '--timeout', timeout or '30s' }))
end

function client:finalize(namespace)
  return call(self, 'finalize', { namespace })
end

-- A client that is a ServiceAccount, by a token in a file, as a Pod would be.
function client:as_service_account(namespace, name)
  local folder = shell.folder()
  assert(call(self, 'kubeconfig-for-token', {
    '--namespace', namespace, '--serviceaccount', name, '--token-file', folder .. '/token', '--out', folder .. '/kubeconfig',
  }))
  local made = lab.client(folder .. '/kubeconfig')
  made.token_file = folder .. '/token'
  return made
end

function client:gateway_api(channel)
  return call(self, 'gateway-api-crds', { '--apply', '--channel', channel or 'standard' })
end

-- A fault proxy in front of this cluster; proxy.client is this client behind it.
function client:proxy(options)
  local made = lab_proxy.start('proxy', { '--kubeconfig', self.kubeconfig }, options)
  made.client = lab.client(made.dir .. '/kubeconfig')
  return made
end

-- A cluster of its own. Options: dir (an old one starts again as it was), port, flags for kube-apiserver.
function lab.apiserver(options)
  options = options or {}
  local dir = options.dir or shell.folder()
  local arguments = { assert(lab.binary()), 'apiserver', '--until-eof', '--dir', dir, '--port', options.port or 0, '--' }
  append(arguments, table.unpack(options.flags or {}))
  local cluster = lab.client(dir .. '/kubeconfig')
  cluster.dir = dir
  cluster.process = process.start(arguments, dir)
  cluster.stop = function(self) return self.process:stop() end
  cluster.kill = function(self) return self.process:kill() end
  cluster.restart = function(self)
    self.process:stop()
    self.process = process.start(arguments, dir)
  end
  return cluster
end

-- A fault proxy in front of an Admin API at `upstream`; proxy.url is what to give to the controller.
function lab.adminproxy(upstream, options)
  local made = lab_proxy.start('adminproxy', { '--upstream', upstream }, options)
  made.url = 'http://127.0.0.1:' .. shell.read(made.dir .. '/port')
  return made
end

-- Any program, in the background; `ready` is an expression for the line by which it says that it is.
function lab.guard(arguments, ready)
  local dir = shell.folder()
  local line = { assert(lab.binary()), 'guard', '--until-eof', '--dir', dir, '--ready', ready or '', '--' }
  return process.start(append(line, table.unpack(arguments)), dir)
end

return lab
