-- Helm, as $KONGRUENT_HELM names it (built from spec/deploy by ./dev test), on the chart of the tree.
local json = require 'cjson'

local lab = require 'spec.support.lab'
local shell = require 'spec.support.shell'

local helm = { CHART = 'deploy/chart' }

function helm.binary()
  local path = os.getenv('KONGRUENT_HELM')
  if path and path ~= '' then return path end
  return nil, 'KONGRUENT_HELM does not name helm (spec/deploy/README.md)'
end

-- Call it first in a describe block: without the binary it leaves one pending test that says why.
function helm.skip(pending)
  local path, reason = helm.binary()
  if path then return false end
  pending('needs helm: ' .. reason)
  return true
end

-- Gives helm's output, or nil and its complaint.
function helm.run(...)
  local output, complaint = shell.run { assert(helm.binary()), ... }
  if output then return output end
  return nil, (complaint:gsub('walk%.go[^\n]*\n', '')) -- that it follows links
end

-- Values for -f: a table, written as JSON, which YAML contains.
function helm.values(values)
  return shell.write(shell.folder() .. '/values.json', (json.encode(values):gsub('\\/', '/')))
end

local PARSE = 'import json, sys, yaml; print(json.dumps([d for d in yaml.safe_load_all(sys.stdin) if d]))'

-- The objects of a YAML text.
function helm.objects(text)
  return json.decode(assert(shell.run({ 'python3', '-c', PARSE }, text)))
end

-- Renders the release "kongruent" in the namespace "kongruent"; gives YAML, or nil and the complaint.
function helm.template(topology, values, ...)
  return helm.run('template', 'kongruent', helm.CHART, '--namespace', 'kongruent', '-f',
    ('%s/ci/%s-values.yaml'):format(helm.CHART, topology), '-f', helm.values(values or {}), ...)
end

-- By dots; [x] picks an item of a list by its name, or by its number.
function helm.find(object, path)
  local value = object
  for part in path:gmatch '[^.]+' do
    local key, item = part:match '^([^%[]*)%[?([^%]]*)%]?$'
    if key ~= '' then value = type(value) == 'table' and value[key] or nil end
    if item ~= '' and type(value) == 'table' then
      local found = value[tonumber(item)]
      for _, entry in ipairs(value) do
        if type(entry) == 'table' and entry.name == item then found = entry end
      end
      value = found
    end
  end
  return value
end

-- Objects by "Kind/name".
function helm.by_name(objects)
  local found = {}
  for _, object in ipairs(objects) do
    found[('%s/%s'):format(object.kind, object.metadata.name)] = object
  end
  return found
end

helm.stop_all = lab.stop_all

return helm
