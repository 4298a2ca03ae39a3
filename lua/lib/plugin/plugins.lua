-- Binding the plugins that an object names (annotation konghq.com/plugins) to its Kong route, service, consumer or group.
--
-- A rule that attaches lists READS in `reads` and CONTRIBUTES in `contributes`; it consults nothing (CONSULTS is empty).
--   local guards = plugins.attach(ctx, ingress, { route = name }, service)
-- A rule with many routes for one object resolves once and binds often:
--   local resolved = plugins.resolve(ctx, ingress)      -- nil when it names no plugin
--   local guards = plugins.bind(ctx, resolved, { route = name }, service)
local grants = require 'lib.object.grants'
local host = require 'host'
local plugin_config = require 'lib.plugin.config'

local M = {}

M.READS = { plugin_config.KONG_PLUGIN, plugin_config.KONG_CLUSTER_PLUGIN, plugin_config.SECRET, grants.KIND }
M.CONTRIBUTES = { 'plugin_binding', 'plugin_targets', 'plugin_consumers', 'plugin_groups' }
M.CONSULTS = {}

local ANNOTATION = 'konghq.com/plugins'
local NONE = {}
local TOPICS = { route = 'plugin_targets', service = 'plugin_targets', consumer = 'plugin_consumers', consumer_group = 'plugin_groups' }
local trim = host.trim

--- All of `groups` that a rule needs in one list, for `reads` and `contributes`.
function M.join(...)
  local all, seen = {}, {}
  for _, list in ipairs({ ... }) do
    for _, name in ipairs(list) do
      if not seen[name] then
        seen[name] = true
        all[#all + 1] = name
      end
    end
  end
  return all
end

local function add_names(names, text)
  for _, part in ipairs(host.split(text, ',')) do
    local name = trim(part)
    if name ~= '' and name:sub(1, 1) ~= ':' and name:sub(-1) ~= ':' then
      names[#names + 1] = name
    end
  end
end

local function names_of(object, extra_names)
  local text = object.metadata.annotations and object.metadata.annotations[ANNOTATION]
  if (text == nil or text == '') and (extra_names == nil or #extra_names == 0) then
    return nil
  end
  local names = {}
  add_names(names, text or '')
  for _, name in ipairs(extra_names or NONE) do
    add_names(names, name)
  end
  return #names > 0 and names or nil
end

-- `name` lies in the object's own namespace; `namespace:name` needs a ReferenceGrant in a foreign one.
local function locate(ctx, object, text)
  local own = object.metadata.namespace or ''
  local namespace, name = text:match('^([^:]*):(.*)$')
  if not namespace then
    return { namespace = own, name = text, referrer = own }, true
  end
  namespace, name = trim(namespace), trim(name)
  local source = grants.source(object)
  local reference = { namespace = namespace, name = name, referrer = own }
  if namespace == own then
    reference.spelled = source -- rules/plugin_binding.lua may ask for a grant even so
    return reference, true
  end
  local target = { group = 'configuration.konghq.com', kind = 'KongPlugin', namespace = namespace, name = name }
  return reference, grants.permits(ctx, source, target)
end

-- What stands in the way of a plugin, as a guard; a plugin that cannot be put together counts as missing. No plugin of the gateway has
-- a key like that, so it never comes; people read it in "plugin shop/auth is missing or refused".
local function obstacle(ctx, object, text, reference, granted)
  local missing = reference.namespace .. '/' .. reference.name
  if not granted then
    ctx:problem(object, 'NoReferenceGrant',
      ('no grant found to referenced "%s" plugin in the requested remote KongPlugin bind'):format(text))
    return missing, true
  end
  local plugin = plugin_config.find(ctx, reference.namespace, reference.name)
  if not plugin then
    ctx:problem(object, 'PluginNotFound',
      ('referenced KongPlugin or KongClusterPlugin "%s" does not exist'):format(reference.name))
    return missing, true
  end
  if plugin_config.is_usable(plugin) or plugin_config.evaluate(ctx, plugin) then
    return nil
  end
  return missing
end

--- The plugins that `object` names, its problems reported; nil when it names none.
-- `extra_names` (say of an HTTPRoute's ExtensionRefs) are treated as if they stood in the annotation too.
function M.resolve(ctx, object, extra_names)
  local names = names_of(object, extra_names)
  if not names then
    return nil
  end
  local withhold = ctx:option('on_missing_plugin') ~= 'serve'
  local references, guards, known = {}, {}, {}
  for _, text in ipairs(names) do
    local reference, granted = locate(ctx, object, text)
    local id = (reference.spelled and 'spelled ' or '') .. reference.namespace .. ':' .. reference.name
    local twin = known[id]
    if twin then
      twin.times = (twin.times or 1) + 1
    else
      known[id] = reference
      local guard, absent = obstacle(ctx, object, text, reference, granted)
      if not absent then
        references[#references + 1] = reference
      end
      if guard and withhold then
        guards[#guards + 1] = guard
      end
    end
  end
  return { references = references, guards = guards, object = object.kind .. '/' .. object.metadata.name }
end

--- Binds what `resolve` found to target = { route | service | consumer | consumer_group = natural key }.
-- Returns the guards of plugins that are missing, for the emit option `guards` of the route (of every route, for a service).
-- `service` is the Kong service of a route: what a plugin brings along may belong to services only. `copies`: how often the target is
-- there; only Kong Ingress Controller has several of one name.
function M.bind(ctx, resolved, target, service, copies)
  if not resolved then
    return NONE
  end
  local relation, key = next(target)
  for _, reference in ipairs(resolved.references) do
    local plugin = reference.namespace .. ':' .. reference.name
    local data = {
      namespace = reference.namespace,
      name = reference.name,
      referrer = reference.referrer,
      spelled = reference.spelled,
      times = copies and (reference.times or 1) * copies or reference.times, -- nil: named once
      by = resolved.object,
      relation = relation,
      target = key,
      service = service,
    }
    ctx:contribute('plugin_binding', plugin .. '|' .. relation .. '|' .. key, data)
    -- Who shares a plugin is asked per namespace of the referrers, see rules/plugin_binding.lua.
    if reference.namespace == reference.referrer then
      ctx:contribute(TOPICS[relation], plugin, data)
    else
      ctx:contribute(TOPICS[relation], plugin .. '|' .. reference.referrer, data)
      ctx:contribute(TOPICS[relation], plugin .. '|*', data)
    end
  end
  return resolved.guards
end

--- As much of an object as `attach` needs, to be handed on in a contribution.
function M.bearer(object)
  local metadata = object.metadata
  local text = metadata.annotations and metadata.annotations[ANNOTATION]
  return {
    apiVersion = object.apiVersion,
    kind = object.kind,
    metadata = {
      namespace = metadata.namespace,
      name = metadata.name,
      uid = metadata.uid,
      creationTimestamp = metadata.creationTimestamp,
      annotations = text and { [ANNOTATION] = text } or nil,
    },
  }
end

--- Both at once.
function M.attach(ctx, object, target, service)
  return M.bind(ctx, M.resolve(ctx, object), target, service)
end

return M
