-- A certificate and its key in a Secret.
local host = require 'host'

local M = {}

local function text_of(secret, name)
  local encoded = secret.data and secret.data[name]
  local text = encoded and host.base64_decode(encoded)
  return text and host.trim(text) or nil
end

-- { cert, key }, or nil and why.
function M.of(secret)
  local cert, key = text_of(secret, 'tls.crt'), text_of(secret, 'tls.key')
  if not cert or cert == '' then return nil, 'tls.crt is missing or is not base64' end
  if not key or key == '' then return nil, 'tls.key is missing or is not base64' end

  local good, why = host.check_key_pair(cert, key)
  if not good then return nil, why end
  return { cert = cert, key = key }
end

return M
