-- Which path of an Ingress a request belongs to, where several match it: an exact one, then a regular expression, then the longest.
local expression = require 'lib.text.expression'
local path_forms = require 'lib.text.paths'

local EXACT, REGEX = 1 << 17, 1 << 16
local LONGEST = 0xffff

-- Beyond these an Ingress would cost more than it is worth: so many paths of a host, so many exceptions.
local MOST_PATHS = 500
local MOST_EXCEPTIONS = 1000

local M = {}

local function starts_with(text, prefix)
  return string.sub(text, 1, #prefix) == prefix
end

-- A path as the expression router gets it: { kind = exact|regex|element|prefix, text =, length =, matcher = }.
-- An element is a prefix that ends where an element of the path does.
function M.form(path, path_type, regex_prefix)
  path = path_forms.clean(path)
  if path_type == 'Prefix' then
    local base = path_forms.trimmed(path)
    if base == '' then return { kind = 'prefix', text = '/', length = 1, matcher = expression.prefix('http.path', '/') } end
    local text = '/' .. base
    local matcher = expression.any { expression.equal('http.path', text), expression.prefix('http.path', text .. '/') }
    return { kind = 'element', text = text, length = #text + 1, matcher = matcher }
  end

  if path_type == 'Exact' then
    local text = '/' .. string.gsub(path, '^/', '')
    return { kind = 'exact', text = text, length = #text, matcher = expression.equal('http.path', text) }
  end

  if not regex_prefix or regex_prefix == '' then regex_prefix = path_forms.REGEX_PREFIX end
  if not starts_with(path, regex_prefix) then
    return { kind = 'prefix', text = path, length = #path, matcher = expression.prefix('http.path', path) }
  end
  local rest = string.sub(path, #regex_prefix + 1)
  local regex = rest
  if regex == '' then regex = '^/' end
  if not starts_with(regex, '^') then regex = '^' .. regex end
  return { kind = 'regex', text = regex, length = #rest, matcher = expression.regex('http.path', regex) }
end

-- Gives every path of the groups its form.
function M.read(groups, regex_prefix)
  for _, group in ipairs(groups) do
    for _, path in ipairs(group.paths) do path.form = M.form(path.path, path.type, regex_prefix) end
  end
end

local function rank(form)
  local bits = form.kind == 'exact' and EXACT or form.kind == 'regex' and REGEX or 0
  return bits | math.min(form.length, LONGEST)
end

-- How a route stands among those of its hosts: as its last path does, for its other paths may not take what is another route's.
function M.priority(_, _, paths)
  local least = #paths > 0 and rank(paths[1].form) or 0
  for i = 2, #paths do least = math.min(least, rank(paths[i].form)) end
  return least
end

-- Whether some request that `form` matches may match `better`, which stands before it. Regular expressions have no order.
local function gives_way(form, better)
  if form.kind == 'exact' then return false end
  if form.kind == 'regex' then return better.kind == 'exact' end
  if better.kind == 'regex' then return true end
  if form.kind == 'prefix' then return starts_with(better.text, form.text) end
  return better.text == form.text or starts_with(better.text, form.text .. '/')
end

local function by_host(groups)
  local hosts, of_host = {}, {}
  for _, group in ipairs(groups) do
    local host = group.hosts[1] or ''
    if not of_host[host] then
      of_host[host] = {}
      hosts[#hosts + 1] = of_host[host]
    end
    table.insert(of_host[host], group)
  end
  return hosts
end

-- The paths of other routes of the host that `path` would win from although they stand before it.
local function exceptions(path, group, groups)
  local own, found = rank(path.form), {}
  for _, other in ipairs(groups) do
    if other ~= group and other.path_priority <= group.path_priority then
      for _, better in ipairs(other.paths) do
        if rank(better.form) > own and gives_way(path.form, better.form) then found[#found + 1] = better.form.matcher end
      end
    end
  end
  return found
end

local function except_in_host(groups)
  local paths, count = 0, 0
  for _, group in ipairs(groups) do
    group.path_priority = M.priority(nil, nil, group.paths)
    paths = paths + #group.paths
  end
  if #groups == 1 or paths == #groups then return true end
  if paths > MOST_PATHS then return false end

  for _, group in ipairs(groups) do
    for _, path in ipairs(group.paths) do
      path.exceptions = exceptions(path, group, groups)
      count = count + #path.exceptions
      if count > MOST_EXCEPTIONS then return false end
    end
  end
  return true
end

-- A prefix that another route has as an exact path is left with what is below it.
local function yield_in_host(groups)
  local exact = {}
  for _, group in ipairs(groups) do
    for _, path in ipairs(group.paths) do
      if path.type == 'Exact' then exact['/' .. string.gsub(path_forms.clean(path.path), '^/', '')] = group end
    end
  end
  if next(exact) == nil then return end
  for _, group in ipairs(groups) do
    for _, path in ipairs(group.paths) do
      local owner = path.type == 'Prefix' and exact['/' .. path_forms.trimmed(path_forms.clean(path.path))]
      path.only_below = owner and owner ~= group or nil
    end
  end
end

-- Keeps paths of an Ingress from taking what better paths of its other routes should have: a Kong route has one priority for all of its
-- paths, and the traditional router one for all regular expressions.
function M.tell_apart(_, ctx, ingress, groups, context)
  for _, of_host in ipairs(by_host(groups)) do
    if not context.expressions then
      yield_in_host(of_host)
    elseif not except_in_host(of_host) then
      for _, group in ipairs(of_host) do
        for _, path in ipairs(group.paths) do path.exceptions = nil end
      end
      ctx:problem(ingress, 'UnsupportedFeature', string.format(
        'the paths of host "%s" overlap too much to keep their order: routes with several paths stand as the last of them',
        of_host[1].hosts[1] or ''))
    end
  end
end

-- The matcher of all paths of a route; paths with the same exceptions share them.
function M.matcher(paths)
  local parts, by_exceptions = {}, {}
  for _, path in ipairs(paths) do
    local but = expression.any(path.exceptions or {})
    local part = by_exceptions[but]
    if not part then
      part = { but = but, matchers = {} }
      by_exceptions[but] = part
      parts[#parts + 1] = part
    end
    table.insert(part.matchers, path.form.matcher)
  end

  local matchers = {}
  for i, part in ipairs(parts) do matchers[i] = expression.all { expression.any(part.matchers), expression.no(part.but) } end
  return expression.any(matchers)
end

-- The regex_priority of a route of the traditional router, whose paths are `forms` there: exact paths stand before other regular
-- expressions, if the route has none of these, for Kong takes all that a route has for equal.
function M.regex_priority(_, _, group, forms)
  local exact, regexes = 0, 0
  for _, path in ipairs(group.paths) do
    if path.type == 'Exact' then exact = exact + 1 end
  end
  for _, form in ipairs(forms) do
    if starts_with(form, '~') then regexes = regexes + 1 end
  end
  return exact > 0 and exact == regexes and 1 or 0
end

return M
