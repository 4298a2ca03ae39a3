-- Listeners of a Gateway: what they may carry, whether two of them conflict, and which routes they take.
local gateway_hosts = require 'lib.gateway_hosts'

local M = {
  GROUP = 'gateway.networking.k8s.io',
  -- What a rule that asks here must list in `reads`.
  READS = { 'v1/Namespace' },
}

-- Route kinds by listener protocol, in the order in which statuses name them.
local KINDS = {
  HTTP = { 'HTTPRoute', 'GRPCRoute' },
  HTTPS = { 'HTTPRoute', 'GRPCRoute' },
  TCP = { 'TCPRoute' },
  UDP = { 'UDPRoute' },
  TLS = { 'TLSRoute' },
}

-- What may share a port: only listeners of one family, told apart by their host names.
local FAMILIES = { HTTP = 'http', HTTPS = 'tls', TLS = 'tls', TCP = 'tcp', UDP = 'udp' }

function M.is_known_protocol(listener)
  return KINDS[listener.protocol] ~= nil
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

-- Route kinds that the listener takes, and whether all that it asks for can be had.
function M.supported_kinds(listener)
  local possible = KINDS[listener.protocol] or {}
  local asked = listener.allowedRoutes and listener.allowedRoutes.kinds
  if not asked or #asked == 0 then return possible, true end

  local kinds, all = {}, true
  for _, kind in ipairs(asked) do
    if (kind.group or M.GROUP) == M.GROUP and contains(possible, kind.kind) then
      kinds[#kinds + 1] = kind.kind
    else
      all = false
    end
  end
  return kinds, all
end

local function clash(one, other)
  if one.port ~= other.port then return nil end
  local family, other_family = FAMILIES[one.protocol], FAMILIES[other.protocol]
  if not family or not other_family then return nil end
  if family ~= other_family then
    -- UDP and everything over TCP have ports of their own.
    if family == 'udp' or other_family == 'udp' then return nil end
    return 'ProtocolConflict'
  end
  return (one.hostname or '') == (other.hostname or '') and 'HostnameConflict' or nil
end

-- 'ProtocolConflict', 'HostnameConflict' or nil. Both sides of a conflict have it.
function M.conflict(gateway, listener)
  local found
  for _, other in ipairs(gateway.spec.listeners or {}) do
    if other.name ~= listener.name then
      local reason = clash(listener, other)
      if reason == 'ProtocolConflict' then return reason end
      found = found or reason
    end
  end
  return found
end

local function expression_holds(labels, expression)
  local value, operator = labels[expression.key], expression.operator
  if operator == 'Exists' then return value ~= nil end
  if operator == 'DoesNotExist' then return value == nil end
  local among = value ~= nil and contains(expression.values or {}, value)
  if operator == 'In' then return among end
  if operator == 'NotIn' then return not among end
  return false
end

local function selects(selector, labels)
  for key, value in pairs(selector.matchLabels or {}) do
    if labels[key] ~= value then return false end
  end
  for _, expression in ipairs(selector.matchExpressions or {}) do
    if not expression_holds(labels, expression) then return false end
  end
  return true
end

-- May routes of this namespace attach?
function M.allows_namespace(ctx, gateway, listener, namespace)
  local rule = listener.allowedRoutes and listener.allowedRoutes.namespaces or {}
  local from = rule.from or 'Same'
  if from == 'All' then return true end
  if from == 'Same' then return namespace == gateway.metadata.namespace end
  if from ~= 'Selector' then return false end

  local object = ctx:lookup('v1/Namespace', '', namespace)
  local labels = object and object.metadata.labels or { ['kubernetes.io/metadata.name'] = namespace }
  return selects(rule.selector or {}, labels)
end

-- A TLS listener that terminates, and one that passes through, carry TLSRoutes; an HTTP one must have no other mode than its own.
local function mode_fits(listener, kind)
  if kind == 'TLSRoute' then return true end
  return not listener.tls or (listener.tls.mode or 'Terminate') == 'Terminate'
end

-- Why a listener doesn't take a route (nil: it does): 'kind', 'namespace' or 'host', in the order of the checks.
function M.refusal(ctx, gateway, listener, route, kind)
  if not contains(M.supported_kinds(listener), kind) or not mode_fits(listener, kind) then return 'kind' end
  if M.conflict(gateway, listener) then return 'kind' end
  if not M.allows_namespace(ctx, gateway, listener, route.metadata.namespace) then return 'namespace' end
  if not gateway_hosts.meets(listener.hostname, route.spec.hostnames) then return 'host' end
  return nil
end

return M
