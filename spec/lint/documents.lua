-- The pages that are printed from tables are what the program prints, and links between pages lead somewhere.
local program = assert(arg[1], 'usage: documents.lua PROGRAM')

local failures = 0
local function fail(...)
  failures = failures + 1
  io.stderr:write(string.format(...), '\n')
end

local function read(path)
  local file = io.open(path)
  if not file then return nil end
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

local PRINTED = {
  { 'docs/options.md', 'help --markdown' },
  { 'docs/commands.md', 'help --commands' },
  { 'docs/problems.md', 'help --problems' },
  { 'docs/metrics.md', 'help --metrics' },
}
for _, page in ipairs(PRINTED) do
  if read(page[1]) ~= output(program .. ' ' .. page[2]) then
    fail('%s is not current: %s %s > %s', page[1], program, page[2], page[1])
  end
end

-- Every code that a rule or the program reports has a row, hence a cause and a remedy.
local known = {}
for code in read('src/kong/problem_codes.c'):gmatch '\n    %u+%(%s*"(%u%a+)"' do known[code] = true end
for path in output("git ls-files 'lua/*.lua'"):gmatch '[^\n]+' do
  for code in (read(path) or ''):gmatch "problem%([%w_.]+, '(%u%a+)'" do
    if not known[code] then fail('%s: the problem %s has no row in src/kong/problem_codes.c', path, code) end
  end
end

-- Links to files, relative to the page.
local pages = 0
for path in output("git ls-files '*.md'"):gmatch '[^\n]+' do
  pages = pages + 1
  local folder = path:match '^(.*/)' or ''
  for target in (read(path) or ''):gmatch '%]%(([^)%s]+)%)' do
    local file = target:gsub('#.*', '')
    if file ~= '' and not file:match '^%a+:' and not io.open(folder .. file) then fail('%s: the link %s leads nowhere', path, target) end
  end
end

if failures > 0 then os.exit(1) end
print(('documents: ok (%d printed, %d pages)'):format(#PRINTED, pages))
