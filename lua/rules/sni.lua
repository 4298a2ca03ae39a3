-- A host that a certificate serves; the key is the host. Whoever asked first has it: { secret = 'namespace/name' }.
local M = {
  api = 1,
  shared = 'sni',
  consults = { 'secret_certificate' },
}

-- The contribution that gets the host; they are sorted by age.
function M:winner(ctx, contributions)
  return contributions[1]
end

local function certificate_in(ctx, secret)
  local found = ctx:consult('secret_certificate', secret)[1]
  return found and found.data.certificate
end

function M:translate(ctx, host, contributions)
  local winner = self:winner(ctx, contributions)
  local certificate = certificate_in(ctx, winner.data.secret)
  for _, contribution in ipairs(contributions) do
    local secret = contribution.data.secret
    if secret ~= winner.data.secret and not (certificate and certificate_in(ctx, secret) == certificate) then
      local from = winner.from
      ctx:problem(contribution.from, 'HostClaimed', string.format(
        'host %s is served with Secret %s, which the older %s %s/%s asked for, and not with %s', host, winner.data.secret,
        string.match(from.kind, '[^/]*$'), from.namespace, from.name, secret))
    end
  end

  if certificate then ctx:emit('sni', { name = host }, { certificate = certificate }, { about = winner.from }) end
end

return M
