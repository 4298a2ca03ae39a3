-- Waits for a condition that nobody announces: asks until it holds, with a generous deadline.
local system = require 'system'

local PAUSE = 0.03
local PATIENCE = 60

-- `check` gives what is waited for, or nil and, if it likes, what there is instead. `what` says what is waited for.
return function(what, check, seconds)
  local deadline = system.monotime() + (seconds or PATIENCE)
  local value, instead
  repeat
    value, instead = check()
    if value then return value end
    system.sleep(PAUSE)
  until system.monotime() > deadline
  error(('waited in vain: %s%s'):format(what, instead and '; instead: ' .. tostring(instead) or ''), 2)
end
