-- What deploy/ and the documents about it repeat of the program: its version, and flags; values.schema.json knows those of `run` by type.
local program = assert(arg[1], 'usage: deploy.lua PROGRAM [--write]')
local writes = arg[2] == '--write'
local SCHEMA = 'deploy/chart/values.schema.json'
local OF_THE_CHART = { health_probe_bind_address = true, metrics_bind_address = true } -- ingressController.ports

-- The chart's rights depend on these, so their values have to be in sight.
local PLAIN = { election_id = true, election_namespace = true, publish_service = true, publish_service_udp = true }

local function read(path)
  local file = assert(io.open(path))
  local text = file:read 'a'
  file:close()
  return text
end

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read 'a'
  pipe:close()
  return text
end

local function fail(...)
  io.stderr:write(string.format(...), '\n')
  os.exit(1)
end

local function schema_of(name, values)
  if PLAIN[name] then return '{ "type": "string" }' end
  if values == '' then return '{ "$ref": "#/definitions/switch" }' end
  if values == 'N' or values == 'PERCENT' or values == 'BYTES' then return '{ "$ref": "#/definitions/number" }' end
  if values:find '^[%l_|-]+$' then
    return ('{ "allOf": [{ "$ref": "#/definitions/text" }], "pattern": "^(%s)$" }'):format(values)
  end
  return '{ "$ref": "#/definitions/text" }'
end

local values = {}
for flag, value in output(program .. ' help --markdown'):gmatch '\n| `%-%-([%l-]+)` | (.-) | ' do
  values[flag] = value:gsub('\\|', '|')
end
local run = assert(output(program .. ' help --commands'):match '\n## run\n.-\nFlags: ([^\n]+)')
local lines, count = {}, 0
for flag in run:gmatch '`%-%-([%l-]+)`' do
  local name = flag:gsub('-', '_')
  count = count + 1
  if not OF_THE_CHART[name] then lines[#lines + 1] = ('        "%s": %s'):format(name, schema_of(name, assert(values[flag], flag))) end
end
assert(count > 0, 'no flags were found')
local wanted = ([[
    "controllerEnv": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
%s
      }
    },
]]):format(table.concat(lines, ',\n'))

local text = read(SCHEMA)
local first = assert(text:find('    "controllerEnv": {', 1, true))
local last = assert(select(2, text:find('\n    },\n', first, true)))
if text:sub(first, last) ~= wanted then
  if not writes then fail('%s does not know the flags of run: lua5.4 spec/lint/deploy.lua %s --write', SCHEMA, program) end
  local file = assert(io.open(SCHEMA, 'w'))
  file:write(text:sub(1, first - 1), wanted, text:sub(last + 1))
  file:close()
end

local version = read('CMakeLists.txt'):match 'VERSION (%d[%d.]*) LANGUAGES'
for path, pattern in pairs {
  ['deploy/image/Dockerfile'] = 'ARG VERSION=([%d.]+)',
  ['deploy/chart/Chart.yaml'] = 'appVersion: ([%d.]+)',
  ['deploy/traditional/kustomization.yaml'] = "name: kongruent, newTag: '([%d.]+)'",
  ['deploy/hybrid/kustomization.yaml'] = "name: kongruent, newTag: '([%d.]+)'",
  ['deploy/sidecar/kustomization.yaml'] = "name: kongruent, newTag: '([%d.]+)'",
} do
  if read(path):match(pattern) ~= version then fail('%s: the version is not %s', path, version) end
end

-- Flags that are named in prose, and variables in manifests.
for path in output("git ls-files 'deploy/*.md' docs/install.md docs/operate.md docs/troubleshoot.md 'deploy/*.yaml'"):gmatch '[^\n]+' do
  local page = read(path)
  for flag in page:gmatch '`%-%-([%l-]+)' do
    if not values[flag] then fail('%s: there is no flag --%s', path, flag) end
  end
  for name in page:gmatch 'CONTROLLER_([%u_]+)' do
    local flag = name:lower():gsub('_', '-')
    if not values[flag] then fail('%s: there is no variable CONTROLLER_%s', path, name) end
  end
end
print(('deploy: ok (%d flags, version %s)'):format(count, version))
