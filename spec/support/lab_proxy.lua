-- A fault proxy of the lab: its rules, and what it saw. spec/lab/README.md lists what a rule can say.
local json = require 'cjson'

local shell = require 'spec.support.shell'
local process = require 'spec.support.process'

local lab_proxy = {}
lab_proxy.__index = lab_proxy

-- Every request and every answer is also a JSON line in proxy.record.
function lab_proxy.start(command, arguments, options)
  options = options or {}
  local binary = assert(os.getenv('KONGRUENT_LAB'))
  local dir = options.dir or shell.folder()
  local line = { binary, command, '--until-eof', '--dir', dir, '--port', options.port or 0, '--record', dir .. '/requests' }
  table.move(arguments, 1, #arguments, #line + 1, line)
  return setmetatable({ binary = binary, dir = dir, record = dir .. '/requests', process = process.start(line, dir) }, lab_proxy)
end

local function escaped(text)
  return (tostring(text):gsub('[^%w%-_.~]', function(character) return ('%%%02X'):format(character:byte()) end))
end

-- filter: method, path, query, body (expressions), since (a sequence number), held, done.
local function question(filter)
  local keys, parts = {}, {}
  for key in pairs(filter or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  for index, key in ipairs(keys) do parts[index] = key .. '=' .. escaped(filter[key]) end
  return #parts > 0 and '?' .. table.concat(parts, '&') or ''
end

function lab_proxy:control(method, path, body)
  local output, complaint = shell.run { self.binary, 'control', '--dir', self.dir, method, path, body and json.encode(body) }
  return json.decode((assert(output, complaint)))
end

-- Puts a rule in force, such as { action = 'hold', path = '^/api/v1/services' }. Gives its id.
function lab_proxy:rule(rule)
  return self:control('POST', '/rules', rule).ids[1]
end

function lab_proxy:rules()
  return self:control('GET', '/rules')
end

-- Takes a rule out of force and lets go what it holds; without an id, every rule.
function lab_proxy:remove(id)
  return self:control('DELETE', id and '/rules/' .. escaped(id) or '/rules')
end

-- Lets go the first `count` held requests, or all, and keeps the rule.
function lab_proxy:release(id, count)
  return self:control('POST', '/rules/' .. escaped(id) .. '/release' .. question { count = count }).released
end

function lab_proxy:requests(filter)
  return self:control('GET', '/requests' .. question(filter)).requests
end

-- Waits until as many requests as filter.count (or one) fit the filter; filter.timeout is 30s unless given.
function lab_proxy:wait(filter)
  return self:control('GET', '/wait' .. question(filter)).requests
end

-- Requests per 'METHOD path'.
function lab_proxy:counters()
  return self:control('GET', '/counters').requests
end

-- Closes the connections of requests under way; with filter.reset by RST. Gives how many there were.
function lab_proxy:cut(filter)
  return self:control('POST', '/cut' .. question(filter)).cut
end

-- Forgets all requests and counts.
function lab_proxy:forget()
  self:control('DELETE', '/requests')
end

function lab_proxy:stop()
  return self.process:stop()
end

return lab_proxy
