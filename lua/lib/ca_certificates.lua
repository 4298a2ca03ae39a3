-- CA certificates in Secrets and ConfigMaps that carry the label konghq.com/ca-cert.
local host = require 'host'
local tags = require 'lib.tags'

local M = {}

local LABEL = 'konghq.com/ca-cert'

local function report(ctx, object, text)
  ctx:problem(object, 'InvalidCACertificate', text)
end

local function value_of(object, name)
  local value = object.data and object.data[name]
  if value and object.kind == 'Secret' then value = host.base64_decode(value) end
  return value
end

-- The canonical text of a CA certificate, or nil when the object holds none that can be used.
local function certificate_of(self, ctx, object)
  local prefix = 'invalid secret CA certificate: '
  local pem = value_of(object, 'cert') or value_of(object, 'ca.crt')
  if not pem then
    report(ctx, object, string.format('invalid secret CA certificate %s/%s, neither "cert" nor "ca.crt" key exist',
      object.metadata.namespace, object.metadata.name))
    return nil
  end

  local facts, why = host.certificate_facts(pem)
  local fault
  if not facts then
    fault = why or 'invalid PEM block'
  elseif facts.other_block then
    fault = 'invalid PEM block type'
  elseif facts.certificates ~= 1 then
    fault = facts.certificates == 0 and 'invalid PEM block' or 'multiple PEM certificates found'
  elseif not facts.is_authority then
    fault = "certificate is missing the 'CA' basic constraint"
  end
  if fault then
    report(ctx, object, prefix .. fault)
    return nil
  end
  if facts.not_after < host.now() then
    report(ctx, object, prefix .. 'expired')
    if not self:keeps_expired(ctx, object) then return nil end
  end
  return facts.canonical
end

-- An expired certificate stays, with a problem: Kong refuses what it signed, and services that name it keep working once it is replaced.
function M.keeps_expired()
  return true
end

-- The rule of a kind: Secret or ConfigMap.
function M.rule(kind)
  return {
    api = 1,
    kind = kind,
    tags = tags.step,
    keeps_expired = M.keeps_expired,
    translate = function(self, ctx, object)
      local labels = object.metadata.labels
      if not labels or labels[LABEL] ~= 'true' or not object.data then return end

      local id = value_of(object, 'id')
      if not id then
        report(ctx, object, "invalid secret CA certificate: missing 'id' field in data")
        return
      end
      local cert = certificate_of(self, ctx, object)
      if cert then ctx:emit('ca_certificate', { id = id, cert = cert, tags = self:tags(ctx, object) }) end
    end,
  }
end

return M
