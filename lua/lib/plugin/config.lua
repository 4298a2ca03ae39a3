-- What a KongPlugin or KongClusterPlugin says: finding it, putting its configuration together, its entity's own fields.
local host = require 'host'
local json_patch = require 'lib.text.json_patch'

local M = {}

M.KONG_PLUGIN = 'configuration.konghq.com/v1/KongPlugin'
M.KONG_CLUSTER_PLUGIN = 'configuration.konghq.com/v1/KongClusterPlugin'
M.SECRET = 'v1/Secret'
M.READS = { M.KONG_PLUGIN, M.KONG_CLUSTER_PLUGIN, M.SECRET }

local SECRET = M.SECRET

--- The KongPlugin of the namespace, which shadows the KongClusterPlugin of that name.
function M.find(ctx, namespace, name)
  return ctx:lookup(M.KONG_PLUGIN, namespace, name) or ctx:lookup(M.KONG_CLUSTER_PLUGIN, '', name)
end

local function present(value)
  if value == nil or value == host.null then
    return nil
  end
  return value
end

local function is_filled(value)
  return type(value) == 'table' and value ~= host.null and next(value) ~= nil
end

--- True when the configuration stands in the object itself: nothing can go wrong in putting it together.
function M.is_plain(plugin)
  return present(plugin.configFrom) == nil and not is_filled(plugin.configPatches)
end

-- Other characters could make the natural key of a plugin read like that of another one.
local function has_type(plugin)
  local name = plugin.plugin
  return type(name) == 'string' and name ~= '' and not name:find('[^%w_.-]')
end

--- True when nothing can go wrong with it, as far as can be seen cheaply.
function M.is_usable(plugin)
  local config = plugin.config
  return M.is_plain(plugin) and has_type(plugin)
    and (config == nil or (type(config) == 'table' and not host.is_array(config)))
end

local function secret_value(ctx, plugin, reference)
  local namespace = plugin.kind == 'KongClusterPlugin' and reference.namespace or plugin.metadata.namespace or ''
  local name, key = reference.name or '', reference.key or ''
  local secret = ctx:lookup(SECRET, namespace, name)
  if not secret then
    return nil, ("error fetching plugin configuration secret '%s/%s': not found"):format(namespace, name), 'SecretNotFound'
  end
  local encoded = secret.data and secret.data[key]
  local value = encoded and host.base64_decode(encoded)
  if not value then
    return nil, ("no key '%s' in secret '%s/%s'"):format(key, namespace, name), 'SecretNotFound'
  end
  return value, namespace .. '/' .. name
end

local function config_from(ctx, plugin, source)
  local reference = source.secretKeyRef or {}
  local text, place, code = secret_value(ctx, plugin, reference)
  if not text then
    return nil, place, code
  end
  local config = host.json_decode(text)
  if type(config) ~= 'table' then
    config = host.trim(text) == '' and {} or host.yaml_decode(text)
  end
  if config == host.null then
    config = {}
  end
  if type(config) ~= 'table' or host.is_array(config) then
    return nil, ("key '%s' in secret '%s' contains neither valid JSON nor valid YAML)"):format(reference.key or '', place)
  end
  return config
end

local function patched(ctx, plugin, config)
  config = host.json_decode(host.json_encode(config)) -- the object is not ours to change
  for _, patch in ipairs(plugin.configPatches) do
    local reference = patch.valueFrom and patch.valueFrom.secretKeyRef or {}
    local text, failure, code = secret_value(ctx, plugin, reference)
    if not text then
      return nil, failure, code
    end
    local value, reason = host.json_decode(text)
    if value == nil then
      return nil, ('the value of the patch at %q is not JSON: %s'):format(patch.path or '', reason or 'empty')
    end
    if (patch.path or '') == '' then
      if value ~= host.null and type(value) ~= 'table' then
        return nil, 'the value of the patch at "" is not an object'
      end
      config = value == host.null and {} or value
    else
      config, reason = json_patch.add(config, patch.path, value)
      if not config then
        return nil, ('cannot apply the patch at %q: %s'):format(patch.path, reason)
      end
    end
  end
  return config
end

local function title(plugin)
  if plugin.kind == 'KongClusterPlugin' then
    return ("KongClusterPlugin '/%s'"):format(plugin.metadata.name)
  end
  return ("KongPlugin '%s/%s'"):format(plugin.metadata.namespace or '', plugin.metadata.name)
end

--- The plugin's configuration: a table, empty when there is none; or nil, what is wrong, the problem's code.
function M.evaluate(ctx, plugin)
  if not has_type(plugin) then
    return nil, 'the field `plugin` is not the name of a plugin', 'InvalidObject'
  end
  local config = present(plugin.config) or {}
  if M.is_plain(plugin) then
    if type(config) ~= 'table' or host.is_array(config) then
      return nil, ('could not parse the config of %s: it is not an object'):format(title(plugin)), 'PluginConfigInvalid'
    end
    return config
  end
  local failure, code
  if is_filled(plugin.configPatches) then
    config, failure, code = patched(ctx, plugin, config)
    if not config then
      return nil, failure, code or 'PluginConfigInvalid'
    end
  end
  local source = present(plugin.configFrom)
  if source then
    if is_filled(config) then
      return nil, title(plugin) .. ' has both Config and ConfigFrom set', 'PluginConfigInvalid'
    end
    config, failure, code = config_from(ctx, plugin, source)
    if not config then
      return nil, failure, code or 'PluginConfigInvalid'
    end
  end
  if host.is_array(config) then
    return nil, ('the config of %s is not an object'):format(title(plugin)), 'PluginConfigInvalid'
  end
  return config
end

--- The entity's own fields, less tags.
function M.fields(plugin, config)
  local fields = {
    name = plugin.plugin,
    config = is_filled(config) and config or nil,
    protocols = is_filled(plugin.protocols) and plugin.protocols or nil,
    ordering = present(plugin.ordering),
    instance_name = plugin.instance_name ~= '' and present(plugin.instance_name) or nil,
  }
  if plugin.disabled == true then
    fields.enabled = false
  end
  return fields
end

return M
