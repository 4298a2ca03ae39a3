-- What Kong Ingress Controller does differently with TCPIngresses and UDPIngresses; used by packs/kic.
local hostnames = require 'lib.text.hostnames'
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'

local M = {}

function M.override(kind)
  return {
    api = 1,
    extends = kind,

    tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
    overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,

    -- In an expression only the rule's own host counts, if it looks like one.
    expression_snis = function(_, _, route)
      local snis = route.snis
      return snis and hostnames.is_narrow_sni(snis[1]) and snis or {}
    end,
  }
end

return M
