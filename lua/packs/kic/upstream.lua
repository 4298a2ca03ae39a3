-- Upstreams and targets as Kong Ingress Controller makes them.
local backends = require 'lib.backends'
local parents = require 'lib.parents'
local targets = require 'lib.targets'

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

  divide = function(_, _, entries) targets.divide_roughly(entries) end,
  clamp = function(_, _, weight) return weight end,

  -- No KongIngress where one is named, or one for a route of the Gateway API: then konghq.com/host-header does not count either.
  host_header = function(super, ctx, upstream, data, counting, policy)
    if policy.missing or (policy.found and parents.is_route(data.parent)) then return end
    super(ctx, upstream, data, counting, policy)
  end,
}
