-- What custom entities refer to: services, routes and consumers that a plugin is bound to.
local M = {}

M.CONSULTS = { 'plugin_targets', 'plugin_consumers' }

local function add(list, seen, target)
  if target and not seen[target] then
    seen[target] = true
    list[#list + 1] = target
  end
end

--- Natural keys of what is bound: services, routes, services of these routes, consumers.
function M.bound(ctx, rule, keys)
  local found = { service = {}, route = {}, of_routes = {}, consumer = {} }
  local seen = { service = {}, route = {}, of_routes = {}, consumer = {} }
  for _, topic in ipairs(M.CONSULTS) do
    for _, key in ipairs(keys) do
      for _, contribution in ipairs(rule:bindings(ctx, ctx:consult(topic, key))) do
        local data = contribution.data
        add(found[data.relation], seen[data.relation], data.target)
        if data.relation == 'route' then
          add(found.of_routes, seen.of_routes, data.service)
        end
      end
    end
  end
  return found
end

--- The links of every entity: consumers go in pairs with services and routes.
function M.combinations(targets, consumers)
  if #targets == 0 or #consumers == 0 then
    local scopes = {}
    for _, target in ipairs(targets) do
      scopes[#scopes + 1] = { [target.relation] = target.key }
    end
    for _, consumer in ipairs(consumers) do
      scopes[#scopes + 1] = { consumer = consumer }
    end
    return scopes
  end
  local scopes = {}
  for _, consumer in ipairs(consumers) do
    for _, target in ipairs(targets) do
      scopes[#scopes + 1] = { consumer = consumer, [target.relation] = target.key }
    end
  end
  return scopes
end

return M
