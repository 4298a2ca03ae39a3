-- What the rules for routes of the Gateway API share: what they read and tell, the steps that are alike for every kind, and the way that a
-- route goes from its parents to its status.
local backend_refs = require 'lib.route.backend_refs'
local plugins = require 'lib.plugin.plugins'
local route_overrides = require 'lib.route.overrides'
local route_parents = require 'lib.route.parents'
local route_status = require 'lib.route.status'
local tags = require 'lib.object.tags'

local M = {}

local steps = { tags = tags.step, overrides = route_overrides.step, backend_kind = backend_refs.kind_of }

function steps:is_attached(ctx, parents)
  return route_parents.any_accepted(parents)
end

-- A rule for a kind. `more`: { reads, contributes } beside what every kind has.
function M.new(version, kind, more)
  more = more or {}
  local rule = {
    api = 1, kind = string.format('%s/%s/%s', backend_refs.GROUP, version, kind),
    reads = plugins.join(route_parents.READS, backend_refs.READS, plugins.READS, more.reads or {}),
    contributes = plugins.join({ 'backend', 'route_order' }, route_status.CONTRIBUTES, plugins.CONTRIBUTES, more.contributes or {}),
    consults = route_parents.CONSULTS,
  }
  for name, step in pairs(steps) do rule[name] = step end
  -- Which Gateways are asked, and with what result: see lib.route.parents.
  function rule:parents(ctx, route)
    return route_parents.of(ctx, route, kind)
  end
  return rule
end

-- Calls emit(rule, ctx, route, parents, findings) for a route that is attached; findings are what lib.route.status reports.
function M.translate(rule, ctx, route, emit)
  route.spec = route.spec or {}
  local parents, findings = rule:parents(ctx, route), {}
  if rule:is_attached(ctx, parents) then
    emit(rule, ctx, route, parents, findings)
    route_status.contribute(ctx, route, parents)
  end
  route_status.report(ctx, route, parents, findings)
end

return M
