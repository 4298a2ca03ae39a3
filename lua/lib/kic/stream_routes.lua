-- What Kong Ingress Controller does differently with TCPRoutes, UDPRoutes and TLSRoutes; used by packs/kic.
local expression = require 'lib.text.expression'
local hostnames = require 'lib.text.hostnames'
local kic_route_steps = require 'lib.kic.route_steps'
local stream_routes = require 'lib.stream.routes'

local M = {}

local LISTENERS = { TCPRoute = 'TCP', UDPRoute = 'UDP' }

function M.override(kind)
  local override = kic_route_steps.override(kind, {
    -- A route that matches nothing is sent all the same, and Kong refuses it.
    match_refusal = function() return nil end,
    sni_groups = function(_, _, snis) return { snis } end,
    rank = function() return stream_routes.PRIORITY end,
    expression = function(_, _, snis, ports) return expression.stream(snis, ports, hostnames.is_narrow_sni) end,
  })
  if LISTENERS[kind] then
    override.ports = function(_, _, _, parents) return stream_routes.listener_ports(parents, LISTENERS[kind]) end
  end
  return override
end

return M
