-- CA certificates in Secrets and ConfigMaps that carry the label konghq.com/ca-cert.
local host = require 'host'
local tags = require 'lib.object.tags'
local uuids = require 'lib.text.uuids'

local M = {}

local LABEL = 'konghq.com/ca-cert'

-- Ids of CA certificates live in a space of their own.
local AUTHORITIES_ID = 'b4f2a1c6-7d0e-5b39-9c84-3e1d6a5f0b27'

local function report(ctx, object, text)
  ctx:problem(object, 'InvalidCACertificate', text)
end

local function value_of(object, name)
  local value = object.data and object.data[name]
  if value and object.kind == 'Secret' then value = host.base64_decode(value) end
  return value
end

local function pem_of(object)
  return value_of(object, 'cert') or value_of(object, 'ca.crt')
end

-- What is said in a PEM text of one CA certificate; nil and what is wrong with it.
local function examine(pem)
  local facts, why = host.certificate_facts(pem)
  if not facts then return nil, why or 'invalid PEM block' end
  if facts.other_block then return nil, 'invalid PEM block type' end
  if facts.certificates ~= 1 then
    return nil, facts.certificates == 0 and 'invalid PEM block' or 'multiple PEM certificates found'
  end
  if not facts.is_authority then return nil, "certificate is missing the 'CA' basic constraint" end
  return facts
end

-- The canonical text of a CA certificate, or nil when the object holds none that can be used.
local function certificate_of(self, ctx, object)
  local prefix = 'invalid secret CA certificate: '
  local pem = pem_of(object)
  if not pem then
    report(ctx, object, string.format('invalid secret CA certificate %s/%s, neither "cert" nor "ca.crt" key exist',
      object.metadata.namespace, object.metadata.name))
    return nil
  end

  local facts, fault = examine(pem)
  if not facts then
    report(ctx, object, prefix .. fault)
    return nil
  end
  if facts.not_after < host.now() then
    report(ctx, object, prefix .. 'expired')
    if not self:keeps_expired(ctx, object) then return nil end
  end
  return facts.canonical
end

local BLOCK = '%-%-%-%-%-BEGIN CERTIFICATE%-%-%-%-%-.-%-%-%-%-%-END CERTIFICATE%-%-%-%-%-'

-- The canonical texts of all CA certificates of an object; nil and what is wrong with it.
function M.bundle(object)
  local pem, found = pem_of(object), {}
  for block in string.gmatch(pem or '', BLOCK) do
    local facts, fault = examine(block)
    if not facts then return nil, fault end
    found[#found + 1] = facts.canonical
  end
  if #found == 0 then return nil, pem and 'invalid PEM block' or 'neither "cert" nor "ca.crt" key exist' end
  return found
end

-- The id of a CA certificate that nobody has given one.
function M.id_of(canonical)
  return host.uuid5(AUTHORITIES_ID, canonical)
end

-- An expired certificate stays, with a problem: Kong refuses what it signed, and services that name it keep working once it is replaced.
function M.keeps_expired()
  return true
end

-- Kong refuses an id that is no UUID.
function M.takes_any_id()
  return false
end

-- The rule of a kind: Secret or ConfigMap.
function M.rule(kind)
  return {
    api = 1,
    kind = kind,
    tags = tags.step,
    keeps_expired = M.keeps_expired,
    takes_any_id = M.takes_any_id,
    translate = function(self, ctx, object)
      local labels = object.metadata.labels
      if not labels or labels[LABEL] ~= 'true' or not object.data then return end

      local id = value_of(object, 'id')
      if not id then
        report(ctx, object, "invalid secret CA certificate: missing 'id' field in data")
        return
      end
      if not uuids.is(id) and not self:takes_any_id(ctx, object) then
        report(ctx, object, "invalid secret CA certificate: 'id' is no UUID")
        return
      end
      local cert = certificate_of(self, ctx, object)
      if cert then ctx:emit('ca_certificate', { id = id, cert = cert, tags = self:tags(ctx, object) }) end
    end,
  }
end

return M
