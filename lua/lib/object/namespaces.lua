-- Which namespaces a policy of the Gateway API lets in: { from, selector }.
local M = {}

local function contains(list, value)
  for _, item in ipairs(list or {}) do
    if item == value then return true end
  end
  return false
end

local function expression_holds(labels, expression)
  local value, operator = labels[expression.key], expression.operator
  if operator == 'Exists' then return value ~= nil end
  if operator == 'DoesNotExist' then return value == nil end
  local among = value ~= nil and contains(expression.values, value)
  if operator == 'In' then return among end
  if operator == 'NotIn' then return not among end
  return false
end

local function selects(selector, labels)
  for key, value in pairs(selector.matchLabels or {}) do
    if labels[key] ~= value then return false end
  end
  for _, expression in ipairs(selector.matchExpressions or {}) do
    if not expression_holds(labels, expression) then return false end
  end
  return true
end

-- True when `namespace` may come to what is in `own`; `default` stands for a policy that says nothing.
function M.allows(ctx, policy, default, own, namespace)
  local from = policy.from or default
  if from == 'All' then return true end
  if from == 'Same' then return namespace == own end
  if from ~= 'Selector' or not policy.selector then return false end

  local object = ctx:lookup('v1/Namespace', '', namespace)
  local labels = object and object.metadata.labels or { ['kubernetes.io/metadata.name'] = namespace }
  return selects(policy.selector, labels)
end

return M
