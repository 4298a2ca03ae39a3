-- Certificates that annotations of a Service ask for: one to show to it, and those that must have signed its own.
local annotations = require 'lib.object.annotations'
local ca_certificates = require 'lib.tls.ca_certificates'
local host = require 'host'
local key_pairs = require 'lib.tls.key_pairs'
local service_overrides = require 'lib.service.overrides'

local SECRET, CONFIGMAP = 'v1/Secret', 'v1/ConfigMap'

local M = {
  -- What a rule that uses these steps must list in `reads`; it contributes to `tls_secret` and `authority`.
  READS = { SECRET, CONFIGMAP },
}

local function protocol_of(service)
  local protocol = annotations.get(service, 'protocol')
  return protocol and protocol ~= '' and protocol or 'http'
end

-- konghq.com/client-cert: the key of the certificate to show, or nil. `protocol` is the Kong service's, for people.
function M.client_step(_, ctx, service, protocol)
  local name = annotations.get(service, 'client-cert')
  if not name or name == '' then return nil end

  local namespace = service.metadata.namespace
  local secret = ctx:lookup(SECRET, namespace, name)
  if not secret then
    ctx:problem(service, 'SecretNotFound', string.format("Failed to fetch secret '%s/%s': it does not exist", namespace, name))
    return nil
  end
  if service_overrides.is_without_tls(protocol_of(service)) then
    ctx:problem(service, 'InvalidAnnotation',
      string.format("Client certificate requested for incompatible service protocol '%s'", protocol or 'http'))
    return nil
  end
  ctx:contribute('tls_secret', namespace .. '/' .. name, {})
  local pair = key_pairs.of(secret)
  return pair and host.certificate_key(pair.cert, pair.key) or nil
end

local function id_of(object, encoded)
  local text = object.data and object.data.id
  if text and encoded then text = host.base64_decode(text) end
  return text
end

-- The CA certificates of an object that gives them no id; nil and what is wrong with it.
function M.bundle_step(_, _, object)
  return ca_certificates.bundle(object)
end

local function add_bundle(rule, ctx, ids, kind, object)
  local texts, fault = rule:authorities(ctx, object)
  for _, text in ipairs(texts or {}) do
    local its = object.metadata
    ctx:contribute('authority', text, { object = { kind = kind, namespace = its.namespace, name = its.name, uid = its.uid } })
    ids[#ids + 1] = ca_certificates.id_of(text)
  end
  return fault
end

local function add_ids(rule, ctx, service, ids, kind, names)
  local encoded, word = kind == SECRET, kind == SECRET and 'secret' or 'configmap'
  local namespace = service.metadata.namespace
  for _, name in ipairs(names) do
    local object = ctx:lookup(kind, namespace, name)
    local id = object and id_of(object, encoded)
    if not object then
      ctx:problem(service, 'SecretNotFound',
        string.format("Failed to fetch %s for CA Certificate '%s/%s': it does not exist", word, namespace, name))
    elseif id then
      ids[#ids + 1] = id
    else
      local fault = add_bundle(rule, ctx, ids, kind, object)
      if fault then
        local text = string.format("Invalid CA certificate '%s/%s': %s", namespace, name, fault)
        ctx:problem(service, 'InvalidCACertificate', text)
        ctx:problem(object, 'InvalidCACertificate', text)
      end
    end
  end
end

-- konghq.com/ca-certificates-secrets and -configmaps: the ids of CA certificates.
function M.ca_step(rule, ctx, service)
  local secrets = annotations.list(annotations.get(service, 'ca-certificates-secrets'))
  local configmaps = annotations.list(annotations.get(service, 'ca-certificates-configmaps'))
  local ids = {}
  if #secrets + #configmaps == 0 then return ids end

  local protocol = protocol_of(service)
  if annotations.boolean(annotations.get(service, 'tls-verify')) ~= true then
    ctx:problem(service, 'InvalidAnnotation', 'CA certificates requested for service without TLS verification enabled')
  elseif service_overrides.is_without_tls(protocol) then
    ctx:problem(service, 'InvalidAnnotation',
      string.format("CA certificates requested for incompatible service protocol '%s'", protocol))
  else
    add_ids(rule, ctx, service, ids, SECRET, secrets)
    add_ids(rule, ctx, service, ids, CONFIGMAP, configmaps)
  end
  return ids
end

return M
