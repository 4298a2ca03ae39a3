-- KIC passes references on as they are, takes bindings from the whole cluster, and makes an entity without references where it finds none.
local kic_grants = require 'lib.kic_grants'

return {
  api = 1,
  extends = 'configuration.konghq.com/v1alpha1/KongCustomEntity',

  fields = function(_, _, entity)
    return entity.spec.fields
  end,

  sharing_keys = function(_, _, _, parent)
    local key = parent.namespace .. ':' .. parent.name
    return { key, key .. '|*' }
  end,

  bindings = function(_, ctx, contributions)
    return kic_grants.counting(ctx, contributions)
  end,

  takes_services_of_routes = function()
    return true
  end,

  unbound = function()
    return { {} }
  end,
}
