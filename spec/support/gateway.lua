-- A gateway for specs: KONG_ADMIN_URL names one, else each gets a sandbox of its own with 500 entities of others in it.
local json = require 'cjson'

local eventually = require 'spec.support.eventually'
local foreign = require 'spec.support.foreign'
local http = require 'spec.support.http'
local program = require 'spec.support.program'

local gateway = {}
gateway.__index = gateway

-- Those that others refer to come last, so that all can be deleted in this order.
local COLLECTIONS = {
  'plugins', 'targets', 'routes', 'services', 'upstreams', 'keyauth_credentials', 'basicauth_credentials', 'acls', 'consumers', 'snis',
  'certificates', 'ca_certificates', 'vaults',
}
local PATHS = { keyauth_credentials = 'key-auths', basicauth_credentials = 'basic-auths' }

local function foreign_url()
  local url = os.getenv('KONG_ADMIN_URL')
  return url and url ~= '' and (url:gsub('/+$', '')) or nil
end

-- Leaves a pending test, and says true, where a spec needs what only a sandbox can do.
function gateway.skip(pending, what)
  if not foreign_url() then return false end
  pending(what .. ': needs a sandbox, and KONG_ADMIN_URL names another gateway')
  return true
end

-- Options: seed (entities by table), alone (without entities of others).
function gateway.start(options)
  options = options or {}
  local self = setmetatable({ tag = 'e2e-' .. ('%08x'):format(math.random(0, 0x7fffffff)) }, gateway)
  if foreign_url() then
    self.url = foreign_url()
    return self
  end
  self.program = program.start('sandbox', { '--listen', '127.0.0.1:0', '--control' })
  self.url = 'http://127.0.0.1:' .. self.program:log():match('port=(%d+)')
  if not options.alone then
    self.others = foreign.entities()
    self:seed(self.others)
    self.before = self:state()
  end
  if options.seed then self:seed(options.seed) end
  return self
end

function gateway:seed(entities)
  http.json('PUT', self.url .. '/sandbox/seed', entities)
end

-- Every entity by table, without asking the Admin API.
function gateway:state()
  return http.json('GET', self.url .. '/sandbox/state')
end

function gateway:faults(list)
  http.json('PUT', self.url .. '/sandbox/faults', { faults = list })
end

function gateway:no_faults()
  http.json('DELETE', self.url .. '/sandbox/faults')
end

-- How often each fault has struck, in their order.
function gateway:struck()
  local counts = {}
  for index, fault in ipairs(http.json('GET', self.url .. '/sandbox/faults').faults) do counts[index] = fault.struck end
  return counts
end

-- Recorded requests; `method` is an expression such as 'DELETE' or '^P'. `after` is a sequence (see gateway:mark).
function gateway:requests(method, after)
  local found = {}
  for _, request in ipairs(http.json('GET', self.url .. '/sandbox/requests?after=' .. (after or 0)).requests) do
    if not method or request.method:find(method) then found[#found + 1] = request end
  end
  return found
end

function gateway:writes(after)
  local found = {}
  for _, request in ipairs(self:requests(nil, after)) do
    if request.method ~= 'GET' and request.method ~= 'HEAD' then found[#found + 1] = request end
  end
  return found
end

function gateway:mark()
  return http.json('GET', self.url .. '/sandbox/requests?after=999999999').total
end

function gateway.shown(requests)
  local lines = {}
  for index, request in ipairs(requests) do
    lines[index] = ('%s %s %d'):format(request.method, request.path, request.status)
  end
  return table.concat(lines, '\n')
end

local function has_tag(entity, tag)
  for _, one in ipairs(entity.tags ~= json.null and entity.tags or {}) do
    if one == tag then return true end
  end
  return false
end

local function paged(self, collection)
  local found, path = {}, ('/%s?size=1000&tags=%s'):format(PATHS[collection] or collection, self.tag)
  while path do
    local status, text = http.request('GET', self.url .. path)
    if status ~= 200 then return found end
    local page = json.decode(text)
    table.move(page.data, 1, #page.data, #found + 1, found)
    path = page.next ~= json.null and page.next or nil
  end
  return found
end

-- Targets are listed by upstream only.
local function paged_targets(self)
  local found = {}
  for _, upstream in ipairs(paged(self, 'upstreams')) do
    for _, target in ipairs(http.json('GET', ('%s/upstreams/%s/targets?size=1000'):format(self.url, upstream.id)).data) do
      found[#found + 1] = target
    end
  end
  return found
end

-- Entities with our tag, as a list.
function gateway:ours(collection)
  if not self.program then
    return collection == 'targets' and paged_targets(self) or paged(self, collection)
  end
  local found = {}
  for _, entity in ipairs(self:state()[collection]) do
    if has_tag(entity, self.tag) then found[#found + 1] = entity end
  end
  return found
end

-- One of ours by a field, such as gateway:find('routes', 'name', '…').
function gateway:find(collection, field, value)
  for _, entity in ipairs(self:ours(collection)) do
    if entity[field] == value then return entity end
  end
end

-- What a route matches, as text, under either router; nothing while it waits for its plugins.
function gateway.matched(route)
  local parts = { route.expression }
  for _, list in ipairs { route.hosts or json.null, route.paths or json.null } do
    if list ~= json.null then table.move(list, 1, #list, #parts + 1, parts) end
  end
  if parts[1] == json.null then table.remove(parts, 1) end
  local text = table.concat(parts, ' ')
  return text:find('.parked.invalid', 1, true) and '' or text
end

-- Waits until `check` is content with the list of our entities of a collection.
function gateway:wait(collection, what, check, seconds)
  return eventually(collection .. ': ' .. what, function()
    local list = self:ours(collection)
    return check(list), json.encode(list):sub(1, 2000)
  end, seconds)
end

function gateway:wait_count(collection, count, seconds)
  return self:wait(collection, count .. ' of ours', function(list) return #list == count and list end, seconds)
end

function gateway:wait_for(collection, field, value, seconds)
  return self:wait(collection, ('one with %s=%s'):format(field, value), function()
    return self:find(collection, field, value)
  end, seconds)
end

-- Fails with the first entity of others that is not byte by byte as it was.
function gateway:assert_foreign_untouched()
  if not self.others then return end
  local now = self:state()
  local seen = 0
  for collection, before in pairs(self.before) do
    local by_id = {}
    for _, entity in ipairs(now[collection]) do by_id[entity.id] = foreign.text(entity) end
    for _, entity in ipairs(before) do
      seen = seen + 1
      if by_id[entity.id] ~= foreign.text(entity) then
        error(('an entity of others has changed: %s %s\nbefore %s\nafter %s'):format(collection, entity.id, foreign.text(entity),
          by_id[entity.id] or 'gone'), 2)
      end
    end
  end
  assert(seen >= foreign.COUNT, 'entities of others were not all there to begin with')
end

-- A sandbox ends; another gateway loses all that carries our tag.
function gateway:stop()
  if self.program then return self.program:stop() end
  for _, collection in ipairs(COLLECTIONS) do
    if collection ~= 'targets' then
      for _, entity in ipairs(self:ours(collection)) do
        http.request('DELETE', ('%s/%s/%s'):format(self.url, PATHS[collection] or collection, entity.id))
      end
    end
  end
end

return gateway
