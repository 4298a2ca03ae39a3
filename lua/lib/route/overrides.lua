-- What annotations of an Ingress or route object change in the Kong routes that it makes.
local annotations = require 'lib.object.annotations'
local hostnames = require 'lib.text.hostnames'

local M = {}

local HTTP = { http = true, https = true }
local WEBSOCKET = { ws = true, wss = true }
local GRPC = { grpc = true, grpcs = true }
local STREAM = { tcp = true, tls = true, udp = true, tls_passthrough = true }
local STATUS = { [426] = true, [301] = true, [302] = true, [307] = true, [308] = true }

function M.is_protocol(text)
  return HTTP[text] or GRPC[text] or STREAM[text] or WEBSOCKET[text] or false
end

-- Kong Ingress Controller's list lacks udp.
function M.is_narrow_protocol(text)
  return text ~= 'udp' and M.is_protocol(text)
end

local NONE = {}

-- What is understood by default: wrong values are reported, and only they are left out.
local STRICT = {
  is_protocol = M.is_protocol,
  is_sni = hostnames.is_sni,
  is_host = hostnames.is_host,
  path_handling = '^v[01]$',
}

-- Kong Ingress Controller's reading: a list with one bad element counts for nothing, and nothing is said.
local LENIENT = {
  is_protocol = M.is_narrow_protocol,
  is_sni = hostnames.is_narrow_sni,
  is_host = hostnames.is_narrow_host,
  path_handling = 'v%d',
  whole_lists = true,
}

STRICT.nothing = { manner = STRICT, nothing = true }
LENIENT.nothing = { manner = LENIENT, nothing = true }

local Reader = {}
Reader.__index = Reader

function Reader:wrong(key, value)
  if self.manner.whole_lists then return end
  self.ctx:problem(self.object, 'InvalidAnnotation', string.format('%s: "%s" cannot be used and is ignored', key, value))
end

function Reader:value(key, parse)
  local full = annotations.PREFIX .. key
  local text = self.annotations[full]
  if text == nil then return nil end
  local value = parse(text)
  if value == nil then self:wrong(full, text) end
  return value
end

