-- What Kong Ingress Controller does differently with TCPRoutes, UDPRoutes and TLSRoutes; used by packs/kic.
local expression = require 'lib.expression'
local hostnames = require 'lib.hostnames'
local route_overrides = require 'lib.route_overrides'
local route_parents = require 'lib.route_parents'
local stream_routes = require 'lib.stream_routes'
local tags = require 'lib.tags'

local M = {}

local LISTENERS = { TCPRoute = 'TCP', UDPRoute = 'UDP' }

function M.override(kind)
  local override = {
    api = 1,
    extends = kind,

    tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
    overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,
    backend_kind = function(_, _, ref) return ref.kind end,
    parents = function(_, ctx, route) return route_parents.of(ctx, route, kind, true) end,
    is_attached = function(super, ctx, parents) return #parents == 0 or super(ctx, parents) end,
    -- A route that matches nothing is sent all the same, and Kong refuses it.
    match_refusal = function() return nil end,
    listener_expression = function() return '' end,
    sni_groups = function(_, _, snis) return { snis } end,
    rank = function() return stream_routes.PRIORITY end,
    expression = function(_, _, snis, ports) return expression.stream(snis, ports, hostnames.is_narrow_sni) end,
  }
  if LISTENERS[kind] then
    override.ports = function(_, _, _, parents) return stream_routes.listener_ports(parents, LISTENERS[kind]) end
  end
  return override
end

return M
