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

function M:translate(ctx, host, contributions)
  local winner = self:winner(ctx, contributions)
  for _, contribution in ipairs(contributions) do
    if contribution.data.secret ~= winner.data.secret then
      local from = winner.from
      ctx:problem(contribution.from, 'HostClaimed', string.format(
        'host %s is served with Secret %s, which the older %s %s/%s asked for, and not with %s', host, winner.data.secret,
        string.match(from.kind, '[^/]*$'), from.namespace, from.name, contribution.data.secret))
    end
  end

  local found = ctx:consult('secret_certificate', winner.data.secret)[1]
  if found then
    ctx:emit('sni', { name = host }, { certificate = found.data.certificate }, { about = winner.from })
  end
end

return M
