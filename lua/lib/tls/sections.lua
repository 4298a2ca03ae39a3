-- The section `tls` of an Ingress or TCPIngress: which Secret serves which host.
local M = {
  -- What a rule that claims must list in `contributes`.
  CONTRIBUTES = { 'tls_secret', 'sni' },
}

-- Entries without hosts or without a Secret say nothing.
function M.claim(ctx, object)
  local namespace = object.metadata.namespace
  for _, entry in ipairs(object.spec.tls or {}) do
    local name, hosts = entry.secretName, entry.hosts or {}
    if name and name ~= '' and #hosts > 0 then
      local secret = namespace .. '/' .. name
      ctx:contribute('tls_secret', secret, {})
      for _, host in ipairs(hosts) do
        if host ~= '' then ctx:contribute('sni', host, { secret = secret }) end
      end
    end
  end
end

return M
