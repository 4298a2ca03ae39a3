-- Kong services as Kong Ingress Controller makes them.
local annotations = require 'lib.object.annotations'
local backends = require 'lib.service.backends'
local route_overrides = require 'lib.route.overrides'
local service_overrides = require 'lib.service.overrides'
local tags = require 'lib.object.tags'

-- Values of any size pass, and the rest of the Services is not looked at once a protocol is unknown.
local function overrides(_, ctx, service, counting)
  local sorted = table.move(counting, 1, #counting, 1, {})
  table.sort(sorted, function(left, right)
    local a, b = left.service.metadata, right.service.metadata
    return a.namespace .. '/' .. a.name < b.namespace .. '/' .. b.name
  end)
  for _, entry in ipairs(sorted) do
    service_overrides.apply(service, entry.service)
    local protocol = annotations.get(entry.service, 'protocol')
    if protocol and protocol ~= '' and not route_overrides.is_narrow_protocol(protocol) then
      ctx:problem(entry.service, 'InvalidAnnotation', 'konghq.com/protocol annotation has invalid value: ' .. protocol)
      return
    end
  end
  service_overrides.drop_path_of_grpc(service)
end

-- Services must agree in all of konghq.com, whether it means anything or not.
local function counting(_, ctx, name, resolved)
  local keys = backends.differences(resolved)
  if not keys then return resolved end
  for _, entry in ipairs(resolved) do
    for _, key in ipairs(keys) do
      ctx:problem(entry.service, 'InconsistentAnnotation', string.format(
        'Service has inconsistent %s annotation and is used in multi-Service backend %s. '
        .. 'This annotation must have the same value across all Services in the backend.', key, name))
    end
  end
  return nil
end

-- Of the rules that share a Kong service the last one with a timeout sets it.
local function with_last_timeouts(chosen, contributions)
  local last
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    if data.timeouts_rank and (not last or data.timeouts_rank > last.timeouts_rank) then last = data end
  end
  if last then
    chosen.connect_timeout, chosen.read_timeout, chosen.write_timeout = last.connect_timeout, last.read_timeout, last.write_timeout
  end
  return chosen
end

-- One refused rewrite refuses all routes of the Kong service but the default backend's.
local function choose(super, ctx, contributions)
  local left, refused = {}, false
  for _, contribution in ipairs(contributions) do
    refused = refused or contribution.data.refused == true
    if contribution.data.default_backend then left[#left + 1] = contribution end
  end
  if not refused then return with_last_timeouts(super(ctx, contributions), contributions) end
  return left[1] and left[1].data
end

return {
  api = 1,
  extends = 'backend',
  contributes = { 'dropped_backend' },

  drop = function(_, ctx, name) ctx:contribute('dropped_backend', name, {}) end,

  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  choose = choose,
  no_port = function(super, ctx, service, parent, why)
    super(ctx, service, parent, why)
    ctx:problem(service, 'PortNotFound', why)
  end,
  counting = counting,
  overrides = overrides,

  protocol = function(_, _, data) return data.protocol end,
  policy_protocol = function() return 'https' end,

  -- Ports that a policy names are not looked at, and two policies cancel each other.
  tls_policy = function(_, ctx, service)
    local found = backends.tls_policies(ctx, service)
    if #found > 1 then ctx:problem(service, 'PolicyConflict', 'Multiple BackendTLSPolicies attached to service') end
    return #found == 1 and found[1].policy or nil
  end,
}
