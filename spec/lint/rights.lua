-- Rights come from two tables: what is watched (src/store/kind.c) and whose status is written (src/tell/status_rows.c).
-- Without an argument checks that deploy/ and its chart grant just that; with --write makes it so.
local writes = arg[1] == '--write'
local failures = 0

local function read(path)
  local file = assert(io.open(path))
  local text = file:read 'a'
  file:close()
  return text
end

local GROUPS = {
  KONG = 'configuration.konghq.com', INCUBATOR = 'incubator.ingress-controller.konghq.com',
  GATEWAY = 'gateway.networking.k8s.io', NETWORKING = 'networking.k8s.io',
}

-- Kinds as { group, kind, plural, namespaced, status }.
local function kinds()
  local found, by_id = {}, {}
  for name, row in read('src/store/kind.c'):gmatch '\n    (%u*_?ROW)(%b())' do
    local plural, namespaced = row:match '"([%l]+)", (%l+)%)$'
    local symbol, literal = row:match '^%((%u+),', row:match '^%("([%l][%w.]+)", "v'
    local kind = { group = name == 'CORE_ROW' and '' or GROUPS[symbol] or literal, plural = plural, namespaced = namespaced == 'true' }
    kind.kind = row:match '"(%u%a+)", "%l+", %l+%)$'
    if plural then
      found[#found + 1] = kind
      by_id[kind.group .. '/' .. kind.kind] = kind
    end
  end
  local statuses = 0
  for row in read('src/tell/status_rows.c'):match('ROWS%[%] = (%b{})'):gmatch '\n    ([^\n]+)' do
    local symbol, group, kind = row:match '(%u*) ?"([%w.]-)/?v%d%w*/(%u%a+)"'
    local written = kind and not row:find('NULL', 1, true)
    local entry = kind and by_id[(GROUPS[symbol] or group) .. '/' .. kind]
    if kind and not entry then
      error(('src/tell/status_rows.c: %s is in no row of src/store/kind.c'):format(kind))
    elseif written then
      entry.status, statuses = true, statuses + 1
    end
  end
  assert(#found > 0 and statuses > 0, 'no rows were found')
  return found, statuses
end

local function block(group, resources, verbs)
  table.sort(resources)
  local lines = { ("- apiGroups: ['%s']"):format(group), '  resources:' }
  for _, resource in ipairs(resources) do lines[#lines + 1] = '    - ' .. resource end
  lines[#lines + 1] = ('  verbs: [%s]'):format(verbs)
  return table.concat(lines, '\n') .. '\n'
end

-- The rules for kinds that `wanted` likes.
local function rules(all, wanted)
  local groups, parts = {}, {}
  for _, kind in ipairs(all) do
    if wanted(kind) then
      if not groups[kind.group] then
        groups[#groups + 1] = kind.group
        groups[kind.group] = { read = {}, status = {} }
      end
      table.insert(groups[kind.group].read, kind.plural)
      if kind.status then table.insert(groups[kind.group].status, kind.plural .. '/status') end
    end
  end
  for _, group in ipairs(groups) do
    parts[#parts + 1] = block(group, groups[group].read, 'list, watch')
    if groups[group].status[1] then parts[#parts + 1] = block(group, groups[group].status, 'patch') end
  end
  return table.concat(parts)
end

-- `from` and what follows, up to `to`, give way to `text`; without `from` all of the file does.
local function current(path, text, from, to)
  local before = read(path)
  local first, last = 1, #before
  if from then
    first = assert(select(2, before:find(from, 1, true)), path .. ': no ' .. from) + 1
    last = (before:find(to, first, true) or #before + 1) - 1
  end
  if before:sub(first, last) == text then return end
  if writes then
    local file = assert(io.open(path, 'w'))
    file:write(before:sub(1, first - 1), text, before:sub(last + 1))
    file:close()
  else
    failures = failures + 1
    io.stderr:write(('%s is not what the tables need: lua5.4 spec/lint/rights.lua --write\n'):format(path))
  end
end

local EVENTS = block('', { 'events' }, 'create, patch')
local LEASE = [=[
- apiGroups: ['coordination.k8s.io']
  resources: [leases]
  verbs: [create] # a name cannot be granted before there is one
- apiGroups: ['coordination.k8s.io']
  resources: [leases]
  resourceNames: [kongruent]
  verbs: [get, update]
]=]

local all, statuses = kinds()
local cluster = rules(all, function(kind) return not kind.namespaced end)
local namespaced = rules(all, function(kind) return kind.namespaced end) .. EVENTS
local function indented(text) return (text:gsub('[^\n]+', '  %0')) end

current('deploy/chart/files/rights-cluster.yaml', cluster)
current('deploy/chart/files/rights-namespaced.yaml', namespaced)
current('deploy/chart/files/rights-lease.yaml', LEASE)
current('deploy/base/cluster-role.yaml', indented(cluster .. namespaced), '\nrules:\n', '---\n')
current('deploy/base/role.yaml', indented(LEASE), '\nrules:\n', '---\n')
if failures > 0 then os.exit(1) end
print(('rights: ok (%d kinds, %d statuses)'):format(#all, statuses))
