-- No backend may take longer than ten seconds, whatever an annotation says.
local LONGEST_MS = 10000

return {
  api = 1,
  adjusts = 'service',

  adjust = function(ctx, service, object)
    for _, field in ipairs { 'connect_timeout', 'read_timeout', 'write_timeout' } do
      if service[field] and service[field] > LONGEST_MS then service[field] = LONGEST_MS end
    end
    return service
  end,
}
