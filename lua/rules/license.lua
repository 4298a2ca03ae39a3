-- The licence: of all that are offered the newest, of equally new ones the first by name.
local host = require 'host'

local M = {
  api = 1,
  shared = 'license',
}

local NIL_UUID = '00000000-0000-0000-0000-000000000000'
local CONTROLLER = 'konghq.com/kong-ingress-controller'

function M:choose(ctx, contributions)
  local chosen = contributions[1]
  for _, contribution in ipairs(contributions) do
    local from, best = contribution.from, chosen.from
    local age, best_age = from.creationTimestamp or '', best.creationTimestamp or ''
    if age > best_age or (age == best_age and from.name < best.name) then
      chosen = contribution
    end
  end
  return chosen
end

-- Every licence is told whether it was picked.
function M:report(ctx, contributions, chosen)
  for _, contribution in ipairs(contributions) do
    local picked = contribution == chosen
    ctx:condition(contribution.from, {
      type = 'Programmed',
      status = picked and 'True' or 'False',
      reason = picked and 'PickedAsLatest' or 'ReplacedByNewer',
      message = picked and 'the newest enabled KongLicense' or ('KongLicense %s is newer'):format(chosen.from.name),
      subject = CONTROLLER,
    })
  end
end

function M:translate(ctx, key, contributions)
  local chosen = self:choose(ctx, contributions)
  local fields = { id = host.uuid5(NIL_UUID, 'KongLicense:' .. chosen.from.name), payload = chosen.data.payload }
  ctx:emit('license', fields, {}, { about = chosen.from, step = 'choose' })
  self:report(ctx, contributions, chosen)
end

return M
