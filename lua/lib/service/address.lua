-- The one address of a Service whose endpoints are not looked at: its own name in the cluster, or another's.
local annotations = require 'lib.object.annotations'
local class = require 'lib.object.class'
local ports = require 'lib.service.ports'

local M = {
  -- What a rule that asks here must list in `reads`.
  READS = class.READS,
}

local function in_cluster(ctx, metadata)
  local domain = ctx:option('cluster_domain') or ''
  return metadata.name .. '.' .. metadata.namespace .. '.svc' .. (domain ~= '' and '.' .. domain or '')
end

-- The target for port `number`, and the objects that say so; nil for a Service whose endpoints count.
function M.of(ctx, service, number)
  if annotations.of(service)['ingress.kubernetes.io/service-upstream'] == 'true' then
    return ports.target(in_cluster(ctx, service.metadata), number), { service }
  end
  local parameters, object = class.parameters(ctx)
  if parameters.serviceUpstream == true then return ports.target(in_cluster(ctx, service.metadata), number), { object, service } end
  if service.spec and service.spec.type == 'ExternalName' then
    return ports.target(service.spec.externalName or '', number), { service }
  end
  return nil
end

return M
