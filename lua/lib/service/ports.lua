-- Which port of a Kubernetes Service a backend means, and how targets are written.
local M = {}

-- 'http/80, 443'
local function listed(ports)
  local list = {}
  for index, entry in ipairs(ports) do
    list[index] = (entry.name and entry.name ~= '' and entry.name .. '/' or '') .. tostring(entry.port)
  end
  return #list > 0 and table.concat(list, ', ') or 'none'
end

local function title(service)
  return string.format('Service %s/%s', service.metadata.namespace or '', service.metadata.name)
end

-- port: { number = 80 }, { name = 'http' } or { implicit = true }. Returns an entry of the Service's ports, or nil and why.
function M.resolve(service, port)
  local spec = service.spec or {}
  if spec.type == 'ExternalName' then
    if not port.number then return nil, title(service) .. ' is an ExternalName, whose port has to be given as a number' end
    return { port = port.number, targetPort = port.number }
  end

  local ports = spec.ports or {}
  if port.number then
    for _, entry in ipairs(ports) do
      if entry.port == port.number then return entry end
    end
  elseif port.name then
    for _, entry in ipairs(ports) do
      if entry.name == port.name or entry.targetPort == port.name then return entry end
    end
  else
    if #ports == 1 then return ports[1] end
    return nil, string.format('%s has %d ports (%s): the backend has to say which', title(service), #ports, listed(ports))
  end
  return nil, string.format('%s has no port %s (it has %s)', title(service), tostring(port.number or port.name), listed(ports))
end

-- host:port, with brackets around an IPv6 address.
function M.target(address, port)
  if string.find(address, ':', 1, true) then return string.format('[%s]:%d', address, port) end
  return string.format('%s:%d', address, port)
end

-- From { number =, name = } as Ingress backends have it.
function M.of_ingress_backend(port)
  port = port or {}
  if port.number and port.number ~= 0 then return { number = port.number } end
  if port.name and port.name ~= '' then return { name = port.name } end
  return { implicit = true }
end

return M
