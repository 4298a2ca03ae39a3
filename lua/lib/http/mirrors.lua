-- RequestMirror filters. Kong has no plugin for them, so a few lines for `pre-function` keep the request's body, and send a copy of what
-- went to the backend once that has answered: by a timer, in plain HTTP/1.1, to an endpoint chosen at random; its answer is not waited
-- for. A copy is left out when the body is too large, and when Kong itself has answered (no key, say).
local host = require 'host'
local ports = require 'lib.service.ports'
local targets = require 'lib.service.targets'

local SLICE = 'discovery.k8s.io/v1/EndpointSlice'

local M = {
  -- What a rule that mirrors must list in `reads`, besides those of lib.route.backend_refs.
  READS = { SLICE },
}

local MOST_BYTES = 1048576 -- of a body
local MOST_TARGETS = 100
local PATIENCE = 5000 -- milliseconds for each step of sending

-- Fields: share, of how many, most bytes, key.
local ACCESS = [[
if math.random(%d) <= %d and not kong.request.get_header("Upgrade") then
  local body, err = kong.request.get_raw_body(%d)
  if not body then kong.log.notice("a request is not mirrored: ", err) end
  kong.ctx.plugin[%q] = body
end]]

-- Fields: key, targets, patience three times.
local LOG = [[
local body = kong.ctx.plugin[%q]
if not body or kong.response.get_source() == "exit" then return end
local targets = { %s }
local own = {
  connection = true, host = true, expect = true, te = true, trailer = true, upgrade = true,
  ["content-length"] = true, ["keep-alive"] = true, ["proxy-connection"] = true, ["transfer-encoding"] = true,
}
local var, lines = ngx.var, {}
local function add(name, value)
  if value and value ~= "" then lines[#lines + 1] = name .. ": " .. value end
end
lines[1] = ngx.req.get_method() .. " " .. var.upstream_uri .. " HTTP/1.1"
add("host", var.upstream_host ~= "" and var.upstream_host or var.http_host)
for name, value in pairs(ngx.req.get_headers(0)) do
  if not own[name] then
    for _, one in ipairs(type(value) == "table" and value or { value }) do add(name, one) end
  end
end
add("x-forwarded-for", var.upstream_x_forwarded_for)
add("x-forwarded-proto", var.upstream_x_forwarded_proto)
add("connection", "close")
add("content-length", tostring(#body))
local text = table.concat(lines, "\r\n") .. "\r\n\r\n" .. body
local target = targets[math.random(#targets)]
local ok, err = ngx.timer.at(0, function(premature)
  if premature then return end
  local socket = ngx.socket.tcp()
  socket:settimeouts(%d, %d, %d)
  local connected, why = socket:connect(target[1], target[2])
  if not connected then return kong.log.notice("a request is not mirrored: ", why) end
  if socket:send(text) then socket:receive("*l") end
  socket:close()
end)
if not ok then kong.log.notice("a request is not mirrored: ", err) end]]

-- Where copies go: texts host:port.
local function addresses(ctx, backend)
  local service = ctx:lookup('v1/Service', backend.namespace, backend.name)
  local port = service and ports.resolve(service, backend.port)
  if not port then return {} end
  if service.spec and service.spec.type == 'ExternalName' then return { ports.target(service.spec.externalName or '', port.port) } end

  local list = {}
  local slices = ctx:list(SLICE, backend.namespace, 'kubernetes.io/service-name', backend.name)
  for i, target in ipairs(targets.of_slices(slices, port, port.protocol or 'TCP', false)) do
    if i <= MOST_TARGETS then list[i] = target.target end
  end
  table.sort(list)
  return list
end

-- The share of requests that are mirrored: so many of so many.
local function share(mirror)
  if mirror.percent then return mirror.percent, 100 end
  local fraction = mirror.fraction
  if fraction then return fraction.numerator or 0, fraction.denominator or 100 end
  return 1, 1
end

-- Configuration of `pre-function` for a mirror to `backend` (as lib.route.backend_refs resolves it); nil when nothing is to be sent.
function M.functions(ctx, mirror, backend)
  local list, part, whole = addresses(ctx, backend), share(mirror)
  if #list == 0 or part <= 0 or whole < 1 then return nil end

  local key = 'mirror ' .. string.sub(host.sha256(host.json_encode(mirror)), 1, 8)
  local places = {}
  for i, text in ipairs(list) do
    local address, port = string.match(text, '^(.*):(%d+)$')
    places[i] = string.format('{ %q, %s }', address, port)
  end
  return {
    access = { string.format(ACCESS, whole, part, MOST_BYTES, key) },
    log = { string.format(LOG, key, table.concat(places, ', '), PATIENCE, PATIENCE, PATIENCE) },
  }
end

return M
