-- A Kong service in front of one or more Kubernetes Services; the key is its name. Routes of all kinds contribute what they want:
-- { host, protocol, port, path, connect_timeout, read_timeout, write_timeout, retries, backends, parent, default_backend, rank,
-- without_parent_tags }.
local backend_sources = require 'lib.service.sources'
local backend_tls = require 'lib.service.backend_tls'
local backends = require 'lib.service.backends'
local host = require 'host'
local parents = require 'lib.service.parents'
local plugins = require 'lib.plugin.plugins'
local ports = require 'lib.service.ports'
local service_certificates = require 'lib.service.certificates'
local service_overrides = require 'lib.service.overrides'
local tags = require 'lib.object.tags'

local M = {
  api = 1,
  shared = 'backend',
  reads = plugins.join(backends.READS, service_certificates.READS, parents.READS, plugins.READS),
  contributes = plugins.join({ 'upstream', 'tls_secret', 'authority' }, plugins.CONTRIBUTES),

  tags = tags.step,
  client_certificate = service_certificates.client_step,
  ca_certificates = service_certificates.ca_step,
  authorities = service_certificates.bundle_step,
}

local REFERENCES = {
  { 'client-cert', 'v1/Secret' }, { 'ca-certificates-secrets', 'v1/Secret' }, { 'ca-certificates-configmaps', 'v1/ConfigMap' },
}

local HTTP = { http = true, https = true, grpc = true, grpcs = true }

-- Of several wishes the oldest counts, but a route of a rule goes before a default backend, and a lower rank before a higher.
function M:choose(ctx, contributions)
  local chosen
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    if not data.default_backend and (not chosen or (data.rank and chosen.rank and data.rank < chosen.rank)) then chosen = data end
  end
  return chosen or contributions[1].data
end

-- The Services whose annotations count: all, or the first one where they differ. Nil would drop the Kong service.
function M:counting(ctx, name, resolved)
  local keys = backends.differences(resolved, backends.ADDING_UP)
  if not keys then return resolved end

  for _, entry in ipairs(resolved) do
    for _, key in ipairs(keys) do
      ctx:problem(entry.service, 'InconsistentAnnotation', string.format(
        "Service has inconsistent %s annotation and is used in multi-Service backend %s: the first Service's counts", key, name))
    end
  end
  return { resolved[1] }
end

-- The BackendTLSPolicy of a Service goes over its annotations.
function M:tls_policy(ctx, service, port_name)
  return backends.pick_tls_policy(backends.tls_policies(ctx, service), port_name)
end

-- What is spoken to a Service with a BackendTLSPolicy, where the Kong service would speak `protocol`.
function M:policy_protocol(ctx, protocol)
  if protocol == 'grpc' or protocol == 'grpcs' then return 'grpcs' end
  return protocol == 'tcp' and 'tls' or 'https'
end

local APP_PROTOCOLS = { ['kubernetes.io/h2c'] = 'grpc', ['kubernetes.io/ws'] = 'http', ['kubernetes.io/wss'] = 'https' }

-- What is spoken to the Services of an HTTPRoute, whose ports may say it; HTTP/2 without TLS is what Kong calls grpc.
function M:protocol(ctx, data, resolved)
  local port = parents.is_route(data.parent) and data.protocol == 'http' and resolved[1] and resolved[1].port
  return port and APP_PROTOCOLS[port.appProtocol or ''] or data.protocol
end

-- True when no request may reach a backend, as nothing could show that it is who the policy says.
function M:is_void(ctx, policy)
  return backend_tls.is_void(ctx, policy)
end

-- Answers every request for the Kong service with an error.
function M:close(ctx, name, protocol)
  if not HTTP[protocol or 'http'] then return end
  ctx:emit('plugin', {
    name = 'request-termination', config = { status_code = 500, message = 'no valid BackendTLSPolicy' },
  }, { service = name }, { step = 'close' })
end

-- The ports that backends mean; what has none is reported.
function M:resolve_ports(ctx, resolved, parent)
  for _, entry in ipairs(resolved) do
    local why
    entry.port, why = ports.resolve(entry.service, entry.backend.port)
    if why then self:no_port(ctx, entry.service, parent, why) end
  end
end

