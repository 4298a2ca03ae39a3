-- ListenerSets of a Gateway: which it allows, and all listeners in the order in which they claim ports and host names.
local listeners = require 'lib.listener.listeners'
local namespaces = require 'lib.object.namespaces'

local M = {
  KIND = 'gateway.networking.k8s.io/v1/ListenerSet',
}

-- What a rule that asks here must list in `reads`.
M.READS = { M.KIND, 'v1/Namespace' }

-- The namespace and name of the Gateway that a set belongs to; nil when it belongs to something else.
function M.gateway_of(set)
  local ref = set.spec and set.spec.parentRef or {}
  if (ref.group or listeners.GROUP) ~= listeners.GROUP or (ref.kind or 'Gateway') ~= 'Gateway' then return nil end
  return ref.namespace or set.metadata.namespace, ref.name or ''
end

local function policy(gateway)
  return gateway.spec.allowedListeners and gateway.spec.allowedListeners.namespaces or {}
end

-- May sets of this namespace add listeners to the Gateway? Without a word of it none may.
function M.is_allowed(ctx, gateway, namespace)
  return namespaces.allows(ctx, policy(gateway), 'None', gateway.metadata.namespace, namespace)
end

-- True when an object goes before another: by age, then by name.
function M.older(one, other)
  local a, b = one.metadata, other.metadata
  if a.creationTimestamp ~= b.creationTimestamp then return (a.creationTimestamp or '') < (b.creationTimestamp or '') end
  if a.namespace ~= b.namespace then return a.namespace < b.namespace end
  return a.name < b.name
end

-- The sets that the Gateway allows, the oldest first.
function M.of(ctx, gateway)
  local from = policy(gateway).from or 'None'
  if from == 'None' then return {} end

  local own, found = gateway.metadata, {}
  for _, set in ipairs(ctx:list(M.KIND, from == 'Same' and own.namespace or nil)) do
    local namespace, name = M.gateway_of(set)
    if namespace == own.namespace and name == own.name and M.is_allowed(ctx, gateway, set.metadata.namespace) then
      found[#found + 1] = set
    end
  end
  table.sort(found, M.older)
  return found
end

-- Listeners of the Gateway and of its sets: { listener, owner, rank, conflict }; a lower rank goes first. And the sets.
function M.merged(ctx, gateway)
  local all, sets = {}, M.of(ctx, gateway)
  local function add(owner, rank)
    for _, listener in ipairs(owner.spec.listeners or {}) do all[#all + 1] = { listener = listener, owner = owner, rank = rank } end
  end
  add(gateway, 0)
  for rank, set in ipairs(sets) do add(set, rank) end
  return listeners.judge(all), sets
end

return M
