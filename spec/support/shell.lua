-- Running programs with stock Lua: quoted command lines, captured output, folders that go away again.
local shell = {}

local folders = {}

function shell.quote(text)
  return "'" .. tostring(text):gsub("'", [['\'']]) .. "'"
end

function shell.line(arguments)
  local quoted = {}
  for index, argument in ipairs(arguments) do
    quoted[index] = shell.quote(argument)
  end
  return table.concat(quoted, ' ')
end

function shell.read(path)
  local file = io.open(path, 'r')
  if not file then return nil end
  local text = file:read('a')
  file:close()
  return text
end

function shell.write(path, text)
  local file = assert(io.open(path, 'w'))
  assert(file:write(text))
  assert(file:close())
  return path
end

-- A new folder below $TMPDIR. Names stay short: the cluster puts unix sockets there, whose paths have a limit.
function shell.folder()
  local pipe = assert(io.popen('mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX"'))
  local path = pipe:read('l')
  assert(pipe:close() and path, 'mktemp made no folder')
  folders[#folders + 1] = path
  return path
end

-- Removes every folder that shell.folder made.
function shell.tidy()
  for _, path in ipairs(folders) do
    os.execute('rm -rf ' .. shell.quote(path))
  end
  folders = {}
end

-- Runs a program to its end. Gives its output, or nil, what it said on standard error, and its exit code.
function shell.run(arguments, input)
  local folder = shell.folder()
  local line = shell.line(arguments) .. ' 2>' .. shell.quote(folder .. '/error')
  if input then
    line = line .. ' <' .. shell.quote(shell.write(folder .. '/input', input))
  end
  local pipe = assert(io.popen(line, 'r'))
  local output = pipe:read('a')
  local ok, _, code = pipe:close()
  local complaint = shell.read(folder .. '/error')
  os.execute('rm -rf ' .. shell.quote(folder))
  folders[#folders] = nil
  if ok then return output end
  return nil, complaint, code
end

return shell
