-- Ids as Kong takes them.
local M = {}

local FORM = '^' .. table.concat({ ('%x'):rep(8), ('%x'):rep(4), ('%x'):rep(4), ('%x'):rep(4), ('%x'):rep(12) }, '%-') .. '$'

function M.is(text)
  return type(text) == 'string' and string.find(text, FORM) ~= nil
end

return M
