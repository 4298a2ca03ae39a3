-- BackendTLSPolicies: what their status says. What they do to Kong services stands in rules/backend.lua.
local backend_tls = require 'lib.service.backend_tls'
local backends = require 'lib.service.backends'
local listeners = require 'lib.listener.listeners'
local plugins = require 'lib.plugin.plugins'
local route_status = require 'lib.route.status'

local POLICY = 'gateway.networking.k8s.io/v1alpha3/BackendTLSPolicy'

local M = {
  api = 1,
  kind = POLICY,
  reads = plugins.join({ POLICY }, backend_tls.READS),
  consults = { 'known_gateways', 'service_gateways' },
}

local function is_core_service(ref)
  return ref.kind == 'Service' and ((ref.group or '') == '' or ref.group == 'core')
end

-- Why a CA certificate can't be had; nil when it can.
function M:ca_refusal(ctx, policy, ref)
  return backend_tls.ca_refusal(ctx, policy, ref)
end

-- Why the policy can't be had, beyond its CA certificates; nil when it can.
function M:refusal(ctx, policy)
  return backend_tls.refusal(policy)
end

-- The name of a Service for which another policy goes before this one; nil when there is none.
function M:conflict(ctx, policy)
  for _, ref in ipairs(policy.spec.targetRefs or {}) do
    if is_core_service(ref) then
      local service = { metadata = { namespace = policy.metadata.namespace, name = ref.name } }
      local rivals = {}
      for _, entry in ipairs(backends.tls_policies(ctx, service)) do
        if entry.section == ref.sectionName then rivals[#rivals + 1] = entry end
      end
      local winner = backends.pick_tls_policy(rivals, ref.sectionName)
      if winner and winner.metadata.name ~= policy.metadata.name then return ref.name end
    end
  end
  return nil
end

-- True when a route leads from the Gateway to one of the policy's Services.
local function is_reached(ctx, policy, gateway)
  for _, ref in ipairs(policy.spec.targetRefs or {}) do
    local service = policy.metadata.namespace .. '/' .. ref.name
    if is_core_service(ref) and ctx:consulted('service_gateways', route_status.reached_key(service, gateway)) then return true end
  end
  return false
end

local function ancestors_of(ctx, policy)
  local list = {}
  for _, contribution in ipairs(ctx:consult('known_gateways', 'all')) do
    local gateway = contribution.from.namespace .. '/' .. contribution.from.name
    if is_reached(ctx, policy, gateway) then list[#list + 1] = gateway end
  end
  table.sort(list)
  return list
end

local function verdict(rule, ctx, policy)
  local refs = (policy.spec.validation or {}).caCertificateRefs or {}
  local reason, text, good
  for _, ref in ipairs(refs) do
    local why, message = rule:ca_refusal(ctx, policy, ref)
    if why then
      reason, text = reason or why, text or message
    else
      good = true
    end
  end
  local trouble = reason and { reason = reason, text = text }
  local taken = rule:conflict(ctx, policy)
  if taken then return 'Conflicted', 'another BackendTLSPolicy goes before this one for Service ' .. taken, trouble end
  local refusal = rule:refusal(ctx, policy)
  if refusal then return 'Invalid', refusal, trouble end
  if trouble and not good then return 'NoValidCACertificate', trouble.text, trouble end
  return nil, nil, trouble
end

function M:translate(ctx, policy)
  policy.spec = policy.spec or {}
  local refused, text, trouble = verdict(self, ctx, policy)
  if refused == 'Conflicted' then
    ctx:problem(policy, 'PolicyConflict', text)
  elseif refused or trouble then
    ctx:problem(policy, 'InvalidObject', text or trouble.text)
  end

  for _, key in ipairs(ancestors_of(ctx, policy)) do
    local namespace, name = string.match(key, '^([^/]*)/(.*)$')
    local ancestor = { group = listeners.GROUP, kind = 'Gateway', namespace = namespace, name = name }
    local function say(type, holds, reason, message)
      ctx:condition(policy, {
        type = type, status = holds and 'True' or 'False', reason = reason, message = message, subject = key,
        detail = { ancestorRef = ancestor },
      })
    end
    say('Accepted', not refused, refused or 'Accepted', text or 'the policy is accepted')
    local resolved = trouble or { reason = 'ResolvedRefs', text = 'all references are resolved' }
    say('ResolvedRefs', not trouble, resolved.reason, resolved.text)
  end
end

return M
