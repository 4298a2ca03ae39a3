-- How files may lean on each other:
--   * a room includes only the doors of the rooms that the table in src/README.md gives it;
--   * no circle of includes;
--   * no circle of calls: a .c file leans on those whose functions it calls by name, and no way may lead back. A function that is
--     handed over as a value (a row of a table, a callback) is no call: who calls it later does not know whose it is;
--   * every .c file of a door includes it first.
-- Calls are read from the text as clang-format leaves it: a body begins and ends with a brace of its own at the margin.
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

-- CMake gives each room the doors that the table allows.
local linked = {}
for line in table.concat(lines_of 'CMakeLists.txt', '\n'):gmatch 'kongruent_room(%b())' do
  local room, uses = line:match '^%((%w+)', line:match 'USES ([%w ]-)%f[%u)]' or ''
  linked[room] = { [room] = true }
  for word in uses:gmatch '%w+' do linked[room][word] = true end
end
for room, rooms in pairs(allowed) do
  for other in pairs(rooms) do
    if not (linked[room] or {})[other] then fail('CMakeLists.txt: %s has no doors of %s, and src/README.md gives it some', room, other) end
  end
end
for room, rooms in pairs(linked) do
  for other in pairs(rooms) do
    if not (allowed[room] or {})[other] then fail('CMakeLists.txt: %s has doors of %s, and src/README.md gives it none', room, other) end
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
    if line:match '#include <lua' and room ~= 'rules' and room ~= 'lua' then
      fail('%s:%d: only src/lua and src/rules include Lua', path, number)
    end
  end
end

-- `arrows` is path -> list of paths.
local function refuse_circles(what, arrows)
  local state = {}
  local function walk(path, trail)
    if state[path] == 'done' or not arrows[path] then return end
    trail[#trail + 1] = path
    if state[path] == 'open' then
      local from = 1
      while trail[from] ~= path do from = from + 1 end
      fail('%s in a circle: %s', what, table.concat(trail, ' -> ', from))
    else
      state[path] = 'open'
      for _, target in ipairs(arrows[path]) do walk(target, trail) end
      state[path] = 'done'
    end
    trail[#trail] = nil
  end
  for _, path in ipairs(sources) do walk(path, {}) end
end

local function plain_code(path)
  local text = table.concat(lines_of(path), '\n')
  return (text:gsub('\\.', ''):gsub("'.'", ''):gsub('"[^"\n]*"', ''):gsub('/%*.-%*/', ''):gsub('//[^\n]*', ''))
end

-- name -> { shared = not static, calls = { name, … } }
local function functions_of(path)
  local functions = {}
  for signature, body in (plain_code(path) .. '\n'):gmatch '([^\n;}]+%b())\n(%b{})\n' do
    local name = signature:match '([%a_][%w_]*)%s*%('
    functions[name] = { shared = not signature:match '^%s*static%f[%s]', calls = {} }
    for callee in body:gmatch '([%a_][%w_]*)%(' do table.insert(functions[name].calls, callee) end
  end
  return functions
end

local function calls_between_files()
  local files, owners, arrows = {}, {}, {}
  for _, path in ipairs(sources) do
    files[path] = path:match '%.c$' and functions_of(path) or {}
    for name, definition in pairs(files[path]) do
      if definition.shared then owners[name] = path end
    end
  end
  for path, functions in pairs(files) do
    arrows[path] = {}
    for _, definition in pairs(functions) do
      for _, callee in ipairs(definition.calls) do
        if not functions[callee] then table.insert(arrows[path], owners[callee]) end
      end
    end
    table.sort(arrows[path])
  end
  return arrows
end

refuse_circles('includes', graph)
refuse_circles('calls', calls_between_files())

for _, path in ipairs(sources) do
  local room, stem = path:match '^src/(%w+)/([%w_]+)%.c$'
  local door = room and ('include/%s/%s.h'):format(room, stem)
  if door and graph[door] and graph[path][1] ~= door then fail('%s: its own header %s must come first', path, door) end
end

if failures > 0 then os.exit(1) end
print(('rooms: ok (%d files)'):format(#sources))
