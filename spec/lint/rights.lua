-- The ClusterRole of deploy grants list and watch on every kind of the table in src/store/kind.c.
local function read(path)
  local file = assert(io.open(path))
  local text = file:read 'a'
  file:close()
  return text
end

local role, failures, count = read 'deploy/base/cluster-role.yaml', 0, 0
for row in read('src/store/kind.c'):gmatch '\n    %u*_?ROW(%b())' do
  local plural = row:match '"([%l]+)", %l+%)$'
  if plural then
    count = count + 1
    if not role:find('%f[%w]' .. plural .. '%f[%W]') then
      failures = failures + 1
      io.stderr:write(('deploy/base/cluster-role.yaml: nothing about %s\n'):format(plural))
    end
  end
end
if count == 0 then
  io.stderr:write 'src/store/kind.c: no rows were found\n'
  failures = 1
end
if failures > 0 then os.exit(1) end
print(('rights: ok (%d kinds)'):format(count))
