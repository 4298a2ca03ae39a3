-- Requests through a real gateway: backends that say what reached them, manifests that lead to them, and questions by curl.
-- KONG_ADMIN_URL and KONG_PROXY_URL name the gateway. UPSTREAM_ADDRESS is an address of this machine that it can reach; without it, the
-- one from which this machine reaches the proxy.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local gateway = require 'spec.support.gateway'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local manifests = require 'spec.support.manifests'
local objects = require 'spec.support.objects'
local process = require 'spec.support.process'
local program = require 'spec.support.program'
local shell = require 'spec.support.shell'

local traffic = {}
traffic.__index = traffic

local PROXY = os.getenv('KONG_PROXY_URL')

-- Call it first in a describe block: without a gateway it leaves one pending test that says why.
function traffic.skip(pending)
  if program.skip(pending) then return true end
  if os.getenv('KONG_ADMIN_URL') and PROXY then return false end
  pending('requests through a gateway: needs KONG_ADMIN_URL and KONG_PROXY_URL')
  return true
end

local function proxy_host_and_port()
  local scheme, host, port = PROXY:match('^(%a+)://([^/:]+):?(%d*)')
  return host, tonumber(port) or (scheme == 'https' and 443 or 80)
end

local function upstream_address()
  local given = os.getenv('UPSTREAM_ADDRESS')
  if given then return (given:gsub(':%d+$', '')) end
  local route = shell.run { 'ip', 'route', 'get', (proxy_host_and_port()) }
  return route and route:match(' src (%S+)') or '127.0.0.1'
end

