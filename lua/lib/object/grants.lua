-- Which references into another namespace a ReferenceGrant there permits.
local M = {}

M.KIND = 'gateway.networking.k8s.io/v1beta1/ReferenceGrant'

local function names_source(from, group, kind, namespace)
  for _, entry in ipairs(from or {}) do
    if (entry.group or '') == group and entry.kind == kind and entry.namespace == namespace then
      return true
    end
  end
  return false
end

local function names_target(to, group, kind, name)
  for _, entry in ipairs(to or {}) do
    if (entry.group or '') == group and entry.kind == kind and (entry.name == nil or entry.name == '' or entry.name == name) then
      return true
    end
  end
  return false
end

--- API group of an object: '' for the core group.
function M.group_of(object)
  return (object.apiVersion or ''):match('^(.*)/') or ''
end

--- True when a grant in `target.namespace` permits the reference, even if both namespaces are the same.
-- source = { group, kind, namespace }, target = { group, kind, namespace, name }.
function M.permits(ctx, source, target)
  for _, grant in ipairs(ctx:list(M.KIND, target.namespace)) do
    local spec = grant.spec or {}
    if names_source(spec.from, source.group, source.kind, source.namespace)
      and names_target(spec.to, target.group, target.kind, target.name) then
      return true
    end
  end
  return false
end

--- The usual rule: one's own namespace (or none given) needs no grant.
function M.allows(ctx, source, target)
  return target.namespace == nil or target.namespace == source.namespace or M.permits(ctx, source, target)
end

--- The source part of a reference that `object` makes.
function M.source(object)
  return { group = M.group_of(object), kind = object.kind, namespace = object.metadata.namespace }
end

return M
