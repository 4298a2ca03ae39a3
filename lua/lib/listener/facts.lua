-- What routes and ListenerSets have to know of a Gateway and its listeners. The Gateway's rule tells it, piece by piece: so a change of the
-- Gateway runs those again that read a piece which is another one now, and no others.
local gateway_addresses = require 'lib.gateway.addresses'
local gateways = require 'lib.gateway.gateways'
local listener_ports = require 'lib.listener.ports'
local listener_sets = require 'lib.listener.sets'
local listeners = require 'lib.listener.listeners'
local unused = require 'lib.object.unused'
local why_foreign = require 'lib.object.why_foreign'

local M = {
  -- What the rule that tells must list.
  CONTRIBUTES = { 'known_gateways', 'parent_gateway', 'gateway_listener', 'allowed_listener_sets' },
  -- What a rule that asks must list in `consults`.
  CONSULTS = { 'parent_gateway', 'gateway_listener' },
}

local GATEWAY, LISTENER = 'parent_gateway', 'gateway_listener'

-- Keys of `gateway_listener`: an owner's has all of its listeners, and there is one for each of them, and for each kind of routes.
local function section_key(owner_key, name)
  return owner_key .. '/' .. name
end

M.section_key = section_key

local function kind_key(owner_key, kind)
  return owner_key .. ' ' .. kind
end

-- What is told of a listener to all who ask for an owner's. `direct`: the port that Kong sees is the listener's.
local function summary(known, gateway, entry)
  local listener = entry.listener
  return {
    name = listener.name, port = listener.port, protocol = listener.protocol, hostname = listener.hostname, conflict = entry.conflict,
    tls = listener.tls and { mode = listener.tls.mode }, direct = listener_ports.is_direct(known, listener, gateway.spec.listeners or {}),
  }
end

local function tell_listener(ctx, known, gateway, entry, narrower)
  local owner_key, listener = gateways.owner_key(entry.owner), entry.listener
  local fact = summary(known, gateway, entry)
  ctx:contribute(LISTENER, owner_key, fact)

  fact.kinds, fact.home = listeners.route_kinds(entry), entry.owner.metadata.namespace
  fact.namespaces = listener.allowedRoutes and listener.allowedRoutes.namespaces
  fact.narrower = {}
  for i, other in ipairs(narrower) do
    fact.narrower[i] = { key = section_key(gateways.owner_key(other.owner), other.listener.name), hostname = other.listener.hostname }
  end
  ctx:contribute(LISTENER, section_key(owner_key, listener.name), fact)
  for _, kind in ipairs(fact.kinds) do ctx:contribute(LISTENER, kind_key(owner_key, kind), fact) end
end

-- Tells of a Gateway, and returns its listeners and those of its sets as lib.listener.sets merges them.
function M.tell(ctx, gateway)
  local ownership, known = gateways.ownership(ctx, gateway), listener_ports.known(ctx)
  local is_foreign = ownership == 'foreign'
  ctx:contribute(GATEWAY, gateways.owner_key(gateway), {
    ownership = ownership, place = not is_foreign and gateway_addresses.of(ctx, gateway) or nil,
    requested = not is_foreign and gateway_addresses.requested(gateway) or nil,
    foreign = ownership ~= 'ours' and unused.is_asked(ctx) and why_foreign.gateway(ctx, gateway) or nil,
  })
  if is_foreign then return {} end

  ctx:contribute('known_gateways', 'all', {})
  local entries, sets = listener_sets.merged(ctx, gateway)
  for _, set in ipairs(sets) do ctx:contribute('allowed_listener_sets', set.metadata.namespace .. '/' .. set.metadata.name, {}) end
  local narrower = listeners.narrower(entries)
  for _, entry in ipairs(entries) do tell_listener(ctx, known, gateway, entry, narrower[entry]) end
  return entries
end

local function first(ctx, topic, key)
  local contribution = ctx:consult(topic, key)[1]
  return contribution and contribution.data
end

-- The Gateway of that name as its rule tells it: { metadata, ownership, place, requested, foreign (why it isn't ours, for those who ask) };
-- nil when it isn't there.
function M.gateway(ctx, namespace, name)
  local fact = first(ctx, GATEWAY, namespace .. '/' .. name)
  if fact then fact.metadata = { namespace = namespace, name = name } end
  return fact
end

local function data_of(contributions)
  local list = {}
  for i, contribution in ipairs(contributions) do list[i] = contribution.data end
  return list
end

-- An owner's listeners: { name, port, protocol, hostname, conflict, tls, direct }.
function M.all(ctx, owner_key)
  return data_of(ctx:consult(LISTENER, owner_key))
end

function M.has_any(ctx, owner_key)
  return ctx:consulted(LISTENER, owner_key)
end

-- Those that a route of that kind may attach to: the same, and { kinds, home, namespaces, narrower }. With a name that one, whatever it
-- takes.
function M.offered(ctx, owner_key, kind, name)
  return data_of(ctx:consult(LISTENER, name and section_key(owner_key, name) or kind_key(owner_key, kind)))
end

return M
