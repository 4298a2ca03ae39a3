-- Regular expressions that the gateway would refuse, together with the whole route, are found before they are sent.
local host = require 'host'

local M = {}

-- Why the router does not take it; nil when it does, as far as can be told.
function M.fault(ctx, pattern)
  local good, why = host.check_regex(pattern, ctx:option('router_flavor') or 'traditional_compatible')
  if good then return nil end
  return string.format('"%s" is no regular expression for this router: %s', pattern, why)
end

local function fault_of(ctx, what, item)
  if not item or item.type ~= 'RegularExpression' or not item.value then return nil end
  local why = M.fault(ctx, item.value)
  return why and what .. ' ' .. why
end

-- Why a match of an HTTPRoute cannot be had.
function M.http_match_fault(ctx, match)
  local why = fault_of(ctx, 'path', match.path)
  for _, header in ipairs(match.headers or {}) do why = why or fault_of(ctx, 'header ' .. header.name, header) end
  for _, query in ipairs(match.queryParams or {}) do why = why or fault_of(ctx, 'query parameter ' .. query.name, query) end
  return why
end

-- Why a match of a GRPCRoute cannot be had.
function M.grpc_match_fault(ctx, match)
  local method = match.method or {}
  local why
  if method.type == 'RegularExpression' then
    why = fault_of(ctx, 'service', { type = method.type, value = method.service })
      or fault_of(ctx, 'method', { type = method.type, value = method.method })
  end
  for _, header in ipairs(match.headers or {}) do why = why or fault_of(ctx, 'header ' .. header.name, header) end
  return why
end

-- Marks the matches of a route's rule that cannot be had, and reports each; the others keep their places. `rule:match_fault(ctx, match)`
-- says why. True when nothing is left of the rule.
function M.mark(rule, ctx, route, entry, index, texts)
  local matches = entry.matches or {}
  local left = #matches
  for i, match in ipairs(matches) do
    local why = rule:match_fault(ctx, match)
    if why then
      match.broken = true
      left = left - 1
      texts[#texts + 1] = string.format('rule %d, match %d: %s', index, i - 1, why)
      ctx:problem(route, 'InvalidPath', texts[#texts])
    end
  end
  return #matches > 0 and left == 0
end

return M
