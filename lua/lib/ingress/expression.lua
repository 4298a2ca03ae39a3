-- The expression and the priority of a route of an Ingress.
local expression = require 'lib.text.expression'
local ingress_order = require 'lib.ingress.order'

local M = {}

local INGRESS = 3 -- how routes of an Ingress stand against those of other kinds
local MOST_OF_PATHS = 0xffffffff
local MOST_HEADERS = 0xff

local function starts_with(text, prefix)
  return string.sub(text, 1, #prefix) == prefix
end

local function count_of_keys(map)
  local count = 0
  for _ in pairs(map or {}) do count = count + 1 end
  return count
end

local function is_plain(hosts)
  if #hosts == 0 then return false end
  for _, host in ipairs(hosts) do
    if starts_with(host, '*') then return false end
  end
  return true
end

local function priority(traits)
  local fields = 0
  for _, present in ipairs { traits.paths > 0, #traits.hosts > 0, traits.headers > 0, traits.methods > 0, traits.snis > 0 } do
    if present then fields = fields + 1 end
  end
  return INGRESS << 44
    | fields << 41
    | math.min(traits.headers, MOST_HEADERS) << 33
    | (is_plain(traits.hosts) and 1 or 0) << 32
    | math.min(traits.path_priority, MOST_OF_PATHS)
end

-- `match`: hosts (with aliases), paths = list of { form = (see lib.ingress.order), exceptions = matchers }, path_priority (below 2^32),
-- headers, methods, snis, host_matcher, is_sni (see lib.text.expression).
-- Returns the expression and the priority.
function M.build(match)
  local headers, methods, snis = match.headers or {}, match.methods or {}, match.snis or {}
  local text = expression.all {
    expression.hosts(match.hosts, match.host_matcher), ingress_order.matcher(match.paths), expression.headers(headers),
    expression.methods(methods), expression.snis(snis, match.is_sni),
  }
  return text, priority {
    paths = #match.paths, hosts = match.hosts, headers = count_of_keys(headers), methods = #methods, snis = #snis,
    path_priority = match.path_priority,
  }
end

return M
