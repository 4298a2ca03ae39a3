-- Kubernetes objects for specs, with what every one of them has.
local M = {}

local function object(api_version, kind, namespace, name, more)
  local result = more or {}
  result.apiVersion = api_version
  result.kind = kind
  result.metadata = {
    namespace = namespace, name = name, uid = kind .. '-' .. name, annotations = result.annotations, labels = result.labels,
    creationTimestamp = result.created or '2024-01-01T00:00:00Z',
  }
  result.annotations, result.labels, result.created = nil, nil, nil
  return result
end

-- paths: list of { path, type, service, port }
function M.ingress(namespace, name, host, paths, more)
  local list = {}
  for i, path in ipairs(paths) do
    local port = type(path[4]) == 'string' and { name = path[4] } or { number = path[4] or 80 }
    list[i] = { path = path[1], pathType = path[2], backend = { service = { name = path[3] or 'app', port = port } } }
  end
  local ingress = object('networking.k8s.io/v1', 'Ingress', namespace, name, more)
  ingress.spec = ingress.spec or {}
  ingress.spec.ingressClassName = 'kong'
  ingress.spec.rules = { { host = host, http = { paths = list } } }
  return ingress
end

function M.service(namespace, name, more)
  local service = object('v1', 'Service', namespace, name, more)
  service.spec = service.spec or { ports = { { port = 80, protocol = 'TCP', targetPort = 8080 } } }
  return service
end

-- addresses: list of texts, or of endpoints
function M.slice(namespace, service, addresses, port)
  local endpoints = {}
  for i, address in ipairs(addresses) do
    endpoints[i] = type(address) == 'table' and address or { addresses = { address }, conditions = { ready = true } }
  end
  local labels = { ['kubernetes.io/service-name'] = service }
  local slice = object('discovery.k8s.io/v1', 'EndpointSlice', namespace, service .. '-x', { labels = labels })
  slice.endpoints = endpoints
  slice.ports = { port or { name = '', port = 8080, protocol = 'TCP' } }
  return slice
end

M.object = object

return M
