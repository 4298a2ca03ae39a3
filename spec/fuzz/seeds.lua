-- Writes inputs to begin with: seeds.lua TARGET FOLDER.  Run in the source tree, after ./dev build (for the primitives).
local target, folder = ...

local count = 0
local function write(text)
  count = count + 1
  local file = assert(io.open(('%s/seed-%04d'):format(folder, count), 'w'))
  file:write(text)
  file:close()
end

local function lines(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local TARGETS = {}

-- The attacks of the hostile corpus.
function TARGETS.rules_script_fuzz()
  for _, path in ipairs(lines 'ls spec/hostile/corpus/*.lua') do
    for _, case in ipairs(dofile(path)) do
      if case.attack then write(case.attack) end
    end
  end
end

-- The objects of our cases, one JSON object a line.
function TARGETS.rules_objects_fuzz()
  local host = require 'kongruent_primitives'
  for _, path in ipairs(lines 'ls spec/cases/*/in.yaml') do
    local file = assert(io.open(path))
    local objects = {}
    for document in (file:read 'a' .. '\n---\n'):gmatch '(.-)\n%-%-%-\n' do
      local value = host.yaml_decode(document)
      if type(value) == 'table' then objects[#objects + 1] = host.json_encode(value) end
    end
    file:close()
    write(table.concat(objects, '\n'))
  end
end

if TARGETS[target] then TARGETS[target]() end
