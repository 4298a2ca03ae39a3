-- Gateways: what their routes and ListenerSets have to know; of ours the certificates of the listeners, and what the status is to say.
local gateway_addresses = require 'lib.gateway.addresses'
local gateways = require 'lib.gateway.gateways'
local listener_facts = require 'lib.listener.facts'
local listener_sets = require 'lib.listener.sets'
local listener_steps = require 'lib.listener.steps'
local misdirected = require 'lib.gateway.misdirected'
local plugins = require 'lib.plugin.plugins'
local tags = require 'lib.object.tags'
local unused = require 'lib.object.unused'
local why_foreign = require 'lib.object.why_foreign'

local M = {
  api = 1,
  kind = 'gateway.networking.k8s.io/v1/Gateway',
  reads = plugins.join(gateways.READS, listener_sets.READS, listener_steps.READS),
  contributes = plugins.join({ 'gateway_status', 'unused_gateway' }, listener_facts.CONTRIBUTES, listener_steps.CONTRIBUTES),
  consults = gateway_addresses.CONSULTS,

  tags = tags.step,
}

listener_steps.add(M)

-- True when the Gateway's listeners are ours to serve.
function M:is_ours(ctx, gateway)
  return gateways.is_ours(ctx, gateways.ownership(ctx, gateway))
end

-- True when the Gateway's status is ours to write.
function M:writes_status(ctx, gateway)
  return true
end

-- Why the Gateway as a whole isn't accepted (nil: it is): a reason and a text.
function M:gateway_refusal(ctx, gateway)
  if gateway.spec.infrastructure and gateway.spec.infrastructure.parametersRef then
    return 'InvalidParameters', 'infrastructure.parametersRef is not supported'
  end
  for _, address in ipairs(gateway.spec.addresses or {}) do
    local type = address.type or 'IPAddress'
    if type ~= 'IPAddress' and type ~= 'Hostname' then
      return 'UnsupportedAddress', string.format('addresses of type %s are not supported', type)
    end
  end
  return nil
end

-- Answers requests that a connection for another listener brings.
function M:misdirected(ctx, gateway, entries)
  misdirected.emit(ctx, gateway, entries, self:tags(ctx, gateway))
end

-- For those who ask whether any route is attached.
local function tell_sections(ctx, gateway, entries)
  if not unused.is_asked(ctx) then return end
  local sections = {}
  for i, entry in ipairs(entries) do
    sections[i] = listener_facts.section_key(gateways.owner_key(entry.owner), entry.listener.name)
  end
  ctx:contribute('unused_gateway', gateways.owner_key(gateway), { sections = sections })
end

function M:translate(ctx, gateway)
  gateway.spec = gateway.spec or {}
  local entries = listener_facts.tell(ctx, gateway)
  if not self:is_ours(ctx, gateway) then
    return unused.is_asked(ctx) and unused.tell(ctx, gateway, why_foreign.gateway(ctx, gateway))
  end

  local place, writes = gateway_addresses.of(ctx, gateway), self:writes_status(ctx, gateway)
  self:misdirected(ctx, gateway, entries)
  for _, entry in ipairs(entries) do entry.addresses = place and place.addresses end
  local all, accepted = listener_steps.serve(self, ctx, gateway, entries, writes)
  tell_sections(ctx, gateway, entries)
  if not writes then return end
  local reason, text = self:gateway_refusal(ctx, gateway)
  ctx:contribute('gateway_status', gateways.owner_key(gateway), {
    refused = reason and { reason = reason, text = text }, all = all, accepted = accepted, place = place,
  })
end

return M
