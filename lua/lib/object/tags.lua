-- Tags that tell which Kubernetes object a Kong entity came from, followed by the user's own.
local annotations = require 'lib.object.annotations'

local M = {
  RULE_NAME = 'k8s-named-route-rule:',
}

-- What stands for an object where there is none.
M.UNKNOWN = {
  'k8s-name:UNKNOWN', 'k8s-namespace:UNKNOWN', 'k8s-kind:Service', 'k8s-uid:00000000-0000-0000-0000-000000000000', 'k8s-group:core',
  'k8s-version:v1',
}

local function add(list, prefix, value)
  if value and value ~= '' then list[#list + 1] = prefix .. value end
end

local function origin(object, additional)
  local metadata = object.metadata or {}
  local group, version = string.match(object.apiVersion or '', '^([^/]*)/(.*)$')
  local list = {}
  add(list, 'k8s-name:', metadata.name)
  add(list, 'k8s-namespace:', metadata.namespace)
  add(list, 'k8s-kind:', object.kind)
  add(list, 'k8s-uid:', metadata.uid)
  add(list, 'k8s-group:', group)
  add(list, 'k8s-version:', version or object.apiVersion)
  for _, tag in ipairs(additional or {}) do list[#list + 1] = tag end
  return list
end

-- Kong takes spaces and UTF-8, but neither control characters nor '/'; and only we write k8s- tags.
local function acceptable(tag)
  return string.sub(tag, 1, 4) ~= 'k8s-' and not string.find(tag, '[\0-\31/\127]')
end

local function append_user_tags(list, object, accept, refused)
  local text = annotations.get(object, 'tags')
  if not text then return list end

  local seen = {}
  for _, tag in ipairs(annotations.list(text)) do
    if not accept(tag) then
      refused(tag)
    elseif not seen[tag] then
      seen[tag] = true
      list[#list + 1] = tag
    end
  end
  return list
end

-- The tags of an object; `additional` are put before the user's. User tags that cannot be used are reported and left out.
function M.of(ctx, object, additional)
  return append_user_tags(origin(object, additional), object, acceptable, function(tag)
    ctx:problem(object, 'InvalidTag', string.format('konghq.com/tags: "%s" cannot be used as a tag', tag))
  end)
end

-- The same with every user tag as it stands.
function M.verbatim(object, additional)
  return append_user_tags(origin(object, additional), object, function() return true end)
end

-- Tags for the names that rules of a route have; nil for none.
function M.rule_names(rules)
  local names
  for _, rule in ipairs(rules) do
    if rule.name and rule.name ~= '' then
      names = names or {}
      names[#names + 1] = M.RULE_NAME .. rule.name
    end
  end
  return names
end

-- Rules take this as their step `tags`, so that it can be overridden.
function M.step(_, ctx, object, additional)
  return M.of(ctx, object, additional)
end

return M
