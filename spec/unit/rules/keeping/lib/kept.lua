-- A module that would hand on what it is given, if it could.
local kept, count = {}, { 0 }

return {
  list = { 'a', 'b' },
  keep = function(value) kept[#kept + 1] = value end,
  add = function() count[1] = count[1] + 1 end,
  kept = function() return #kept + count[1] end,
}
