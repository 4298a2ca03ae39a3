-- Which matches of an HTTPRoute become one route of Kong's traditional router: those that differ in the path alone.
local host = require 'host'
local http_filters = require 'lib.http.filters'

local M = {}

-- True when the filters' plugins depend on the path that was matched.
function M.depends_on_path(filters)
  for _, filter in ipairs(filters or {}) do
    local body = filter.urlRewrite or filter.requestRedirect
    if body and body.path and body.path.type == 'ReplacePrefixMatch' then return true end
  end
  return false
end

-- The matches of a rule that can be had (see lib.regexes), never none: { match, rule, index (of the rule), position (of the match), bare }.
function M.entries(rule_entry)
  local matches = rule_entry.rule.matches
  if not matches or #matches == 0 then
    return { { match = {}, rule = rule_entry.rule, index = rule_entry.index, position = 0, bare = true } }
  end
  local entries = {}
  for i, match in ipairs(matches) do
    if not match.broken then
      entries[#entries + 1] = { match = match, rule = rule_entry.rule, index = rule_entry.index, position = i - 1 }
    end
  end
  return entries
end

-- Lists of entries, each of which becomes a route. `filters_of(rule)`; `alone(rule)`: its matches share a route with none;
-- `signature_of(match)`: what tells matches apart.
function M.of(rule_entries, filters_of, alone, signature_of)
  local buckets, by_key = {}, {}
  for _, rule_entry in ipairs(rule_entries) do
    local filters = http_filters.signature(filters_of(rule_entry.rule), host.json_encode)
    local single = alone(rule_entry.rule)
    for _, entry in ipairs(M.entries(rule_entry)) do
      local key = filters .. '\4' .. signature_of(entry.match)
      if single or entry.bare then key = string.format('%s\5%d.%d', key, entry.index, entry.position) end
      local bucket = by_key[key]
      if not bucket then
        bucket = {}
        by_key[key] = bucket
        buckets[#buckets + 1] = bucket
      end
      bucket[#bucket + 1] = entry
    end
  end
  return buckets
end

return M
