-- A Maintenance answers every request for its host with 503 and a message.
local M = {
  api = 1,
  kind = 'shop.example.com/v1/Maintenance',
}

function M:name(ctx, maintenance)
  return 'maintenance.' .. maintenance.metadata.namespace .. '.' .. maintenance.metadata.name
end

function M:translate(ctx, maintenance)
  local name, spec = self:name(ctx, maintenance), maintenance.spec or {}
  if not spec.host then
    ctx:problem(maintenance, 'InvalidObject', 'spec.host is needed')
    return
  end
  ctx:emit('route', { name = name, hosts = { spec.host }, paths = { '/' }, protocols = { 'http', 'https' } })
  ctx:emit('plugin', {
    name = 'request-termination',
    config = { status_code = 503, message = spec.message or 'maintenance' },
  }, { route = name })
end

return M
