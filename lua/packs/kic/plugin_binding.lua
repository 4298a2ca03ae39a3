-- KIC combines bindings of the whole cluster, wants a grant wherever a namespace is spelt out, makes a plugin as often as it is named, and
-- passes `run_on` on.
local grants = require 'lib.object.grants'
local kic_grants = require 'lib.kic.grants'
local kic_plugins = require 'lib.kic.plugins'

local function targets_of(ctx, topic, keys)
  local targets, seen = {}, {}
  for _, key in ipairs(keys) do
    for _, contribution in ipairs(kic_grants.counting(ctx, ctx:consult(topic, key))) do
      local data = contribution.data
      local target = (data.spelled and 'spelled ' or '') .. data.target
      if not seen[target] then
        seen[target] = true
        for _ = 1, data.times or 1 do
          targets[#targets + 1] = data.target
        end
      end
    end
  end
  return targets
end

return {
  api = 1,
  extends = 'plugin_binding',
  reads = { grants.KIND },
  consults = { 'dropped_backend' },

  bindings = function(_, ctx, contributions)
    return kic_grants.counting(ctx, contributions)
  end,

  sharing_keys = function(_, _, bindings)
    local key = bindings[1].data.namespace .. ':' .. bindings[1].data.name
    return { key, key .. '|*' }
  end,

  sharers = function(_, ctx, topic, keys)
    return targets_of(ctx, topic, keys)
  end,

  is_shared = function(_, ctx, topic, keys)
    return #targets_of(ctx, topic, keys) > 0
  end,

  -- Once per object that names it, as often as that does.
  copies = function(_, _, bindings)
    local count, seen = 0, {}
    for _, binding in ipairs(bindings) do
      local data = binding.data
      local by = (data.spelled and 'spelled ' or '') .. data.referrer .. '/' .. data.by
      if not seen[by] then
        seen[by] = true
        count = count + (data.times or 1)
      end
    end
    return count
  end,

  fields = kic_plugins.fields,
  tags = kic_plugins.tags,
}
