-- A Kong upstream and its targets; the key is its name, which is the host of the Kong services in front of it.
-- Contributions: { service, backends, parent, tags, without_targets }.
local annotations = require 'lib.object.annotations'
local backend_sources = require 'lib.service.sources'
local backends = require 'lib.service.backends'
local parents = require 'lib.service.parents'
local plugins = require 'lib.plugin.plugins'
local ports = require 'lib.service.ports'
local service_address = require 'lib.service.address'
local targets = require 'lib.service.targets'
local upstream_policy = require 'lib.service.upstream_policy'

local SLICE = 'discovery.k8s.io/v1/EndpointSlice'
local KONG_INGRESS = 'configuration.konghq.com/v1/KongIngress'
local POLICY = 'configuration.konghq.com/v1beta1/KongUpstreamPolicy'
local REFERENCES = { { 'upstream-policy', POLICY }, { 'override', KONG_INGRESS } }

local M = {
  api = 1,
  shared = 'upstream',
  reads = plugins.join(backends.READS, service_address.READS, { SLICE, KONG_INGRESS, POLICY }),
  contributes = { 'upstream_policy' },
}

-- The Services whose annotations count: all, or the first one where they differ (which the rule `backend` reports).
function M:counting(ctx, data, resolved)
  if backends.differences(resolved, backends.ADDING_UP) then return { resolved[1] } end
  return resolved
end

function M:tls_policy(ctx, service, port_name)
  return backends.pick_tls_policy(backends.tls_policies(ctx, service), port_name)
end

-- The protocols for which targets of a Service's port are looked for.
function M:protocols(ctx, service, port)
  return { port.protocol or 'TCP' }
end

-- The targets of one backend: list of { target, weight, draining, about }.
function M:targets(ctx, service, port)
  local list = {}
  local single, about = service_address.of(ctx, service, port.port)
  local protocols = self:protocols(ctx, service, port)
  if single then
    for _ in ipairs(protocols) do list[#list + 1] = { target = single, about = about } end
    return list
  end

  local metadata = service.metadata
  local slices = ctx:list(SLICE, metadata.namespace, 'kubernetes.io/service-name', metadata.name)
  local drain_support = ctx:option('enable_drain_support') == true
  for _, protocol in ipairs(protocols) do
    local found = targets.of_slices(slices, port, protocol, drain_support)
    table.move(found, 1, #found, #list + 1, list)
  end
  return list
end

-- Spreads the weights of backends over their targets.
function M:divide(ctx, entries)
  targets.divide(entries)
end

function M:clamp(ctx, weight)
  return weight and math.min(weight, targets.HEAVIEST)
end

local function kong_ingress_of(ctx, counting)
  for _, entry in ipairs(counting) do
    local name = annotations.get(entry.service, 'override')
    if name and name ~= '' then
      local namespace = entry.service.metadata.namespace
      local found = ctx:lookup(KONG_INGRESS, namespace, name)
      if not found then
        ctx:problem(entry.service, 'PolicyNotFound', string.format('failed to get KongIngress: %s/%s does not exist', namespace, name))
      end
      return found, not found
    end
  end
  return nil, false
end

-- konghq.com/override: only for Ingress-like objects. Returns the KongIngress that applies, and true when it is missing.
function M:kong_ingress(ctx, upstream, data, counting)
  local found, missing = kong_ingress_of(ctx, counting)
  if not found or parents.is_route(data.parent) then return found, missing end
  upstream_policy.apply_kong_ingress(upstream, found)
  return found, false
end

-- konghq.com/host-header. `policy`: { found, missing } of the KongIngress.
function M:host_header(ctx, upstream, data, counting, policy)
  for _, entry in ipairs(counting) do
    local header = annotations.get(entry.service, 'host-header')
    if header and header ~= '' then upstream.host_header = header end
  end
end

-- KongIngress and konghq.com/host-header.
function M:overrides(ctx, upstream, data, counting)
  local found, missing = self:kong_ingress(ctx, upstream, data, counting)
  self:host_header(ctx, upstream, data, counting, { found = found ~= nil, missing = missing })
end

local function inconsistent_policies(counting)
  local first = annotations.get(counting[1].service, 'upstream-policy')
  for _, entry in ipairs(counting) do
    if annotations.get(entry.service, 'upstream-policy') ~= first then return true end
  end
  return false, first
end

-- Tells policies who uses them, for their status.
local function note_use(ctx, counting, accepted)
  for _, entry in ipairs(counting) do
    local user = entry.facade or entry.service
    local name = annotations.get(entry.service, 'upstream-policy')
    if name and name ~= '' then
      ctx:contribute('upstream_policy', user.metadata.namespace .. '/' .. name, {
        kind = user.kind, namespace = user.metadata.namespace, name = user.metadata.name, accepted = accepted,
      })
    end
  end
end

function M:policy(ctx, upstream, counting)
  if #counting == 0 then return end
  local service = counting[1].service
  local differ, name = inconsistent_policies(counting)
  if differ or name then note_use(ctx, counting, not differ) end
  if differ then
    ctx:problem(service, 'PolicyConflict', 'inconsistent KongUpstreamPolicy configuration for services of upstream ' .. upstream.name)
    return
  end
  if not name then return end

  local namespace = service.metadata.namespace
  local policy = ctx:lookup(POLICY, namespace, name)
  if not policy then
    ctx:problem(service, 'PolicyNotFound', string.format('failed fetching KongUpstreamPolicy: %s/%s does not exist', namespace, name))
    return
  end
  local good, why = upstream_policy.apply(upstream, policy, ctx:option('kong_version') or '3.9.1')
  if not good then ctx:problem(service, 'UnsupportedFeature', why) end
end

function M:upstream(ctx, name, data, counting)
  local upstream = { name = name, algorithm = 'round-robin', tags = data.tags }
  self:overrides(ctx, upstream, data, counting)
  self:policy(ctx, upstream, counting)
  return upstream
end

-- Whether a Service has a value of its own in its upstream.
local function says(service)
  for _, name in ipairs { 'upstream-policy', 'override', 'host-header' } do
    if (annotations.get(service, name) or '') ~= '' then return true end
  end
  return false
end

-- What each backend brings: list of { weight, targets }.
function M:entries(ctx, resolved)
  local entries = {}
  for _, entry in ipairs(resolved) do
    local port = entry.port
    if port then
      entries[#entries + 1] = { weight = entry.backend.weight, targets = self:targets(ctx, entry.service, port) }
    end
  end
  return entries
end

function M:emit_targets(ctx, name, resolved)
  local entries = self:entries(ctx, resolved)
  self:divide(ctx, entries)
  local links = { upstream = name }
  for _, target in ipairs(targets.merge(entries)) do
    ctx:emit('target', { target = target.target, weight = self:clamp(ctx, target.weight) }, links, { about = target.about })
  end
end

function M:translate(ctx, name, contributions)
  local data = contributions[1].data
  local resolved = backends.resolve(ctx, data.backends)
  local counting = self:counting(ctx, data, resolved)
  for _, entry in ipairs(resolved) do
    entry.port = ports.resolve(entry.service, entry.backend.port)
    entry.tls_policy = self:tls_policy(ctx, entry.service, entry.port and entry.port.name)
    if entry.tls_policy then backends.apply_tls_policy(entry.service, entry.tls_policy) end
  end

  local about = backend_sources.of(ctx, counting, REFERENCES, says)
  ctx:emit('upstream', self:upstream(ctx, name, data, counting), {}, { about = about, step = 'upstream' })
  if not data.without_targets then self:emit_targets(ctx, name, resolved) end
end

return M
