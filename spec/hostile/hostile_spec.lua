-- A corpus of rules that mean harm or are badly wrong (P19), each through the program: the outcome that is expected of it, its memory,
-- and whether the objects beside it are translated as if it were not there.  Limits count instructions and bytes; the clock only guards
-- against a program that does not come back.
--
-- A row of corpus/*.lua is one of
--   { name, attack = [[ body of a function (self, ctx, object, host) ]], fails = 'part of the message' | passes = true }
--   { name, file = [[ a rule file ]], refused = 'part of the message' }           the set is not loaded; at = line, when it is known
-- with, where needed: prelude = [[ lines at the file's top ]], files = { ['lib/x.lua'] = … }, flags = { … }, objects = more YAML,
-- emits = { names of further services }, says = 'a line on standard error'.
local json = require 'cjson'

local shell = require 'spec.support.shell'

local FAMILIES = { 'loops', 'library', 'texts', 'metatables', 'memory', 'values', 'engine', 'state', 'errors', 'loading', 'escapes' }
local MEMORY = 128 << 20      -- heap of the rules
local ADDRESS_SPACE = tonumber(os.getenv 'KONGRUENT_HOSTILE_MEMORY' or 1200000) -- KiB of the whole program; tools like valgrind need more
local INSTRUCTIONS = 3000000

local PROGRAM = os.getenv 'KONGRUENT' or io.popen('pwd'):read('l') .. '/build/kongruent'
local GUARD = os.getenv 'KONGRUENT_HOSTILE_GUARD' or '600' -- seconds
local ONLY = os.getenv 'KONGRUENT_HOSTILE'                   -- names that contain this

local OBJECTS = [[
apiVersion: test.example/v1
kind: Probe
metadata: { name: bad, namespace: default, creationTimestamp: '2026-01-02T00:00:00Z' }
---
apiVersion: test.example/v1
kind: Probe
metadata: { name: good, namespace: default }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: default, creationTimestamp: '2026-01-01T00:00:00Z' }
spec:
  ingressClassName: kong
  rules:
    - host: shop.example
      http: { paths: [ { path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } } ] }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: default, creationTimestamp: '2026-01-01T00:00:00Z' }
spec: { ports: [ { port: 80 } ] }
]]

-- The attack begins on the line behind the prelude's; both are one text, so lines are those of the file.
local PROBE = [[
%slocal M = { api = 1, kind = 'test.example/v1/Probe', reads = { 'v1/Service' }, contributes = { 'sink' } }
function M:attack(ctx, object, host)
%s
end
function M:translate(ctx, object)
  if object.metadata.name == 'bad' then self:attack(ctx, object, require 'host') end
  ctx:emit('service', { name = object.metadata.name, host = 'probe.example', port = 80 })
end
return M
]]

-- Takes what the probe gives.
local SINK = "return { api = 1, shared = 'sink', translate = function() end }\n"

local function lines_in(text)
  local _, count = text:gsub('\n', '\n')
  return count
end

local function write_rules(folder, case)
  os.execute('mkdir -p ' .. shell.quote(folder .. '/rules.d'))
  local first, last
  if case.attack then
    local prelude = case.prelude and case.prelude .. '\n' or ''
    shell.write(folder .. '/rules.d/50-probe.lua', PROBE:format(prelude, case.attack))
    first = lines_in(prelude) + 3
    last = first + lines_in(case.attack)
  else
    shell.write(folder .. '/rules.d/50-probe.lua', case.file)
  end
  if case.attack then shell.write(folder .. '/rules.d/45-sink.lua', SINK) end
  for name, text in pairs(case.files or {}) do
    local path = folder .. '/rules.d/' .. name
    os.execute('mkdir -p ' .. shell.quote(path:match '^(.*)/'))
    shell.write(path, text)
  end
  return first, last
end

local function translate(folder, case)
  local arguments = {
    PROGRAM, 'translate', '-f', 'in.yaml', '--rules', 'rules.d', '-o', 'json',
    '--rule-instruction-limit', tostring(INSTRUCTIONS), '--rule-memory-limit', tostring(MEMORY), '--rule-time-limit', '10m',
  }
  for _, flag in ipairs(case.flags or {}) do arguments[#arguments + 1] = flag end
  local line = ('cd %s && ulimit -v %d && timeout -k 1 %s %s >out 2>errors'):format(shell.quote(folder), ADDRESS_SPACE, GUARD,
    shell.line(arguments))
  local _, _, code = os.execute(line)
  return shell.read(folder .. '/out'), shell.read(folder .. '/errors'), code
end

local function services(output)
  local found = {}
  local good, state = pcall(json.decode, output)
  for _, service in ipairs(good and state.services or {}) do found[service.name] = service end
  return found
end

-- Everything that the probe and the bundled rules make of the other objects.
local function assert_beside(found, complaint)
  assert.same({ name = 'good', host = 'probe.example', port = 80, id = 'cb8157a4-d506-549d-a5ed-857338bfe097' }, found.good, complaint)
  local shop = found['default.shop.80']
  assert.is_table(shop, complaint)
  assert.equal('shop.default.80.svc', shop.host)
  assert.same({ 'shop.example' }, shop.routes[1].hosts)
  assert.same({ '/' }, shop.routes[1].paths)
end

local function assert_problem(case, complaint, first, last)
  local text
  for line in complaint:gmatch '[^\n]+' do
    if line:find('error RuleFailed Probe default/bad: ', 1, true) and line:find(case.fails, 1, true) then text = line end
  end
  assert.truthy(text, ('no RuleFailed with "%s" in: %s'):format(case.fails, complaint:sub(1, 2000)))
  local place = case.place or '50%-probe%.lua'
  local number = tonumber(text:match('failed: [^ ]*' .. place .. ':(%d+): '))
  assert.truthy(number, 'no file and line in: ' .. text:sub(1, 500))
  if case.at then
    assert.equal(case.at, number, text:sub(1, 500))
  elseif not case.place then
    assert.is_true(number >= first and number <= last, ('line %d is not of the attack (%d to %d): ' ..
    '%s'):format(number, first, last, text:sub(1, 500)))
  end
end

local function check(case)
  local folder = shell.folder()
  shell.write(folder .. '/in.yaml', OBJECTS .. (case.objects and '---\n' .. case.objects or ''))
  local first, last = write_rules(folder, case)

  local output, complaint, code = translate(folder, case)

  assert.is_true(code < 120, ('ended with %d: %s'):format(code, complaint:sub(1, 2000)))
  if case.refused then
    assert.equal(1, code, complaint)
    assert.truthy(complaint:find(case.refused, 1, true), ('no "%s" in: %s'):format(case.refused, complaint:sub(1, 2000)))
    local place = case.place or '50%-probe%.lua'
    local number = tonumber(complaint:match(place .. ':(%d+): '))
    assert.truthy(number, 'no file and line in: ' .. complaint:sub(1, 500))
    if case.at then assert.equal(case.at, number, complaint:sub(1, 500)) end
    return
  end
  local found = services(output)
  assert_beside(found, complaint:sub(1, 2000))
  if case.fails then
    assert_problem(case, complaint, first, last)
    assert.is_nil(found.bad)
  else
    assert.is_nil(complaint:find('RuleFailed', 1, true), complaint:sub(1, 2000))
    assert.is_table(found.bad)
  end
  for _, name in ipairs(case.emits or {}) do assert.is_table(found[name], name .. ' is not there: ' .. complaint:sub(1, 2000)) end
  if case.says then assert.truthy(complaint:find(case.says, 1, true), complaint:sub(1, 2000)) end
end

describe('a hostile rule (sandbox)', function()
  after_each(shell.tidy)

  for _, family in ipairs(FAMILIES) do
    for _, case in ipairs(dofile(('spec/hostile/corpus/%s.lua'):format(family))) do
      local name = family .. ': ' .. case[1]
      if not ONLY or name:find(ONLY, 1, true) then
        it(name, function() check(case) end)
      end
    end
  end
end)
