-- KongCustomEntity: an entity of any type whose schema the gateway knows, for itself or for what a plugin is bound to.
--
-- Its fields are passed on; fields that refer to Kong services, routes and consumers are filled from what parentRef leads to: one entity
-- for each pair of them.
local class = require 'lib.object.class'
local custom_scopes = require 'lib.custom.scopes'
local custom_types = require 'lib.custom.types'
local grants = require 'lib.object.grants'
local host = require 'host'
local plugin_config = require 'lib.plugin.config'
local plugins = require 'lib.plugin.plugins'
local uuids = require 'lib.text.uuids'

local KIND = 'configuration.konghq.com/v1alpha1/KongCustomEntity'
local GROUP = 'configuration.konghq.com'

local M = {
  api = 1,
  kind = KIND,
  reads = plugins.join(plugin_config.READS, { grants.KIND, KIND }),
  consults = custom_scopes.CONSULTS,
}

function M:is_ours(ctx, entity)
  return entity.spec ~= nil and entity.spec.controllerName == class.own(ctx) and ctx:option('feature_gates.KongCustomEntity') ~= false
end

-- The plugin that parentRef names: { namespace, name, cluster }; nil when it is none.
function M:parent(ctx, entity)
  local reference = entity.spec.parentRef
  local own = entity.metadata.namespace
  local cluster = reference.kind == 'KongClusterPlugin'
  if reference.group ~= GROUP or not (cluster or reference.kind == 'KongPlugin') then
    ctx:problem(entity, 'ParentNotFound', 'parentRef: only a KongPlugin or KongClusterPlugin of configuration.konghq.com can be the parent')
    return nil
  end
  local parent = { namespace = cluster and own or reference.namespace or own, name = reference.name or '', cluster = cluster }
  local target = { group = GROUP, kind = reference.kind, namespace = parent.namespace, name = parent.name }
  if not grants.allows(ctx, grants.source(entity), target) then
    ctx:problem(entity, 'NoReferenceGrant', ('no ReferenceGrant in namespace %s permits to refer to its KongPlugin %s'):format(
      parent.namespace, parent.name))
    return nil
  end
  return parent
end

-- A KongPlugin shadows the KongClusterPlugin of its name.
function M:is_there(ctx, parent)
  if parent.cluster then
    local plugin = plugin_config.find(ctx, parent.namespace, parent.name)
    return plugin ~= nil and plugin.kind == 'KongClusterPlugin'
  end
  return ctx:lookup(plugin_config.KONG_PLUGIN, parent.namespace, parent.name) ~= nil
end

-- Where those are found who are bound to the plugin: from its own namespace and from the entity's, and whoever chose a plugin whose
-- owner made the entity.
function M:sharing_keys(ctx, entity, parent)
  local key = parent.namespace .. ':' .. parent.name
  local own = entity.metadata.namespace
  if parent.cluster then
    return { key }
  end
  return { key, own == parent.namespace and key .. '|*' or key .. '|' .. own }
end

-- Contributions that count.
function M:bindings(ctx, contributions)
  return contributions
end

-- Whether services are looked for behind the routes that a plugin is bound to.
function M:takes_services_of_routes(ctx, has)
  return not has.routes
end

-- What an entity becomes whose plugin is bound to nothing that it could refer to: without a reference it would hold for all.
function M:unbound(ctx, entity)
  ctx:problem(entity, 'ParentNotFound', ('the plugin %s is missing, or bound to nothing that entities of type %s refer to'):format(
    entity.spec.parentRef.name or '', entity.spec.type))
  return {}
end

-- The links of every entity that is made.
function M:scopes(ctx, entity, references)
  if not entity.spec.parentRef then
    return { {} }
  end
  local parent = self:parent(ctx, entity)
  if not parent then
    return {}
  end
  local has = {}
  for _, reference in host.sorted_pairs(references) do
    has[reference] = true
  end
  if not (has.services or has.routes or has.consumers) then
    return { {} }
  end
  local found = custom_scopes.bound(ctx, self, self:is_there(ctx, parent) and self:sharing_keys(ctx, entity, parent) or {})
  local services = has.services and found.service or {}
  if #services == 0 and has.services and self:takes_services_of_routes(ctx, has) then
    services = found.of_routes
  end
  local targets = {}
  for _, key in ipairs(services) do
    targets[#targets + 1] = { relation = 'service', key = key }
  end
  for _, key in ipairs(has.routes and found.route or {}) do
    targets[#targets + 1] = { relation = 'route', key = key }
  end
  local scopes = custom_scopes.combinations(targets, has.consumers and found.consumer or {})
  return #scopes > 0 and scopes or self:unbound(ctx, entity)
end

local function name_of(entity)
  return entity.metadata.namespace .. '/' .. entity.metadata.name
end

-- The id of an entity of the same namespace that the value names, or nil.
local function own_entity(self, ctx, entity, kind, value)
  for _, other in ipairs(ctx:list(KIND, entity.metadata.namespace)) do
    local fields = type(other.spec) == 'table' and other.spec.type == kind and self:is_ours(ctx, other) and other.spec.fields
    if type(fields) == 'table' and not other.spec.parentRef then
      local id = type(fields.id) == 'string' and fields.id or custom_types.id(ctx, kind, name_of(other))
      if value.id == id or (value.id == nil and value.name ~= nil and value.name == fields.name) then
        return id
      end
    end
  end
  return nil
end

-- The fields, in which references lead to the namespace's own custom entities only; nil when one cannot.
function M:fields(ctx, entity, references)
  local fields = entity.spec.fields
  for field, reference in host.sorted_pairs(references) do
    local value = fields[field]
    if value ~= nil and value ~= host.null then
      local id = type(value) == 'table' and not custom_types.is_known(reference) and own_entity(self, ctx, entity, reference, value)
      if not id then
        ctx:problem(entity, 'InvalidObject', custom_types.is_known(reference)
          and ('fields.%s: custom entities refer to %s by the plugin in parentRef only'):format(field, reference)
          or ('fields.%s: no KongCustomEntity of type %s in the same namespace has this name'):format(field, reference))
        return nil
      end
      fields[field] = { id = id }
    end
  end
  return fields
end

function M:translate(ctx, entity)
  if not self:is_ours(ctx, entity) then
    return
  end
  local kind = type(entity.spec.type) == 'string' and entity.spec.type or ''
  local refusal = custom_types.refusal(kind)
  if type(entity.spec.fields) ~= 'table' or host.is_array(entity.spec.fields) then
    refusal = refusal or 'spec.fields is not an object'
  end
  if refusal then
    ctx:problem(entity, 'InvalidObject', refusal)
    return
  end
  local references = custom_types.references(ctx, kind)
  if not references then
    ctx:emit('custom', {}, nil, { type = kind }) -- asks the gateway
    return
  end
  if entity.spec.fields.id ~= nil and not uuids.is(entity.spec.fields.id) then
    ctx:problem(entity, 'InvalidObject', 'fields.id: a UUID is expected')
    return
  end
  local fields = self:fields(ctx, entity, references)
  for _, scope in ipairs(fields and self:scopes(ctx, entity, references) or {}) do
    ctx:emit('custom', fields, scope, { type = kind, name = name_of(entity), step = 'fields' })
  end
end

return M
