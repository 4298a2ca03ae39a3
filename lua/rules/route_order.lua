-- Expression routes of one priority: the older object goes first, then the earlier rule and match. The key says which routes compete.
local M = { api = 1, shared = 'route_order' }

-- Both sorts of routes give their lowest bits to the order; `most` is the highest number of these.
function M:priority(ctx, base, most, position)
  return base + math.max(most - (position - 1), 0)
end

local function before(one, other)
  if one.rule ~= other.rule then return one.rule < other.rule end
  return one.match < other.match
end

-- Routes of one object by rule and match; those of one match keep their order.
local function in_order(routes)
  local list = {}
  for _, route in ipairs(routes) do
    local position = #list + 1
    while position > 1 and before(route, list[position - 1]) do position = position - 1 end
    table.insert(list, position, route)
  end
  return list
end

-- Each contribution: { most, routes = { { base, rule, match, fields, service, guards } } }; what has no fields only takes a place.
function M:translate(ctx, _, contributions)
  local position = 0
  for _, contribution in ipairs(contributions) do
    for _, route in ipairs(in_order(contribution.data.routes)) do
      position = position + 1
      if route.fields then
        route.fields.priority = self:priority(ctx, route.base, contribution.data.most, position)
        local options = { about = contribution.from, guards = route.guards }
        ctx:emit('route', route.fields, { service = route.service }, options)
      end
    end
  end
end

return M
