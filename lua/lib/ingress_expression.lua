-- The expression and the priority of a route of an Ingress.
local expression = require 'lib.expression'
local path_forms = require 'lib.paths'

local M = {}

local INGRESS = 3 -- how routes of an Ingress stand against those of other kinds
local LONGEST_PATH = 0xffff
local MOST_HEADERS = 0xff

local function starts_with(text, prefix)
  return string.sub(text, 1, #prefix) == prefix
end

-- Returns the matcher of a path, whether it counts as a regular expression, and its length.
local function path_matcher(path, path_type, regex_prefix)
  path = path_forms.clean(path)
  if path_type == 'Prefix' then
    local base = path_forms.trimmed(path)
    if base == '' then return expression.prefix('http.path', '/'), true, 1 end
    local matcher = expression.any {
      expression.equal('http.path', '/' .. base), expression.prefix('http.path', '/' .. base .. '/'),
    }
    return matcher, true, #base + 2
  end

  if path_type == 'Exact' then
    local relative = string.gsub(path, '^/', '')
    return expression.equal('http.path', '/' .. relative), true, #relative + 1
  end

  if not starts_with(path, regex_prefix) then return expression.prefix('http.path', path), false, #path end
  local rest = string.sub(path, #regex_prefix + 1)
  local regex = rest
  if regex == '' then regex = '^/' end
  if not starts_with(regex, '^') then regex = '^' .. regex end
  return expression.regex('http.path', regex), true, #rest
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
    | (traits.regex and 1 or 0) << 16
    | math.min(traits.longest, LONGEST_PATH)
end

-- `match`: hosts (with aliases), paths = list of { path =, type = }, regex_prefix, headers, methods, snis, host_matcher, is_sni
-- (see lib.expression).
-- Returns the expression and the priority.
function M.build(match)
  local regex_prefix = match.regex_prefix
  if not regex_prefix or regex_prefix == '' then regex_prefix = path_forms.REGEX_PREFIX end

  local matchers, regex, longest = {}, false, 0
  for i, path in ipairs(match.paths) do
    local matcher, is_regex, length = path_matcher(path.path, path.type, regex_prefix)
    matchers[i] = matcher
    regex = regex or is_regex
    longest = math.max(longest, length)
  end

  local headers, methods, snis = match.headers or {}, match.methods or {}, match.snis or {}
  local text = expression.all {
    expression.hosts(match.hosts, match.host_matcher), expression.any(matchers), expression.headers(headers),
    expression.methods(methods), expression.snis(snis, match.is_sni),
  }
  return text, priority {
    paths = #match.paths, hosts = match.hosts, headers = count_of_keys(headers), methods = #methods, snis = #snis,
    regex = regex, longest = longest,
  }
end

return M
