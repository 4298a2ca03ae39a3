-- KongCustomEntity: says that it cannot be had. Only entities whose kinds are known are sent to a gateway with a database.
local class = require 'lib.class'

local M = {
  api = 1,
  kind = 'configuration.konghq.com/v1alpha1/KongCustomEntity',
}

-- Kinds that have objects of their own.
local KNOWN = {
  services = true, routes = true, upstreams = true, targets = true, consumers = true, consumer_groups = true, plugins = true,
}

function M:is_ours(ctx, entity)
  return entity.spec ~= nil and entity.spec.controllerName == class.own(ctx)
end

function M:translate(ctx, entity)
  if not self:is_ours(ctx, entity) then
    return
  end
  local kind = entity.spec.type or ''
  if KNOWN[kind] then
    ctx:problem(entity, 'InvalidObject', ('cannot use known entity type %s in custom entity'):format(kind))
  else
    ctx:problem(entity, 'UnsupportedFeature', ('custom entities (%s) are not sent to a gateway with a database'):format(kind))
  end
end

return M
