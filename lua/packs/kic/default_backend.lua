-- The default backend as Kong Ingress Controller translates it.
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'

return {
  api = 1,
  extends = 'default_backend',
  consults = { 'tcp_backend' },

  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,
  is_taken = function(_, ctx, service) return ctx:consulted('tcp_backend', service) end,
}
