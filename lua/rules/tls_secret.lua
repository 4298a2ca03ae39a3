-- A Secret with a certificate and its key that something asks for; the key is namespace/name.
local host = require 'host'
local key_pairs = require 'lib.tls.key_pairs'
local parents = require 'lib.service.parents'

local SECRET = 'v1/Secret'

local M = {
  api = 1,
  shared = 'tls_secret',
  reads = { SECRET },
  contributes = { 'certificate', 'secret_certificate' },
}

local function report(ctx, contributions, code, text)
  for i, contribution in ipairs(contributions) do
    if i == 1 or not parents.same(contributions[i - 1], contribution) then ctx:problem(contribution.from, code, text) end
  end
end

function M:translate(ctx, key, contributions)
  local namespace, name = string.match(key, '^([^/]*)/(.*)$')
  local secret = ctx:lookup(SECRET, namespace, name)
  if not secret then
    report(ctx, contributions, 'SecretNotFound', string.format('Failed to fetch the secret (%s)', key))
    return
  end

  local pair, why = key_pairs.of(secret)
  if not pair then
    local text = string.format('failed to construct certificate from secret %s: %s', key, why)
    report(ctx, contributions, 'InvalidCertificate', text)
    ctx:problem(secret, 'InvalidCertificate', text)
    return
  end

  local certificate = host.certificate_key(pair.cert, pair.key)
  ctx:contribute('certificate', certificate, {
    cert = pair.cert, key = pair.key, uid = secret.metadata.uid, created = secret.metadata.creationTimestamp,
    secret = { kind = SECRET, namespace = namespace, name = name, uid = secret.metadata.uid },
  })
  ctx:contribute('secret_certificate', key, { certificate = certificate })
end

return M
