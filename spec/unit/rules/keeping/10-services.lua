-- Tries in every way that Lua has to keep something from one run to the next; what is kept shows in a tag, so that a service would
-- depend on which services were translated before it.
local host = require 'host'
local lib = require 'lib.kept'
local naming = require 'lib.object.naming'

local SEEN, LIST, DEEP = {}, {}, { deep = { er = {} } }
local CLASS = {}
CLASS.__index = CLASS
local ONE = setmetatable({}, CLASS)
local MEMO = setmetatable({}, { __index = function(t, k) t[k] = k return nil end })

local M = { api = 1, adjusts = 'service' }

local WAYS = {
  function(name) SEEN[name] = true end,
  function(name) LIST[#LIST + 1] = name end,
  function(name) table.insert(LIST, name) end,
  function(name) table.move({ name }, 1, 1, #LIST + 1, LIST) end,
  function(name) DEEP.deep.er[name] = true end,
  function(name) CLASS[name] = true end,
  function(name) ONE[name] = true end,
  function(name) getmetatable(setmetatable({}, CLASS)).kept = name end,
  function(name) return MEMO[name] end,
  function(name) lib.keep(name) end,
  function() lib.add() end,
  function(name) lib.list[#lib.list + 1] = name end,
  function(name) naming[name] = true end,
  function(name) string[name] = true end,
  function(name) host[name] = true end,
  function(name) M[name] = true end,
  function(name) setmetatable(SEEN, { __index = { [name] = true } }) end,
  function(name) host.array(SEEN)[1] = name end,
  function(name) _ENV[name] = true end,
}

local function size(table)
  local count = 0
  for _ in pairs(table) do count = count + 1 end
  return count
end

function M.adjust(ctx, entity)
  local kept = size(SEEN) + #LIST + size(DEEP.deep.er) + size(CLASS) + size(ONE) + lib.kept() + #lib.list + size(M)
  for _, way in ipairs(WAYS) do
    if pcall(way, entity.name) then kept = kept + 1 end
  end
  local gates = ctx:option 'feature_gates'
  if gates then pcall(function() gates[entity.name] = true end) end
  entity.tags = entity.tags or {}
  entity.tags[#entity.tags + 1] = ('kept-%d-%d'):format(kept, gates and size(gates) or 0)
  return entity
end

return M
