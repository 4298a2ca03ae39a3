-- What Kong Ingress Controller does differently with routes of every kind, and with HTTPRoutes and GRPCRoutes; used by packs/kic.
local expression = require 'lib.text.expression'
local hostnames = require 'lib.text.hostnames'
local route_overrides = require 'lib.route.overrides'
local route_parents = require 'lib.route.parents'
local tags = require 'lib.object.tags'

local M = {}

local steps = {
  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,
  -- Without the API server's defaults a reference has no kind, and none is guessed.
  backend_kind = function(_, _, ref) return ref.kind end,
  is_attached = function(super, ctx, parents) return #parents == 0 or super(ctx, parents) end,
  listener_expression = function() return '' end,
}

local http_steps = {
  match_fault = function() return nil end, -- the gateway is left to refuse it
  match_headers = function(_, _, match) return match.headers end,
  host_expression = function(_, _, name) return hostnames.is_narrow_host(name) and expression.host(name) or '' end,
  sni_expression = function(_, _, snis) return expression.snis(snis or {}, hostnames.is_narrow_sni) end,
}

local function add(override, list)
  for name, step in pairs(list) do override[name] = step end
end

-- An override for a kind with these steps; `own` are others, and what else an override has.
function M.override(kind, own)
  local override = {
    api = 1, extends = kind,
    parents = function(_, ctx, route) return route_parents.of(ctx, route, kind, true) end,
  }
  add(override, steps)
  add(override, own)
  return override
end

-- The same for HTTPRoutes and GRPCRoutes.
function M.http_override(kind, own)
  add(own, http_steps)
  return M.override(kind, own)
end

return M
