-- KongVault: asks for the vault of its prefix.
local class = require 'lib.object.class'
local tags = require 'lib.object.tags'

local M = {
  api = 1,
  kind = 'configuration.konghq.com/v1alpha1/KongVault',
  reads = class.READS,
  contributes = { 'vault' },
}

M.tags = tags.step

function M:fields(ctx, vault)
  local spec = vault.spec
  local config = spec.config
  return {
    name = spec.backend,
    prefix = spec.prefix,
    description = spec.description ~= '' and spec.description or nil,
    config = type(config) == 'table' and next(config) ~= nil and config or nil,
    tags = self:tags(ctx, vault),
  }
end

-- What is wrong with its spec, or nil.
function M:fault(ctx, vault)
  local spec = vault.spec
  if type(spec) ~= 'table' or type(spec.backend) ~= 'string' or type(spec.prefix) ~= 'string' or spec.prefix == '' then
    return 'spec.backend and spec.prefix must be given'
  end
  if spec.config ~= nil and type(spec.config) ~= 'table' then
    return ('failed to parse configuration of vault "%s" to JSON: it is not an object'):format(vault.metadata.name)
  end
  return nil
end

function M:translate(ctx, vault)
  if not class.takes(ctx, vault) then
    return
  end
  local fault = self:fault(ctx, vault)
  if fault then
    ctx:problem(vault, 'InvalidObject', fault)
    return
  end
  ctx:contribute('vault', vault.spec.prefix, { fields = self:fields(ctx, vault) })
end

return M
