-- Upstreams and targets as Kong Ingress Controller makes them.
local backends = require 'lib.service.backends'
local parents = require 'lib.service.parents'
local targets = require 'lib.service.targets'

-- Empty lists are not sent.
local function without_empty(check)
  for _, section in ipairs { check, check.healthy or {}, check.unhealthy or {} } do
    for _, field in ipairs { 'headers', 'http_statuses' } do
      if section[field] and not next(section[field]) then section[field] = nil end
    end
  end
end

return {
  api = 1,
  extends = 'upstream',

  -- Services that disagree leave an upstream without anything.
  counting = function(_, _, data, resolved) return data.without_targets and {} or resolved end,

  tls_policy = function(_, ctx, service)
    local found = backends.tls_policies(ctx, service)
    return #found == 1 and found[1].policy or nil
  end,

  -- Targets are looked for once for each protocol of the Service's ports, so that a single address may come twice.
  protocols = function(_, _, service)
    local list, seen = { 'TCP' }, { TCP = true }
    for _, port in ipairs(service.spec and service.spec.ports or {}) do
      local protocol = port.protocol
      if protocol and not seen[protocol] then
        seen[protocol] = true
        list[#list + 1] = protocol
      end
    end
    return list
  end,

  upstream = function(super, ctx, name, data, counting)
    local upstream = super(ctx, name, data, counting)
    local checks = upstream.healthchecks or {}
    if checks.active then without_empty(checks.active) end
    if checks.passive then without_empty(checks.passive) end
    return upstream
  end,

  divide = function(_, _, entries) targets.divide_roughly(entries) end,
  clamp = function(_, _, weight) return weight end,

  -- No KongIngress where one is named, or one for a route of the Gateway API: then konghq.com/host-header does not count either.
  host_header = function(super, ctx, upstream, data, counting, policy)
    if policy.missing or (policy.found and parents.is_route(data.parent)) then return end
    super(ctx, upstream, data, counting, policy)
  end,
}
