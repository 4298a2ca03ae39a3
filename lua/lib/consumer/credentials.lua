-- What a credential Secret says: its type and the fields of the Kong entity.
local annotations = require 'lib.object.annotations'
local host = require 'host'
local uuids = require 'lib.text.uuids'

local M = {}

M.LABEL = 'konghq.com/credential'

-- What the gateway takes as a jwt's algorithm; true: it wants a public key for it.
local ALGORITHMS = {
  HS256 = false, HS384 = false, HS512 = false, ES256 = false, ES384 = false, ES512 = false, RS256 = true, RS384 = true, RS512 = true,
  PS256 = true, PS384 = true, PS512 = true, EdDSA = true,
}

local function jwt_fault(fields)
  local needs_key = ALGORITHMS[fields.algorithm]
  if needs_key == nil then return ('algorithm "%s" is none of %s'):format(fields.algorithm, table.concat(M.algorithms(), ', ')) end
  if needs_key and (fields.rsa_public_key or '') == '' then return ('algorithm %s needs rsa_public_key'):format(fields.algorithm) end
  return nil
end

-- `unique` is the field that no two credentials of the gateway may share; `fault` says what the gateway would refuse.
local TYPES = {
  ['key-auth'] = { kind = 'key_auth', fields = { 'key', 'ttl' }, required = { 'key' }, unique = 'key', index = "key-auth on 'key'" },
  ['basic-auth'] = {
    kind = 'basic_auth', fields = { 'username', 'password' }, required = { 'username' }, unique = 'username',
    index = "basic-auth on 'username'",
  },
  ['hmac-auth'] = {
    kind = 'hmac_auth', fields = { 'username', 'secret' }, required = { 'username' }, unique = 'username',
    index = "hmac-auth on 'username'",
  },
  jwt = {
    kind = 'jwt', fields = { 'key', 'algorithm', 'rsa_public_key', 'secret' }, required = { 'key' }, unique = 'key',
    index = "jwt-auth on 'key'", defaults = { algorithm = 'HS256' }, fault = jwt_fault,
  },
  oauth2 = {
    kind = 'oauth2', fields = { 'name', 'client_id', 'client_secret', 'redirect_uris', 'hash_secret', 'client_type' },
    required = { 'client_id', 'name' }, unique = 'client_id', index = "oauth2-credentials on 'client_id'",
  },
  acl = { kind = 'acl', fields = { 'group' }, required = { 'group' } },
  ['mtls-auth'] = {
    kind = 'mtls_auth', fields = { 'subject_name', 'ca_certificate' }, required = { 'subject_name' }, unique = 'subject_name',
    index = "mtls-auth on 'subject_name'",
  },
}

function M.algorithms()
  return annotations.sorted_keys(ALGORITHMS)
end

-- Fields of Kong's that no text can stand for: Kong Ingress Controller refuses a Secret that has them.
local NO_TEXT = { 'tags', 'created_at', 'consumer' }

-- Fields that are no plain text: text -> value | nil, a warning | nil, nil, an error.
local PARSERS = {
  redirect_uris = function(text)
    return host.array(host.split(text, ','))
  end,
  hash_secret = function(text)
    local value = annotations.boolean(text)
    if value == nil then
      return false, ('Failed to parse hash_secret to bool: "%s" is none. defaulting to false'):format(text)
    end
    return value
  end,
  ttl = function(text)
    local value = annotations.integer(text)
    if value == nil then
      return nil, ('Failed to parse ttl to int: "%s" is none, skipfilling the field'):format(text)
    end
    return value
  end,
  ca_certificate = function()
    return nil, nil, 'ca_certificate cannot be given in a Secret'
  end,
}

local function fill(fields, name, text, warnings)
  local parser = PARSERS[name]
  if not parser then
    fields[name] = text
    return nil
  end
  local value, warning, failure = parser(text)
  fields[name] = value
  warnings[#warnings + 1] = warning
  return failure
end

local function fields_of(secret, row, warnings)
  local data = secret.data or {}
  local fields = {}
  for _, name in ipairs(row.fields) do
    local encoded = data[name]
    local text = encoded and host.base64_decode(encoded)
    if encoded and not text then
      return nil, ('%s is not base64'):format(name)
    end
    local failure = text and fill(fields, name, text, warnings)
    if failure then
      return nil, failure
    end
  end
  fields.id = data.id and host.base64_decode(data.id) or nil
  for name, value in pairs(row.defaults or {}) do
    if fields[name] == nil or fields[name] == '' then
      fields[name] = value
    end
  end
  return fields
end

-- What a required field lacks. A text may be empty for KIC, which does not look at it.
local function fault(secret, row, fields, kic)
  for _, name in ipairs(row.required) do
    if fields[name] == nil or (fields[name] == '' and not kic) then
      return 'no ' .. name
    end
  end
  for _, name in ipairs(kic and NO_TEXT or {}) do
    if (secret.data or {})[name] then
      return name .. ' cannot be given in a Secret'
    end
  end
  return row.fault and not kic and row.fault(fields) or nil
end

--- A credential { kind, fields, index, claim, warnings }, or nil, a problem's code and its text.
-- `claim` names the unique value without showing it; credentials without one have none. `kic`: as Kong Ingress Controller does.
function M.parse(secret, kic)
  local kind = secret.metadata.labels and secret.metadata.labels[M.LABEL]
  if not kind or kind == '' then
    return nil, 'CredentialTypeUnknown', ('could not load credential from Secret: it has no label %s (one of %s)'):format(M.LABEL,
      table.concat(annotations.sorted_keys(TYPES), ', '))
  end
  local row = TYPES[kind]
  if not row then
    local known = table.concat(annotations.sorted_keys(TYPES), ', ')
    return nil, 'CredentialTypeUnknown',
      ('failed to provision credential: unsupported credential type: "%s" (known are %s)'):format(kind, known)
  end
  local warnings = {}
  local fields, failure = fields_of(secret, row, warnings)
  if not fields then
    return nil, 'CredentialInvalid', 'failed to provision credential: ' .. failure
  end
  if fields.id and not kic and not uuids.is(fields.id) then
    return nil, 'CredentialInvalid', ('failed to provision credential: %s is invalid: id is no UUID'):format(kind)
  end
  local why = fault(secret, row, fields, kic)
  if why then
    return nil, 'CredentialInvalid', ('failed to provision credential: %s is invalid: %s'):format(kind, why)
  end
  return {
    kind = row.kind,
    fields = fields,
    index = row.index,
    claim = row.unique and row.kind .. '|' .. host.sha256(fields[row.unique]) or nil,
    warnings = warnings,
  }
end

return M
