-- Steps that HTTPRoutes and GRPCRoutes share.
local expression = require 'lib.text.expression'
local http_filters = require 'lib.http.filters'
local http_match = require 'lib.http.match'
local listener_match = require 'lib.listener.match'
local route_steps = require 'lib.route.steps'

local steps = {}

-- Host names that the Kong routes match; an empty list matches any, and nil leaves none.
function steps:hostnames(ctx, route, parents)
  return listener_match.names(ctx, route, parents)
end

-- True when the filters of an entry (a match of a rule) take effect.
function steps:is_filtered(ctx, entry)
  return true
end

function steps:header_config(ctx, modifier, in_request)
  return http_filters.header_config(modifier, in_request and http_filters.literal or nil)
end

-- Headers of a match that count.
function steps:match_headers(ctx, match)
  return http_match.first_of_each(match.headers, true)
end

function steps:host_expression(ctx, name)
  return name == '' and '' or expression.host(name)
end

-- What tells the listeners that take the route from others, for one of its host names.
function steps:listener_expression(ctx, route, parents, name)
  return listener_match.expression(ctx, route, parents, name)
end

function steps:sni_expression(ctx, snis)
  return expression.snis(snis or {})
end

local M = {}

-- A rule for a kind, as lib.route.steps makes it, with these steps.
function M.new(kind, more)
  local rule = route_steps.new('v1', kind, more)
  for name, step in pairs(steps) do rule[name] = step end
  return rule
end

return M