-- A list without its bad elements; nil when the annotation is absent or nothing good is left of it.
function Reader:list(key, accept, change)
  local full = annotations.PREFIX .. key
  local text = self.annotations[full]
  if text == nil then return nil end

  local good, bad = {}, false
  for _, item in ipairs(annotations.list(change and change(text) or text)) do
    if accept(item) then
      good[#good + 1] = item
    else
      bad = true
      self:wrong(full, item)
    end
  end
  if bad and (self.manner.whole_lists or #good == 0) then return nil end
  return good
end

local function lower_boolean(text)
  return annotations.boolean(string.lower(text))
end

local function status_code(text)
  local code = annotations.integer(text)
  return code and STATUS[code] and code or nil
end

local function anything()
  return true
end

function Reader:protocols()
  local key = annotations.PREFIX .. 'protocols'
  local list = annotations.list(self.annotations[key])
  for _, protocol in ipairs(list) do
    if not self.manner.is_protocol(protocol) then
      self:wrong(key, self.annotations[key])
      return nil
    end
  end
  return #list > 0 and list or nil
end

local function read(ctx, object, manner, expressions)
  local all = annotations.of(object)
  if next(all) == nil then return manner.nothing end

  local reader = setmetatable({ ctx = ctx, object = object, annotations = all, manner = manner }, Reader)
  local raw = manner.whole_lists and expressions
  local found = {
    manner = manner,
    expressions = expressions,
    strip_path = reader:value('strip-path', annotations.true_or_false),
    preserve_host = reader:value('preserve-host', annotations.true_or_false),
    https_redirect_status_code = reader:value('https-redirect-status-code', status_code),
    request_buffering = reader:value('request-buffering', lower_boolean),
    response_buffering = reader:value('response-buffering', lower_boolean),
    regex_priority = reader:value('regex-priority', annotations.integer),
    path_handling = reader:value('path-handling', function(text) return string.match(text, manner.path_handling) and text end),
    force_ssl_redirect = all['ingress.kubernetes.io/force-ssl-redirect'] == 'true',
    protocols = reader:protocols(),
    methods = reader:list('methods', raw and anything or hostnames.is_method, string.upper),
    snis = reader:list('snis', raw and anything or manner.is_sni),
    host_aliases = reader:list('host-aliases', raw and anything or manner.is_host),
    headers = annotations.headers(object, manner.whole_lists),
  }
  if all['konghq.com/host-aliases'] == '' then found.host_aliases = nil end
  return found
end

-- The overrides that an object's annotations ask for; apply them to each of its routes.
function M.read(ctx, object)
  return read(ctx, object, STRICT, ctx:option('router_flavor') == 'expressions')
end

-- The same as Kong Ingress Controller reads them.
function M.read_lenient(ctx, object)
  return read(ctx, object, LENIENT, ctx:option('router_flavor') == 'expressions')
end

-- Rules take this as their step `overrides`, so that it can be overridden.
function M.step(_, ctx, object)
  return M.read(ctx, object)
end

local function any_of(protocols, set)
  for _, protocol in ipairs(protocols or NONE) do
    if set[protocol] then return true end
  end
  return false
end

local function secure_protocols(protocols)
  local secure = {}
  if any_of(protocols, GRPC) then secure[1] = 'grpcs' end
  if any_of(protocols, HTTP) or #secure == 0 then secure[#secure + 1] = 'https' end
  return secure
end

local function force_ssl_redirect(route, overrides)
  if overrides.manner == STRICT and any_of(route.protocols, STREAM) then return end
  route.https_redirect_status_code = 302
  route.protocols = secure_protocols(route.protocols)
end

-- What only Kong's traditional router has fields for.
local function apply_matching(route, overrides)
  if overrides.regex_priority then route.regex_priority = overrides.regex_priority end
  if overrides.methods then route.methods = #overrides.methods > 0 and overrides.methods or nil end
  if overrides.snis then route.snis = #overrides.snis > 0 and overrides.snis or nil end
  if overrides.headers then route.headers = overrides.headers end
  if overrides.path_handling then route.path_handling = overrides.path_handling end
  if overrides.host_aliases then
    local hosts = M.with_aliases(route.hosts, overrides)
    route.hosts = #hosts > 0 and hosts or nil
  end
end

-- Kong refuses routes that mix grpc with http, and strip_path with grpc.
local function normalise_protocols(route, overrides)
  local protocols = route.protocols
  if not any_of(protocols, GRPC) then return end

  local is_known = overrides.manner == LENIENT and M.is_narrow_protocol or M.is_protocol
  for _, protocol in ipairs(protocols) do
    if HTTP[protocol] or not is_known(protocol) then
      route.protocols = { 'http', 'https' }
      break
    end
  end
  if overrides.manner == LENIENT then
    route.strip_path = nil
  else
    route.strip_path = false
  end
end

-- Hosts followed by the aliases that are not among them.
function M.with_aliases(hosts, overrides)
  local all, seen = {}, {}
  for _, host in ipairs(hosts or NONE) do
    all[#all + 1] = host
    seen[host] = true
  end
  for _, alias in ipairs(overrides.host_aliases or NONE) do
    if not seen[alias] then
      all[#all + 1] = alias
      seen[alias] = true
    end
  end
  return all
end

-- Changes the fields of a route, and fills in the two that every route has. `expressions`: the route has an expression.
function M.apply(route, overrides, expressions)
  if not overrides.nothing then
    if overrides.strip_path ~= nil then route.strip_path = overrides.strip_path end
    if overrides.force_ssl_redirect then force_ssl_redirect(route, overrides) end
    if overrides.https_redirect_status_code then route.https_redirect_status_code = overrides.https_redirect_status_code end
    if overrides.preserve_host ~= nil then route.preserve_host = overrides.preserve_host end
    if overrides.request_buffering ~= nil then route.request_buffering = overrides.request_buffering end
    if overrides.response_buffering ~= nil then route.response_buffering = overrides.response_buffering end
    if overrides.protocols then route.protocols = overrides.protocols end
    if not expressions then apply_matching(route, overrides) end
  end
  if not expressions or overrides.manner ~= LENIENT then normalise_protocols(route, overrides) end

  route.https_redirect_status_code = route.https_redirect_status_code or 426
  if not expressions then route.path_handling = route.path_handling or 'v0' end
  return route
end

return M