-- Starts a backend for each name.
function traffic.start(names)
  local self = setmetatable({ gateway = gateway.start(), address = upstream_address(), folder = shell.folder(), canaries = 0 }, traffic)
  local dir = shell.folder()
  local line = { assert(lab.binary()), 'echo', '--until-eof', '--dir', dir, '--address', '0.0.0.0' }
  self.echo = process.start(table.move(names, 1, #names, #line + 1, line), dir)
  self.ports = json.decode(shell.read(dir .. '/ports'))
  self.names = names
  self.port = select(2, proxy_host_and_port())
  local configuration = http.json('GET', self.gateway.url .. '/').configuration
  self.expressions = configuration.router_flavor == 'expressions'
  return self
end

-- A Service for each backend, and for a few names that lead nowhere.
function traffic:services(namespace)
  local list = {}
  for _, name in ipairs(self.names) do
    list[#list + 1] = objects.service(namespace, name, { spec = { ports = { { name = 'http', port = 80, protocol = 'TCP' } } } })
    list[#list + 1] = objects.slice(namespace, name, { self.address }, { name = 'http', port = self.ports[name], protocol = 'TCP' })
  end
  return list
end

local function apply(self, list)
  local file = manifests.write(self.folder, 'all.yaml', list)
  local output, errors, code = program.run('apply', {
    '-f', file, '--kong-admin-url', self.gateway.url, '--kong-admin-filter-tag', self.gateway.tag, '--max-delete-percent', '100',
  })
  if code ~= 0 then error(('apply: %s\n%s'):format(output, errors), 3) end
end

-- Brings the gateway to these objects, and returns when its proxy has them. A gateway makes its router anew from all that it holds, so
-- one route more, sent after all the others, tells that these are there, too.
function traffic:apply(list)
  apply(self, list)
  self.canaries = self.canaries + 1
  local host = ('canary-%d.example.net'):format(self.canaries)
  local canary = objects.ingress('canary', 'canary', host, { { '/', 'Prefix', self.names[1] } })
  local all = table.move(list, 1, #list, 1, {})
  all[#all + 1] = canary
  for _, object in ipairs(self:services('canary')) do all[#all + 1] = object end
  apply(self, all)
  eventually('the proxy to know ' .. host, function() return self:ask({ host = host }).backend == self.names[1] end)
end

-- Headers of an answer by their lower-case names.
local function headers_of(text)
  local found = {}
  for name, value in text:gmatch('([%w-]+): ?([^\r\n]*)') do found[name:lower()] = value end
  return found
end

-- Asks once. question: { method, host, path, headers, body }. The answer has status, headers, and what the backend saw: backend, path,
-- host, seen (its request headers, by name, as the backend spells them).
function traffic:ask(question)
  local dump = self.folder .. '/headers'
  local line = {
    'curl', '-sS', '-g', '--path-as-is', '--max-time', '30', '-D', dump, '-w', '\n%{http_code}', '-X', question.method or 'GET',
    '-H', 'Host: ' .. (question.host or 'nowhere.example.net'),
  }
  for name, value in pairs(question.headers or {}) do table.move({ '-H', name .. ': ' .. value }, 1, 2, #line + 1, line) end
  if question.body then table.move({ '--data-binary', question.body }, 1, 2, #line + 1, line) end
  line[#line + 1] = PROXY:gsub('/+$', '') .. (question.path or '/')
  local output = shell.run(line)
  local text, status = (output or '\n0'):match('^(.*)\n(%d+)$')
  local ok, seen = pcall(json.decode, text)
  seen = ok and type(seen) == 'table' and seen or {}
  return {
    status = tonumber(status), headers = headers_of(shell.read(dump) or ''), backend = seen.backend, path = seen.path, host = seen.host,
    seen = seen.headers or {},
  }
end

local function is(wanted, got)
  for key, value in pairs(wanted) do
    if type(value) == 'table' then
      if not is(value, got[key] or {}) then return false end
    elseif value == false then
      if got[key] then return false end
    elseif got[key] ~= value then
      return false
    end
  end
  return true
end

-- Asks until the answer has all of `wanted` (false: the member is absent), since endpoints reach the proxy a moment after routes.
function traffic:expect(question, wanted)
  eventually(json.encode(question) .. ' to be answered with ' .. json.encode(wanted), function()
    local answer = self:ask(question)
    return is(wanted, answer), json.encode(answer)
  end)
end

-- The requests that have reached a backend, the latest last; asked for without the gateway.
function traffic:reached(name)
  return http.json('GET', ('http://%s:%d/echo/seen'):format(self.address, self.ports[name])) or {}
end

-- How often each backend answers, of `count` requests; other answers count by their status.
function traffic:count(question, count)
  local found = {}
  for _ = 1, count do
    local answer = self:ask(question)
    local key = answer.backend or answer.status
    found[key] = (found[key] or 0) + 1
  end
  return found
end

local loop = {}
loop.__index = loop

local MOST_REQUESTS = 20000

-- Asks for the paths of `hosts` by turns, without a pause, until the loop is stopped. Connections are not reused.
function traffic:loop(hosts, path)
  local codes = shell.folder() .. '/codes'
  local words = {}
  for i, host in ipairs(hosts) do words[i] = shell.quote(host) end
  local script = ([[
    echo asking
    n=0
    while [ ! -e %s.stop ] && [ $n -lt %d ]; do
      for host in %s; do
        curl -s -o /dev/null --max-time 10 -w '%%{http_code}\n' -H "Host: $host" %s >>%s
        n=$((n + 1))
      done
    done]]):format(codes, MOST_REQUESTS, table.concat(words, ' '), shell.quote((PROXY:gsub('/+$', '')) .. path), codes)
  return setmetatable({ codes = codes, process = lab.guard({ 'sh', '-c', script }, 'asking') }, loop)
end

-- Ends it; how often each status was the answer.
function loop:stop()
  shell.write(self.codes .. '.stop', '')
  self.process:wait()
  local found = {}
  for code in (shell.read(self.codes) or ''):gmatch '%d+' do found[tonumber(code)] = (found[tonumber(code)] or 0) + 1 end
  return found
end

function traffic:stop()
  self.gateway:stop()
  self.echo:stop()
end

return traffic
