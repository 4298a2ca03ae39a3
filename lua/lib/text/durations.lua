-- Durations as Gateway API writes them: '10s', '1m30s', '500ms'.
local M = {}

local UNITS = { h = 3600000, m = 60000, s = 1000, ms = 1, us = 0.001, ns = 0.000001 }

-- Whole milliseconds, or nil when the text is no duration.
function M.milliseconds(text)
  if type(text) ~= 'string' or text == '' then return nil end
  if text == '0' then return 0 end

  local total, position = 0, 1
  while position <= #text do
    local number, unit, after = string.match(text, '^(%d+%.?%d*)(%a+)()', position)
    local factor = unit and UNITS[unit]
    if not factor then return nil end
    total = total + tonumber(number) * factor
    position = after
  end
  return math.tointeger(math.floor(total + 0.0000001))
end

return M