-- Told to whoever names the port.
function M:no_port(ctx, service, parent, why)
  ctx:problem(parent, 'PortNotFound', why)
end

function M:entity_tags(ctx, data, resolved)
  if #resolved == 0 then return table.move(tags.UNKNOWN, 1, #tags.UNKNOWN, 1, {}) end
  if #resolved == 1 then return self:tags(ctx, resolved[1].facade or resolved[1].service) end
  local parent = not data.without_parent_tags and parents.find(ctx, data.parent)
  return parent and self:tags(ctx, parent) or nil
end

-- What annotations of the Services change; they are visited by namespace and name, and the last word counts.
function M:overrides(ctx, service, counting)
  local sorted = table.move(counting, 1, #counting, 1, {})
  table.sort(sorted, function(left, right)
    local a, b = left.service.metadata, right.service.metadata
    if a.namespace ~= b.namespace then return a.namespace < b.namespace end
    return a.name < b.name
  end)
  for _, entry in ipairs(sorted) do
    service_overrides.apply(service, entry.service, function(text) ctx:problem(entry.service, 'InvalidAnnotation', text) end)
  end
  service_overrides.drop_path(service)
  if sorted[1] and service_overrides.drop_verification(service) then
    ctx:problem(sorted[1].service, 'InvalidAnnotation', string.format(
      'konghq.com/tls-verify and tls-verify-depth are ignored: protocol %s has no TLS', service.protocol))
  end
end

function M:service(ctx, name, data, resolved, counting)
  local service = {
    name = name, host = data.host, protocol = data.protocol, port = data.port, path = data.path, connect_timeout = data.connect_timeout,
    read_timeout = data.read_timeout, write_timeout = data.write_timeout, retries = data.retries,
  }
  for _, entry in ipairs(resolved) do
    if entry.port then service.port = entry.port.port end
  end
  self:overrides(ctx, service, counting)
  return service
end

local function bind_plugins(ctx, name, resolved)
  local guards = {}
  for _, entry in ipairs(resolved) do
    for _, guard in ipairs(plugins.attach(ctx, entry.service, { service = name })) do guards[#guards + 1] = guard end
  end
  return guards
end

function M:emit_service(ctx, name, data, resolved, counting, entity_tags)
  local service = self:service(ctx, name, data, resolved, counting)
  service.tags = entity_tags
  local links = {}
  for _, entry in ipairs(counting) do
    links.client_certificate = self:client_certificate(ctx, entry.service, service.protocol) or links.client_certificate
    for _, id in ipairs(self:ca_certificates(ctx, entry.service)) do
      service.ca_certificates = service.ca_certificates or host.array {}
      service.ca_certificates[#service.ca_certificates + 1] = id
    end
  end
  local guards = bind_plugins(ctx, name, resolved)
  ctx:emit('service', service, links, { guards = guards, about = backend_sources.of(ctx, resolved, REFERENCES) })
end

-- Hears of Kong services that are wanted but not made.
function M:drop(ctx, name)
end

function M:translate(ctx, name, contributions)
  local data = self:choose(ctx, contributions)
  if not data then
    self:drop(ctx, name)
    return
  end

  local resolved, missing = backends.resolve(ctx, data.backends)
  if #missing > 0 then backends.report_missing(ctx, contributions, missing) end
  local counting = self:counting(ctx, name, resolved)
  self:resolve_ports(ctx, resolved, parents.source(contributions[1]))
  data.protocol = self:protocol(ctx, data, resolved)
  local void = false
  for _, entry in ipairs(resolved) do
    local policy = self:tls_policy(ctx, entry.service, entry.port and entry.port.name)
    void = void or (policy ~= nil and self:is_void(ctx, policy))
    if policy then backends.apply_tls_policy(entry.service, policy, self:policy_protocol(ctx, data.protocol)) end
    entry.tls_policy = policy
  end

  local entity_tags = self:entity_tags(ctx, data, resolved)
  ctx:contribute('upstream', data.host, {
    service = name, backends = data.backends, parent = data.parent, tags = counting and entity_tags, without_targets = not counting or nil,
  })
  if not counting then return self:drop(ctx, name) end
  self:emit_service(ctx, name, data, resolved, counting, entity_tags)
  if void then self:close(ctx, name, data.protocol) end
end

return M
