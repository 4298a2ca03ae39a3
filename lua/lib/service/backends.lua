-- The Kubernetes Services behind the backends of a Kong service, with the annotations that count for them.
local annotations = require 'lib.object.annotations'
local parents = require 'lib.service.parents'

local SERVICE = 'v1/Service'
local FACADE = 'incubator.ingress-controller.konghq.com/v1alpha1/KongServiceFacade'
local TLS_POLICY = 'gateway.networking.k8s.io/v1alpha3/BackendTLSPolicy'

local M = {
  -- What a rule that resolves must list in `reads`.
  READS = { SERVICE, FACADE, TLS_POLICY },
  FACADE_KIND = FACADE,
}

local function behind_facade(ctx, backend)
  local facade = ctx:lookup(FACADE, backend.namespace, backend.name)
  if not facade then
    return nil, 'BackendNotFound', string.format('KongServiceFacade %s/%s does not exist', backend.namespace, backend.name)
  end

  local name = facade.spec and facade.spec.backendRef and facade.spec.backendRef.name or ''
  local service = ctx:lookup(SERVICE, backend.namespace, name)
  if not service then
    return nil, 'ServiceNotFound',
      string.format('KongServiceFacade %s/%s: Service %s/%s does not exist', backend.namespace, backend.name, backend.namespace, name)
  end

  local merged = {}
  for key, value in pairs(annotations.of(service)) do merged[key] = value end
  for key, value in pairs(annotations.of(facade)) do merged[key] = value end
  service.metadata.annotations = merged
  return service, facade
end

-- Returns a list of { service, facade, backend } and a list of { backend, code, text } of those that do not exist. The Services'
-- annotations are what counts: a facade's go over those of its Service.
function M.resolve(ctx, list)
  local resolved, missing = {}, {}
  for _, backend in ipairs(list) do
    local service, facade, text
    if backend.kind == 'KongServiceFacade' then
      service, facade, text = behind_facade(ctx, backend)
    else
      service = ctx:lookup(SERVICE, backend.namespace, backend.name)
      if not service then
        facade, text = 'ServiceNotFound', string.format('Service %s/%s does not exist', backend.namespace, backend.name)
      end
    end
    if service then
      resolved[#resolved + 1] = { service = service, facade = facade, backend = backend }
    else
      missing[#missing + 1] = { backend = backend, code = facade, text = text }
    end
  end
  return resolved, missing
end

-- Reports Services that do not exist at each parent that asks for them.
function M.report_missing(ctx, contributions, missing)
  for i, contribution in ipairs(contributions) do
    local again = i > 1 and parents.same(contributions[i - 1], contribution)
    for _, backend in ipairs(again and {} or missing) do
      ctx:problem(parents.source(contribution), backend.code, 'failed to resolve Kubernetes Service for backend: ' .. backend.text)
    end
  end
end

-- What may differ: it adds up, or says nothing about the Kong service.
M.ADDING_UP = { ['konghq.com/plugins'] = true, ['konghq.com/tags'] = true }

-- The konghq.com annotations in which Services differ, sorted; nil when they agree. `but` names those that may differ.
function M.differences(resolved, but)
  if #resolved < 2 then return nil end

  local union = {}
  for _, entry in ipairs(resolved) do
    for key, value in pairs(annotations.of(entry.service)) do
      if string.sub(key, 1, 10) == 'konghq.com' and not (but and but[key]) then union[key] = value end
    end
  end
  local differing = {}
  for key, value in pairs(union) do
    for _, entry in ipairs(resolved) do
      if annotations.of(entry.service)[key] ~= value then differing[key] = true end
    end
  end
  local keys = annotations.sorted_keys(differing)
  return #keys > 0 and keys or nil
end

local function targets(policy, service)
  for _, reference in ipairs(policy.spec and policy.spec.targetRefs or {}) do
    if reference.kind == 'Service' and (reference.group or '') == '' or reference.kind == 'Service' and reference.group == 'core' then
      if reference.name == service.metadata.name then return true, reference.sectionName end
    end
  end
  return false
end

-- The BackendTLSPolicies of a Service: list of { policy, section }.
function M.tls_policies(ctx, service)
  local found = {}
  for _, policy in ipairs(ctx:list(TLS_POLICY, service.metadata.namespace)) do
    local applies, section = targets(policy, service)
    if applies then found[#found + 1] = { policy = policy, section = section } end
  end
  return found
end

local function older(left, right)
  local a, b = left.metadata.creationTimestamp or '', right.metadata.creationTimestamp or ''
  if a ~= b then return a < b end
  return left.metadata.name < right.metadata.name
end

-- One that names the port goes before one for the whole Service; the oldest wins, as the Gateway API demands.
function M.pick_tls_policy(found, port_name)
  local winner, winner_section
  for _, entry in ipairs(found) do
    local section = entry.section
    if section == nil or section == port_name then
      local better = not winner or (section ~= nil and winner_section == nil)
        or ((section == nil) == (winner_section == nil) and older(entry.policy, winner))
      if better then winner, winner_section = entry.policy, section end
    end
  end
  return winner
end

local function append_names(present, references, kind)
  local names = present and present ~= '' and { present } or {}
  for _, reference in ipairs(references or {}) do
    if reference.kind == kind then names[#names + 1] = reference.name end
  end
  return #names > 0 and table.concat(names, ',') or nil
end

-- Puts what a policy asks for into the Service's annotations. `protocol` (https without) is the one to speak.
function M.apply_tls_policy(service, policy, protocol)
  local validation = policy.spec.validation or {}
  local changed = {}
  for key, value in pairs(annotations.of(service)) do changed[key] = value end

  changed['konghq.com/tls-verify'] = 'true'
  changed['konghq.com/host-header'] = validation.hostname
  changed['konghq.com/protocol'] = protocol or 'https'
  for _, kind in ipairs { 'ConfigMap', 'Secret' } do
    local key = kind == 'Secret' and 'konghq.com/ca-certificates-secrets' or 'konghq.com/ca-certificates-configmaps'
    changed[key] = append_names(changed[key], validation.caCertificateRefs, kind)
  end
  local depth = annotations.integer(policy.spec.options and policy.spec.options['tls-verify-depth'])
  if depth and depth >= 0 then changed['konghq.com/tls-verify-depth'] = tostring(depth) end
  service.metadata.annotations = changed
end

return M
