-- A CA certificate that a backend must be signed by, without an id of its own; the key is its canonical text, so that equal ones in
-- several objects are one.
local ca_certificates = require 'lib.tls.ca_certificates'

local M = {
  api = 1,
  shared = 'authority',
}

function M:translate(ctx, canonical, contributions)
  local about = {}
  for i, contribution in ipairs(contributions) do about[i] = contribution.data.object end
  ctx:emit('ca_certificate', { id = ca_certificates.id_of(canonical), cert = canonical }, nil, { about = about })
end

return M
