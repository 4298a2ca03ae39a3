-- Certificates that listeners of a Gateway name: whether they can be had, and for which host they are.
local grants = require 'lib.object.grants'
local key_pairs = require 'lib.tls.key_pairs'

local M = {
  SECRET = 'v1/Secret',
}

-- What a rule that asks here must list in `reads`.
M.READS = { M.SECRET, grants.KIND }

function M.terminates(listener)
  if listener.protocol == 'HTTPS' then return true end
  return listener.protocol == 'TLS' and (listener.tls or {}).mode ~= 'Passthrough'
end

-- The Secret's namespace/name; nil, a reason for the listener's status and a text when it can't be had.
function M.find(ctx, gateway, ref)
  local own = gateway.metadata.namespace
  local namespace = ref.namespace or own
  local key = namespace .. '/' .. ref.name
  if (ref.group or '') ~= '' and ref.group ~= 'core' or (ref.kind or 'Secret') ~= 'Secret' then
    return nil, 'InvalidCertificateRef', string.format('certificateRef %s is no Secret', key)
  end

  local target = { group = '', kind = 'Secret', namespace = namespace, name = ref.name }
  if not grants.allows(ctx, grants.source(gateway), target) then
    return nil, 'RefNotPermitted', string.format('no ReferenceGrant in %s allows the Gateway to use Secret %s', namespace, key)
  end

  local secret = ctx:lookup(M.SECRET, namespace, ref.name)
  if not secret then return nil, 'InvalidCertificateRef', string.format('Secret %s does not exist', key) end
  local pair, why = key_pairs.of(secret)
  if not pair then return nil, 'InvalidCertificateRef', string.format('Secret %s has no usable certificate: %s', key, why) end
  return key
end

-- The Secret of a listener, and what is wrong with its certificateRefs: { reason, text }. Kong has one certificate for a host, the first.
function M.of(ctx, gateway, listener)
  local refs = M.terminates(listener) and listener.tls and listener.tls.certificateRefs or {}
  local chosen, trouble
  for _, ref in ipairs(refs) do
    local key, reason, text = M.find(ctx, gateway, ref)
    chosen = chosen or key
    trouble = trouble or (reason and { reason = reason, text = text })
  end
  return chosen, trouble
end

return M
