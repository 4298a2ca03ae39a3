-- What a BackendTLSPolicy asks for and can't be had. Requests for its Services are refused then: Kong's idle connections to a backend may
-- have been opened for another Kong service, and are used again without a look at the certificate.
local ca_certificates = require 'lib.tls.ca_certificates'

local SOURCES = { ConfigMap = 'v1/ConfigMap', Secret = 'v1/Secret' }

local M = {
  -- What a rule that asks here must list in `reads`.
  READS = { SOURCES.ConfigMap, SOURCES.Secret },
}

-- Why a CA certificate can't be had, a reason and a text; nil when it can.
function M.ca_refusal(ctx, policy, ref)
  local kind = ((ref.group or '') == '' or ref.group == 'core') and SOURCES[ref.kind or '']
  if not kind then return 'InvalidKind', 'CACertificateRefs must reference ConfigMaps or Secrets in the core group' end

  local namespace = policy.metadata.namespace
  local object = ctx:lookup(kind, namespace, ref.name)
  if not object then
    return 'InvalidCACertificateRef', string.format(
      'failed getting %s %s/%s set as CACertificateRef: it does not exist', ref.kind, namespace, ref.name)
  end
  local _, fault = ca_certificates.bundle(object)
  if fault then
    return 'InvalidCACertificateRef', string.format('%s %s/%s has no CA certificate: %s', ref.kind, namespace, ref.name, fault)
  end
  return nil
end

-- Why the policy can't be had, beyond its CA certificates; nil when it can.
function M.refusal(policy)
  local validation = policy.spec.validation or {}
  if #(validation.subjectAltNames or {}) > 0 then return 'SubjectAltNames feature is not currently supported' end
  local known = validation.wellKnownCACertificates
  if known and known ~= '' and known ~= 'System' then return 'WellKnownCACertificates ' .. known .. ' is not supported' end
  return nil
end

-- True when no backend could be shown to be who the policy says.
function M.is_void(ctx, policy)
  if M.refusal(policy) then return true end
  local refs = (policy.spec.validation or {}).caCertificateRefs or {}
  for _, ref in ipairs(refs) do
    if not M.ca_refusal(ctx, policy, ref) then return false end
  end
  return #refs > 0
end

return M
