-- CA certificates of Secrets as Kong Ingress Controller takes them: an expired one vanishes, and any id will do.
local tags = require 'lib.object.tags'

return {
  api = 1,
  extends = 'Secret',

  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  keeps_expired = function() return false end,
  takes_any_id = function() return true end,
}
