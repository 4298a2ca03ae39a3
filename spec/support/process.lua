-- A program in the background that says "ready" and that never outlives the test: its standard input is a pipe from
-- here, and it ends when that pipe does, however this process ends.
local shell = require 'spec.support.shell'

local process = {}
process.__index = process

local running = {}

-- Starts `arguments` and comes back once it has printed "ready". `dir` is where it leaves its pid and its log.
function process.start(arguments, dir)
  local fifo = dir .. '/ready.fifo'
  os.execute('rm -f ' .. shell.quote(fifo) .. ' && mkfifo ' .. shell.quote(fifo))
  local line = ('exec %s >%s 2>%s'):format(shell.line(arguments), shell.quote(fifo), shell.quote(dir .. '/error'))
  local self = setmetatable({ dir = dir, pipe = assert(io.popen(line, 'w')) }, process)
  self.output = assert(io.open(fifo, 'r')) -- waits until the program has it open, too
  if self.output:read('l') ~= 'ready' then
    self.pipe:close()
    error(('%s did not get ready:\n%s%s'):format(arguments[1] .. ' ' .. arguments[2], shell.read(dir .. '/error') or '',
      (shell.read(dir .. '/log') or ''):sub(-2000)), 2)
  end
  running[#running + 1] = self
  return self
end

function process:pid()
  return assert(tonumber(shell.read(self.dir .. '/pid')), 'no pid in ' .. self.dir)
end

-- Sends a signal: TERM, KILL, STOP, CONT ...
function process:signal(name)
  return (os.execute(('kill -%s %d'):format(name, self:pid())))
end

-- Waits for its end. Gives true after a clean exit; else nil, 'exit' or 'signal', and the number.
function process:wait()
  if not self.pipe then return true end
  local pipe = self.pipe
  self.pipe = nil
  local ok, how, code = pipe:close()
  self.output:close()
  return ok, how, code
end

function process:stop()
  if not self.pipe then return true end
  self:signal('CONT')
  self:signal('TERM')
  return self:wait()
end

function process:kill()
  if not self.pipe then return true end
  self:signal('KILL')
  return self:wait()
end

-- Stops whatever still runs, the newest first: proxies before what stands behind them.
function process.stop_all()
  for index = #running, 1, -1 do
    running[index]:stop()
  end
  running = {}
end

return process
