-- The program under test: run in the background as a controller, or once for a command.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local http = require 'spec.support.http'
local lab = require 'spec.support.lab'
local shell = require 'spec.support.shell'

local program = {}
program.__index = program

function program.path()
  local path = os.getenv('KONGRUENT')
  return path and path ~= '' and path or 'build/kongruent'
end

-- Call it first in a describe block: without the programs it leaves one pending test that says why.
function program.skip(pending)
  if lab.skip(pending) then return true end
  local file = io.open(program.path(), 'r')
  if file then
    file:close()
    return false
  end
  pending(('needs the program: KONGRUENT (%s) is not there'):format(program.path()))
  return true
end

local function line_of(command, arguments)
  local line = { program.path(), command }
  return table.move(arguments, 1, #arguments, 3, line)
end

-- Runs a command to its end. Gives what it printed, what it said on standard error, and its exit code.
function program.run(command, arguments, input)
  local errors = shell.folder() .. '/errors'
  local quoted = shell.line(line_of(command, arguments)) .. ' 2>' .. shell.quote(errors)
  if input then quoted = quoted .. ' <' .. shell.quote(shell.write(errors .. '.input', input)) end
  local pipe = assert(io.popen(quoted, 'r'))
  local output = pipe:read('a')
  local _, _, code = pipe:close()
  return output, shell.read(errors) or '', code
end

-- Starts any long command, with further variables (NAME=value); it is up when it logs that it listens.
function program.start(command, arguments, environment)
  local line = line_of(command, arguments)
  if environment then
    line = table.move(line, 1, #line, #environment + 2, table.move(environment, 1, #environment, 2, { 'env' }))
  end
  local self = setmetatable({ process = lab.guard(line, 'listen') }, program)
  self.dir = self.process.dir
  return self
end

-- Starts a controller. Options: source or kubeconfig, gateway (spec.support.gateway) or url, more (further flags), environment.
function program.controller(options)
  local arguments = {
    '--health-probe-bind-address', '127.0.0.1:0', '--metrics-bind-address', '127.0.0.1:0',
    '--kong-admin-url', options.url or options.gateway.url,
  }
  local function add(...)
    for _, word in ipairs { ... } do arguments[#arguments + 1] = word end
  end
  if options.gateway then add('--kong-admin-filter-tag', options.gateway.tag) end
  if options.source then add('--source', options.source) end
  if options.kubeconfig then add('--kubeconfig', options.kubeconfig, '--election-namespace', 'kongruent') end
  add(table.unpack(options.more or {}))
  local self = program.start('run', arguments, options.environment)
  local health, metrics = self:log():match('msg=listening health_port=(%d+) metrics_port=(%d+)')
  self.health = 'http://127.0.0.1:' .. health
  self.metrics_url = 'http://127.0.0.1:' .. metrics
  return self
end

function program:log()
  return shell.read(self.dir .. '/log') or ''
end

-- Waits for a line; `pattern` is Lua's. `from` skips what was logged before (see program:mark).
function program:wait_log(pattern, from, seconds)
  return eventually('the log says ' .. pattern, function()
    local text = self:log():sub((from or 0) + 1)
    return text:match(pattern), text:sub(-1500)
  end, seconds)
end

function program:mark()
  return #self:log()
end

function program:status()
  return http.json('GET', self.metrics_url .. '/status.json')
end

function program:wait_status(what, check, seconds)
  return eventually(what, function()
    local status = self:status()
    return check(status) and status, json.encode(status):sub(1, 3000)
  end, seconds)
end

function program:wait_converged(seconds)
  return self:wait_status('converged', function(status) return status.state == 'converged' end, seconds)
end

function program:wait_problem(code, object, seconds)
  local found
  self:wait_status(('problem %s of %s'):format(code, object), function(status)
    found = program.problem(status, code, object)
    return found
  end, seconds)
  return found
end

-- The first such problem of a status; `object` is part of its title.
function program.problem(status, code, object)
  for _, problem in ipairs(status.problems) do
    if problem.code == code and problem.object:find(object, 1, true) then return problem end
  end
end

function program:is_ready()
  local status, text = http.request('GET', self.health .. '/readyz')
  return status == 200, text
end

function program:wait_ready(seconds)
  return eventually('ready', function() return self:is_ready() end, seconds)
end

-- A metric's value, with labels as they are printed.
function program:metric(name)
  local _, text = http.request('GET', self.metrics_url .. '/metrics')
  for line in text:gmatch('[^\n]+') do
    if line:sub(1, #name + 1) == name .. ' ' then return tonumber(line:sub(#name + 2)) end
  end
end

-- SIGTERM and the wait for its end: true after exit code 0.
function program:stop()
  return self.process:stop()
end

function program:kill()
  return self.process:kill()
end

function program:signal(name)
  return self.process:signal(name)
end

return program
