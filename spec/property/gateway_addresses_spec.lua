-- Gateways come and go, and their statuses are written late, twice over or never: each has an address of its own as far as there are
-- enough, and keeps it. KONGRUENT_CASES=N tries more histories.
local api = require 'spec.support.gateway_api'
local fake_ctx = require 'spec.support.fake_ctx'
local rule = require 'rules.gateway_addresses'

local HISTORIES = 10 * (tonumber(os.getenv('KONGRUENT_CASES') or '') or 25)
local EVENTS = 30
-- Writes and answers until a status says what was decided, and nothing else comes of it.
local ROUNDS = 3

local POOL = { '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4' }
local NAMES = { 'a', 'b', 'c', 'd', 'e', 'f' }

local World = {}
World.__index = World

local function new_world()
  return setmetatable({ gateways = {}, second = 10, flying = {}, last_written = {} }, World)
end

-- A pure function of the objects: whoever computes it, and whatever came before, gets the same.
local function decide(world)
  local objects = {}
  for _, name in ipairs(NAMES) do objects[#objects + 1] = world.gateways[name] end
  local ctx = fake_ctx.new { rule = rule, options = { proxy_listen = { '80' }, gateway_addresses = POOL }, objects = objects }
  rule:translate(ctx, 'all', { fake_ctx.contribution(api.class(), { class = 'kong' }) })
  local decided = {}
  for _, contribution in ipairs(fake_ctx.contributions_to(ctx, 'gateway_address')) do
    decided[contribution.key:gsub('^shop/', '')] = contribution.data.addresses[1]
  end
  return decided
end

local function create(world, name, requested)
  local object = api.gateway({ { name = 'http', protocol = 'HTTP', port = 80 } }, requested and { addresses = { { value = requested } } })
  object.metadata.name = name
  object.metadata.creationTimestamp = string.format('2026-01-01T00:00:%02dZ', world.second)
  world.gateways[name] = object
end

local function shown(world, name)
  local status = world.gateways[name].status
  return status and status.addresses[1].value
end

local function show(world, name, address)
  if world.gateways[name] then world.gateways[name].status = { addresses = { { type = 'IPAddress', value = address } } } end
end

local function pick(list)
  return list[math.random(#list)]
end

local function names_there(world)
  local list = {}
  for _, name in ipairs(NAMES) do list[#list + 1] = world.gateways[name] and name end
  return list
end

-- What the controller writes: what it has not written yet, or what another status has come to instead of.
local function write(world, decided)
  for _, name in ipairs(names_there(world)) do
    if decided[name] and world.last_written[name] ~= decided[name] then
      world.last_written[name] = decided[name]
      table.insert(world.flying, { name = name, address = decided[name], made = world.gateways[name] })
    end
  end
end

-- Writes land in any order, and not on a Gateway that has come in another's place.
local function land(world)
  local written = table.remove(world.flying, math.random(#world.flying))
  if world.gateways[written.name] == written.made then show(world, written.name, written.address) end
  return written.name
end

-- Each changes the world; returns the Gateway that it is about, if it is about one only.
local EVENTS_OF = {
  come = function(world)
    local name = pick(NAMES)
    if world.gateways[name] then return false end
    if math.random(2) == 1 then world.second = world.second + 1 end
    create(world, name, math.random(8) == 1 and pick(POOL) or nil)
    return name
  end,
  go = function(world)
    local name = pick(names_there(world))
    if name then
      world.gateways[name] = nil
      world.last_written[name] = nil
    end
    return name
  end,
  land = function(world)
    return #world.flying > 0 and land(world)
  end,
  lose = function(world)
    return #world.flying > 0 and table.remove(world.flying, math.random(#world.flying)).name
  end,
  -- Another controller, an older release, a restored backup.
  meddle = function(world)
    local name = pick(names_there(world))
    if name and math.random(4) == 1 then show(world, name, pick(POOL)) end
    return name
  end,
  -- Another leader knows what statuses say, and nothing of what is on its way.
  restart = function(world)
    for _, name in ipairs(names_there(world)) do world.last_written[name] = shown(world, name) end
  end,
}
local EVENT_NAMES = { 'come', 'come', 'come', 'go', 'land', 'land', 'land', 'lose', 'meddle', 'restart' }

local function requests(world, name)
  return world.gateways[name].spec.addresses ~= nil
end

local function created(world, name)
  return world.gateways[name].metadata.creationTimestamp
end

local function is_older(world, name, other)
  local age, others = created(world, name), created(world, other)
  return age < others or (age == others and name < other)
end

-- Two share an address only while all are in use.
local function check_distinct(world, decided)
  local used, count = {}, 0
  for _, name in ipairs(names_there(world)) do
    local address = decided[name]
    assert.is_truthy(address, name .. ' has no address')
    if not used[address] then count = count + 1 end
    used[address] = used[address] or {}
    table.insert(used[address], name)
  end
  for address, names in pairs(used) do
    local movable = 0
    for _, name in ipairs(names) do movable = movable + (requests(world, name) and 0 or 1) end
    -- Who came first and asked for nothing stays beside a younger one that asked for the very address.
    local first = names[1]
    for _, name in ipairs(names) do first = is_older(world, name, first) and name or first end
    if not requests(world, first) then movable = movable - 1 end
    assert.is_true(count == #POOL or movable <= 0, ('%s share %s though others are free'):format(table.concat(names, ' and '), address))
  end
end

-- A Gateway is where its status says, unless an older one is there.
local function check_kept(world, decided)
  for _, name in ipairs(names_there(world)) do
    local address, taken = shown(world, name), requests(world, name)
    for _, other in ipairs(names_there(world)) do
      local elsewhere = requests(world, other) and decided[other] or shown(world, other)
      taken = taken or (other ~= name and is_older(world, other, name) and elsewhere == address)
    end
    assert.is_true(taken or not address or decided[name] == address, name .. ' left the address that its status shows')
  end
end

-- Who comes, or goes, moves nobody whose status is there; who comes in a later second moves nobody at all. But what an older one asks for,
-- or any while no status is there yet, is given up.
local function check_still(world, event, about, before, after)
  if event ~= 'come' and event ~= 'go' then return end
  for _, name in ipairs(names_there(world)) do
    local came, age = event == 'come' and created(world, about), created(world, name)
    local settled = shown(world, name) ~= nil and shown(world, name) == before[name]
      and not (came and came == age and requests(world, about))
    local later = came and age < came and not requests(world, about)
    local alone = true
    for other, address in pairs(before) do alone = alone and (other == name or address ~= before[name]) end
    if name ~= about and before[name] and alone and (settled or later) then
      assert.are.equal(before[name], after[name], ('%s moved since %s came or went'):format(name, about))
    end
  end
end

local function check_settles(world)
  local decided = decide(world)
  for _ = 1, ROUNDS do
    write(world, decided)
    while #world.flying > 0 do
      land(world)
      decided = decide(world)
      check_distinct(world, decided)
      if math.random(3) == 1 then write(world, decided) end
    end
    for _, name in ipairs(names_there(world)) do world.last_written[name] = shown(world, name) end
  end
  for _, name in ipairs(names_there(world)) do
    assert.are.equal(decided[name], shown(world, name), name .. ' is not where its status says in the end')
  end
end

local function history(seed)
  math.randomseed(seed)
  local world, decided = new_world(), {}
  for _ = 1, EVENTS do
    local event = pick(EVENT_NAMES)
    local about = EVENTS_OF[event](world)
    local after = decide(world)
    check_distinct(world, after)
    check_kept(world, after)
    if about then check_still(world, event, about, decided, after) end
    decided = after
    if math.random(3) > 1 then write(world, decided) end
  end
  check_settles(world)
end

describe('addresses of Gateways', function()
  it('are decided once, whatever comes when', function()
    for seed = 1, HISTORIES do
      local good, why = pcall(history, seed)
      if not good then error(('history %d: %s'):format(seed, type(why) == 'table' and tostring(why.message or why) or why), 0) end
    end
  end)
end)
