-- Arrows between rooms: only those of the table in src/README.md; no circle of includes; every .c file of a door includes it first.
local function lines_of(path)
  local file = assert(io.open(path))
  local list = {}
  for line in file:lines() do list[#list + 1] = line end
  file:close()
  return list
end

local function command(text)
  local pipe = assert(io.popen(text))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local allowed, failures = {}, 0

local function fail(...)
  failures = failures + 1
  io.stderr:write(string.format(...), '\n')
end

for _, line in ipairs(lines_of 'src/README.md') do
  local room, uses = line:match '^| `([%w]+)` |[^|]*|([^|]*)|$'
  if room then
    allowed[room] = { [room] = true }
    for word in uses:gmatch '%w+' do allowed[room][word] = true end
  end
end

local graph = {}
local sources = command "git ls-files 'src/*.c' 'src/*.h' 'include/*.h'"
for _, path in ipairs(sources) do
  local room = path:match '^src/(%w+)/' or path:match '^include/(%w+)/'
  if not allowed[room] then fail('%s: the room %s is not in the table of src/README.md', path, room) end
  graph[path] = {}
  for number, line in ipairs(lines_of(path)) do
    local target = line:match '^#include "([^"]+)"'
    local other = target and target:match '^([%w]+)/'
    if other and allowed[other] then
      if allowed[room] and not allowed[room][other] then
        fail('%s:%d: %s may not use %s', path, number, room, other)
      end
      graph[path][#graph[path] + 1] = 'include/' .. target
    elseif target and not other then
      graph[path][#graph[path] + 1] = 'src/' .. room .. '/' .. target
    end
    if line:match '#include <lua' and room ~= 'rules' then fail('%s:%d: only src/rules includes Lua', path, number) end
  end
end

local state = {}
local function walk(path, trail)
  if state[path] == 'done' or not graph[path] then return end
  if state[path] == 'open' then
    fail('includes in a circle: %s -> %s', table.concat(trail, ' -> '), path)
    return
  end
  state[path] = 'open'
  trail[#trail + 1] = path
  for _, target in ipairs(graph[path]) do walk(target, trail) end
  trail[#trail] = nil
  state[path] = 'done'
end
for _, path in ipairs(sources) do walk(path, {}) end

for _, path in ipairs(sources) do
  local room, stem = path:match '^src/(%w+)/([%w_]+)%.c$'
  local door = room and ('include/%s/%s.h'):format(room, stem)
  if door and graph[door] and graph[path][1] ~= door then fail('%s: its own header %s must come first', path, door) end
end

if failures > 0 then os.exit(1) end
print(('rooms: ok (%d files)'):format(#sources))
