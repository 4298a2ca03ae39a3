-- A Dockerfile's steps without Docker, on a machine that is what its stages begin with (Debian 12): folders of a scratch place
-- lie over /srv and /mnt, in a mount namespace, while a step runs. Installing packages is left to the machine.
local shell = require 'spec.support.shell'

local dockerfile = {}

-- Instructions as { word, rest }; continued lines are joined, variables of ARG put in.
function dockerfile.read(path)
  local text = assert(shell.read(path)):gsub('\n#[^\n]*', '\n'):gsub('^#[^\n]*', ''):gsub('\\\n%s*', '')
  local steps, variables = {}, {}
  for line in text:gmatch '[^\n]+' do
    local word, rest = line:match '^(%u+)%s+(.-)%s*$'
    assert(word, path .. ': no instruction in: ' .. line)
    rest = rest:gsub('%${(%u+)}', variables)
    if word == 'ARG' then
      local name, value = rest:match '^(%u+)=(.*)$'
      variables[name] = value:match '^"(.*)"$' or value
    end
    steps[#steps + 1] = { word = word, rest = rest }
  end
  return steps, variables
end

-- The steps of a stage: by its name, or the last.
function dockerfile.stage(steps, name)
  local found
  for _, step in ipairs(steps) do
    if step.word == 'FROM' then
      found = (not name or step.rest:match ' AS (%S+)$' == name) and { from = step.rest:match '^%S+' } or found
      if name and found and found[1] then break end
    elseif found then
      found[#found + 1] = step
    end
  end
  return found
end

-- What a COPY does, as a line of shell; it copies into /srv.
local function copying(rest, place)
  local sources, target = rest:match '^(.+)%s+(/srv%S*)$'
  if os.execute('test -d "' .. sources .. '"') then sources = sources .. '/.' end
  return ('mkdir -p "%s%s" && cp -r %s "%s%s"'):format(place, target, sources, place, target)
end

-- Runs COPY and RUN of a stage, with `place`/srv and `place`/mnt for its folders. Gives nil and a complaint when a step fails.
function dockerfile.run(stage, place)
  for _, step in ipairs(stage) do
    local line
    if step.word == 'COPY' and not step.rest:find '^%-%-from' then
      line = copying(step.rest, place)
    elseif step.word == 'RUN' and not step.rest:find '^apt%-get update && apt%-get install ' then
      line = shell.line { 'unshare', '--mount', 'sh', '-euc',
        ('mount --bind "%s/srv" /srv; mount --bind "%s/mnt" /mnt; cd /srv; %s'):format(place, place, step.rest) }
    end
    if line then
      local log = place .. '/log'
      if not os.execute(('(%s) >%s 2>&1'):format(line, log)) then
        return nil, ('%s %s\n%s'):format(step.word, step.rest, shell.read(log):sub(-2000))
      end
    end
  end
  return true
end

return dockerfile
