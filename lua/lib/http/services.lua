-- Which rules of an HTTPRoute share a Kong service, its name, and what its rules ask of it.
local durations = require 'lib.text.durations'
local host = require 'host'

local M = {
  DEFAULT_TIMEOUT = 60000,
  LONGEST_TIMEOUT = 2147483646,
  RETRIES = 5,
}

local LONGEST_NAME = 511

local function joined_sorted(texts, separator)
  table.sort(texts)
  return table.concat(texts, separator)
end

-- Text that is equal for rules with the same backendRefs in whatever order.
function M.signature(rule)
  local texts = {}
  for i, ref in ipairs(rule.backendRefs or {}) do texts[i] = host.json_encode(ref) end
  return joined_sorted(texts, ';')
end

-- The name of the service of one HTTPRoute's rules.
function M.name(route, index)
  return string.format('httproute.%s.%s.%d', route.metadata.namespace, route.metadata.name, index)
end

local function part(ref, namespace)
  local text = (ref.namespace or namespace) .. '.' .. ref.name
  if ref.port then text = string.format('%s.%d', text, ref.port) end
  if ref.weight then text = string.format('%s.%d', text, ref.weight) end
  return text
end

-- The name of the service of all rules in a namespace with the same backends.
function M.combined_name(route, rule)
  local namespace = route.metadata.namespace
  local prefix = 'httproute.' .. namespace .. '.svc.'
  local parts = {}
  for i, ref in ipairs(rule.backendRefs or {}) do parts[i] = part(ref, namespace) end
  if #parts == 0 then return prefix .. '_' end

  local name = prefix .. joined_sorted(parts, '_')
  if #name <= LONGEST_NAME then return name end
  return prefix .. parts[1] .. '_combined.' .. host.sha256(name)
end

-- True when a rule of the HTTPRoute leads to the service of that name, which rules of several share.
function M.shares(route, name)
  for _, rule in ipairs(route.spec and route.spec.rules or {}) do
    if M.combined_name(route, rule) == name then return true end
  end
  return false
end

-- Which of the rules that share a service counts for its tags: the first one when they are sorted as text.
function M.rank_of(route, index)
  return string.format('%s/%s.%d', route.metadata.namespace, route.metadata.name, index)
end

function M.rank(route, rules)
  local lowest
  for _, entry in ipairs(rules) do
    local rank = M.rank_of(route, entry.index)
    if not lowest or rank < lowest then lowest = rank end
  end
  return lowest
end

local function timeout(milliseconds)
  -- 0 means no limit, which Kong can't say.
  if milliseconds == 0 then return M.LONGEST_TIMEOUT end
  return milliseconds and math.min(milliseconds, M.LONGEST_TIMEOUT)
end

-- Timeout and retries that a rule asks for; nil when it is content with Kong's. Kong would repeat what timed out,
-- so a rule with a timeout gets the retries that it asks for only.
function M.settings(rule)
  local timeouts, retry = rule.timeouts or {}, rule.retry
  local request = timeout(durations.milliseconds(timeouts.request))
  local backend = timeout(durations.milliseconds(timeouts.backendRequest))
  if not request and not backend and not retry then return nil end

  local limit = request and backend and math.min(request, backend) or request or backend
  local retries = M.RETRIES
  if retry then
    retries = math.min(retry.attempts or M.RETRIES, 32767)
  elseif limit then
    retries = 0
  end
  return { timeout = limit or M.DEFAULT_TIMEOUT, retries = retries }
end

-- Fields that Kong has nothing for.
function M.ignored_fields(rule)
  local texts = {}
  local retry = rule.retry or {}
  if #(retry.codes or {}) > 0 then texts[#texts + 1] = 'retry.codes is ignored: only failed connections are tried again' end
  if retry.backoff then texts[#texts + 1] = 'retry.backoff is ignored' end
  if rule.sessionPersistence then texts[#texts + 1] = 'sessionPersistence is ignored: a KongUpstreamPolicy does it' end
  return texts
end

-- Rules by what `key_of(rule, index)` returns, in the order of their first ones: { key, rules = { { rule, index } } }. Indexes from 0.
function M.group(rules, key_of)
  local groups, by_key = {}, {}
  for _, entry in ipairs(rules) do
    local key = key_of(entry.rule, entry.index)
    local group = by_key[key]
    if not group then
      group = { key = key, rules = {} }
      by_key[key] = group
      groups[#groups + 1] = group
    end
    group.rules[#group.rules + 1] = entry
  end
  return groups
end

return M
