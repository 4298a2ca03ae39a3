-- One plugin bound to one route, service, consumer or consumer group.
--
-- A plugin that is bound to consumers and to routes or services applies to their pairs only: the nodes of routes and services then make the
-- pairs, those of the consumers nothing.  Groups do the same where no consumer is bound.  Only bindings made from one namespace are
-- combined, so that nobody can narrow what another namespace's routes are guarded by.
local host = require 'host'
local plugin_config = require 'lib.plugin.config'
local tags = require 'lib.object.tags'

local M = {
  api = 1,
  shared = 'plugin_binding',
  reads = plugin_config.READS,
  consults = { 'plugin_targets', 'plugin_consumers', 'plugin_groups' },
}

local PLUGINS_ID = 'e9b79996-068a-576f-804e-98a685f0a58e' -- UUIDv5 of `plugins`, see kong/kind.h
local SUFFIX_LENGTH, WHOLE_LENGTH = 9, 64
local UNNAMED = '^custom_id:(.*)$'

-- Contributions to this node that count.
function M:bindings(ctx, contributions)
  return contributions
end

-- Keys of a topic where those are found who share the plugin with these bindings.
function M:sharing_keys(ctx, bindings)
  local keys, seen = {}, {}
  for _, binding in ipairs(bindings) do
    local data = binding.data
    local key = data.namespace .. ':' .. data.name
    if data.referrer ~= data.namespace then
      key = key .. '|' .. data.referrer
    end
    if not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  return keys
end

-- Targets of a topic's contributions, each once.
function M:sharers(ctx, topic, keys)
  local targets, seen = {}, {}
  for _, key in ipairs(keys) do
    for _, contribution in ipairs(ctx:consult(topic, key)) do
      local target = contribution.data.target
      if not seen[target] then
        seen[target] = true
        targets[#targets + 1] = target
      end
    end
  end
  return targets
end

function M:is_shared(ctx, topic, keys)
  for _, key in ipairs(keys) do
    if ctx:consulted(topic, key) then
      return true
    end
  end
  return false
end

local function pairs_with(relation, target, other_relation, others)
  local scopes = {}
  for index, other in ipairs(others) do
    scopes[index] = { [relation] = target, [other_relation] = other }
  end
  return scopes
end

-- The links of every plugin entity that this node makes.
function M:scopes(ctx, data, keys)
  local relation, target = data.relation, data.target
  if relation == 'consumer' then
    return self:is_shared(ctx, 'plugin_targets', keys) and {} or { { consumer = target } }
  end
  if relation == 'consumer_group' then
    local idle = self:is_shared(ctx, 'plugin_consumers', keys) or self:is_shared(ctx, 'plugin_targets', keys)
    return idle and {} or { { consumer_group = target } }
  end
  local consumers = self:sharers(ctx, 'plugin_consumers', keys)
  if #consumers > 0 then
    return pairs_with(relation, target, 'consumer', consumers)
  end
  local groups = self:sharers(ctx, 'plugin_groups', keys)
  if #groups > 0 then
    return pairs_with(relation, target, 'consumer_group', groups)
  end
  return { { [relation] = target } }
end

M.tags = tags.step

-- The entity's own fields, the same for every scope.
function M:fields(ctx, plugin, config)
  local fields = plugin_config.fields(plugin, config)
  fields.tags = self:tags(ctx, plugin)
  return fields
end

local function identifier(consumer)
  return consumer and (consumer:match(UNNAMED) or consumer)
end

-- How often the entity is made; only Kong Ingress Controller has it more than once.
function M:copies(ctx, bindings)
  return 1
end

-- Kong wants instance names unique: each scope gets its own suffix.
function M:instance_name(ctx, name, scope, copy)
  local text = {}
  local length = copy == 1 and SUFFIX_LENGTH or WHOLE_LENGTH
  for _, part in ipairs({ { '_service-', scope.service }, { '_route-', scope.route }, { '_consumer-', identifier(scope.consumer) },
    { '_group-', scope.consumer_group } }) do
    if part[2] then
      text[#text + 1] = part[1] .. part[2]
    end
  end
  return name .. '-' .. host.sha256(table.concat(text)):sub(1, length)
end

-- A consumer without a username stands in the id with its custom_id, unlike in the natural key.
local function id_for_unnamed(ctx, name, scope)
  if not scope.consumer or not scope.consumer:match(UNNAMED) or ctx:option('feature_gates.FillIDs') == false then
    return nil
  end
  local workspace = ctx:option('workspace')
  local key = { workspace and workspace ~= '' and workspace .. '/' or '', name }
  for _, relation in ipairs({ 'service', 'route' }) do
    if scope[relation] then
      key[#key + 1] = ':' .. relation .. '/' .. scope[relation]
    end
  end
  key[#key + 1] = ':consumer/' .. identifier(scope.consumer)
  return host.uuid5(PLUGINS_ID, table.concat(key))
end

function M:translate(ctx, key, contributions)
  local bindings = self:bindings(ctx, contributions)
  if #bindings == 0 then
    return
  end
  local data = bindings[1].data
  local plugin = plugin_config.find(ctx, data.namespace, data.name)
  local config = plugin and plugin_config.evaluate(ctx, plugin)
  if not config then
    return -- reported by the rule of the plugin's kind, and by those that name it
  end

  local fields = self:fields(ctx, plugin, config)
  local instance_name = fields.instance_name
  local copies = self:copies(ctx, bindings)
  for _, scope in ipairs(self:scopes(ctx, data, self:sharing_keys(ctx, bindings))) do
    fields.id = id_for_unnamed(ctx, fields.name, scope)
    for copy = 1, copies do
      fields.instance_name = instance_name and self:instance_name(ctx, instance_name, scope, copy)
      ctx:emit('plugin', fields, scope, { about = plugin, step = 'fields' })
    end
  end
end

return M
