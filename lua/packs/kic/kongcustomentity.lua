-- KIC passes references on as they are, takes bindings from the whole cluster, makes an entity without references where it finds none, and
-- none where the plugin is missing.
local grants = require 'lib.object.grants'
local kic_grants = require 'lib.kic.grants'
local plugin_config = require 'lib.plugin.config'

local GROUP = 'configuration.konghq.com'
local KINDS = { KongPlugin = plugin_config.KONG_PLUGIN, KongClusterPlugin = plugin_config.KONG_CLUSTER_PLUGIN }

return {
  api = 1,
  extends = 'configuration.konghq.com/v1alpha1/KongCustomEntity',
  consults = { 'dropped_backend' },

  fields = function(_, _, entity)
    return entity.spec.fields
  end,

  scopes = function(super, ctx, entity, references)
    local reference = entity.spec.parentRef
    local kind = reference and reference.group == GROUP and KINDS[reference.kind]
    if not kind then
      return { {} }
    end
    local namespace = reference.kind == 'KongPlugin' and (reference.namespace or entity.metadata.namespace) or ''
    if not ctx:lookup(kind, namespace, reference.name or '') then
      ctx:problem(entity, 'ParentNotFound', ('%s %s does not exist'):format(reference.kind, reference.name))
      return {}
    end
    return super(ctx, entity, references)
  end,

  -- Whose plugins count may be spelt out for a KongClusterPlugin too.
  parent = function(super, ctx, entity)
    local parent, reference = super(ctx, entity), entity.spec.parentRef
    if not parent or not parent.cluster or not reference.namespace or reference.namespace == parent.namespace then
      return parent
    end
    local target = { group = GROUP, kind = 'KongPlugin', namespace = reference.namespace, name = parent.name }
    if not grants.allows(ctx, grants.source(entity), target) then
      ctx:problem(entity, 'NoReferenceGrant', ('no ReferenceGrant in namespace %s permits to refer to its KongPlugin %s'):format(
        reference.namespace, parent.name))
      return nil
    end
    parent.namespace = reference.namespace
    return parent
  end,

  is_there = function()
    return true
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
