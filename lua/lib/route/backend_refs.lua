-- backendRefs of Gateway API routes: which of them lead to a Service that may be used.
local grants = require 'lib.object.grants'

local M = {
  SERVICE = 'v1/Service',
  GROUP = 'gateway.networking.k8s.io',
}

-- What a rule that resolves backendRefs must list in `reads`.
M.READS = { M.SERVICE, grants.KIND }

local CORE = { [''] = true, core = true }

local function unusable(ctx, route, ref, kind)
  local namespace = ref.namespace or route.metadata.namespace
  local name = namespace .. '/' .. ref.name
  if kind ~= 'Service' or not CORE[ref.group or ''] then
    local group = ref.group or ''
    local full = group == '' and tostring(kind) or group .. '/' .. tostring(kind)
    return 'InvalidKind', 'UnsupportedBackend', string.format('target %s has unsupported type %s', name, full)
  end

  local source = { group = M.GROUP, kind = route.kind, namespace = route.metadata.namespace }
  local target = { group = ref.group or '', kind = 'Service', namespace = namespace, name = ref.name }
  if not grants.allows(ctx, source, target) then
    return 'RefNotPermitted', 'NoReferenceGrant', string.format(
      '%s is in a different namespace than the %s (namespace %s) and no ReferenceGrant allowing reference is configured',
      name, route.kind, route.metadata.namespace)
  end
  if not ctx:lookup(M.SERVICE, namespace, ref.name) then
    return 'BackendNotFound', 'BackendNotFound', string.format('target %s of type Service does not exist', name)
  end
  return nil
end

-- Backends as the shared rule `backend` takes them. The second result is the first reference that cannot be used: { reason, text };
-- the third is the weight of all these, the fourth the references that the backends come from.
-- `rule`'s step `backend_kind` says of which kind a reference is that doesn't say so itself.
function M.resolve(rule, ctx, route, refs)
  local backends, first, lost, usable = {}, nil, 0, {}
  for _, ref in ipairs(refs or {}) do
    local reason, code, text = unusable(ctx, route, ref, rule:backend_kind(ctx, ref))
    if reason then
      ctx:problem(route, code, text)
      first = first or { reason = reason, text = text }
      lost = lost + (ref.weight or 1)
    else
      backends[#backends + 1] = {
        kind = 'Service', namespace = ref.namespace or route.metadata.namespace, name = ref.name,
        port = { number = ref.port or -1 }, weight = ref.weight,
      }
      usable[#usable + 1] = ref
    end
  end
  return backends, first, lost, usable
end

-- Rules take this as their step `backend_kind`.
function M.kind_of(_, _, ref)
  return ref.kind or 'Service'
end

function M.parent(object)
  return { kind = object.kind, namespace = object.metadata.namespace, name = object.metadata.name }
end

local function total_weight(backends)
  local total = 0
  for _, backend in ipairs(backends) do total = total + (backend.weight or 1) end
  return total
end

-- True when requests have nowhere to go, which clients are to see as a 500.
function M.leads_nowhere(backends)
  return total_weight(backends) == 0
end

-- Lua for Kong that refuses the share of requests that would go to backends of the weight `lost`, which can't be used.
function M.failing_share(backends, lost, status)
  local total = total_weight(backends)
  if lost == 0 or total == 0 then return nil end
  return string.format(
    'if math.random(%d) <= %d then return kong.response.exit(%d, { message = "no existing backendRef provided" }) end',
    total + lost, lost, status or 500)
end

-- Answers every request for a Kong service with an error.
function M.emit_terminator(ctx, service, status)
  ctx:emit('plugin', {
    name = 'request-termination',
    config = { status_code = status or 500, message = 'no existing backendRef provided' },
  }, { service = service }, { step = 'terminator' })
end

return M
