-- Calls that are banned, files and functions that have grown too long, and words that have no place in the tree.
local BANNED = { 'strcpy', 'strcat', 'sprintf', 'strtok', 'atoi', 'alloca', 'gets', 'strncpy', 'vsprintf' }
local FILE_MAX, HEADER_MAX, FUNCTION_MAX = 700, 200, 66

local failures = 0
local function fail(...)
  failures = failures + 1
  io.stderr:write(string.format(...), '\n')
end

local function check_line(path, number, line)
  local code = line:gsub('"[^"]*"', '""'):gsub('//.*', '')
  for _, name in ipairs(BANNED) do
    if code:match('%f[%w_]' .. name .. '%s*%(') then fail('%s:%d: %s is banned', path, number, name) end
  end
  if path:match '^src/' and not path:match '^src/cli/' and code:match '%f[%w_]printf%s*%(' then
    fail('%s:%d: printf outside of src/cli', path, number)
  end
  if path:match '^src/' and not path:match '^src/rules/' and not path:match '^src/lua/' and code:match '%f[%w_]lua_%w+%s*%(' then
    fail('%s:%d: Lua outside of src/lua and src/rules', path, number)
  end
  for _, word in ipairs { 'TODO', 'FIXME', 'XXX' } do
    if line:match('%f[%w]' .. word .. '%f[%W]') then fail('%s:%d: %s', path, number, word) end
  end
end

local function check(path)
  local number, started = 0, nil
  for line in io.lines(path) do
    number = number + 1
    check_line(path, number, line)
    if path:match '%.c$' and line == '{' then started = number end
    if started and line == '}' then
      if number - started > FUNCTION_MAX then fail('%s:%d: a function of %d lines', path, started, number - started) end
      started = nil
    end
  end
  local most = path:match '%.h$' and HEADER_MAX or FILE_MAX
  if path:match '^src/' and number > most then fail('%s: %d lines, more than %d', path, number, most) end
end

local pipe = assert(io.popen "git ls-files 'src/*.c' 'src/*.h' 'include/*.h' 'spec/*.c' 'spec/*.h'")
local count = 0
for path in pipe:lines() do
  check(path)
  count = count + 1
end
pipe:close()
if failures > 0 then os.exit(1) end
print(('calls: ok (%d files)'):format(count))
