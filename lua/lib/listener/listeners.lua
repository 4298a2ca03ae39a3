-- Listeners of a Gateway: what they may carry, whether two of them conflict, and which routes they take.
local gateway_hosts = require 'lib.gateway.hosts'
local namespaces = require 'lib.object.namespaces'

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
local FAMILIES = { HTTP = 'http', HTTPS = 'https', TLS = 'tls', TCP = 'tcp', UDP = 'udp' }

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

-- Kong's ports are either of its proxy (HTTP, HTTPS) or of its streams, and each is encrypted or not. UDP and everything over TCP have
-- ports of their own.
local function port_of(listener)
  return (FAMILIES[listener.protocol] == 'udp' and 'udp ' or 'tcp ') .. tostring(listener.port)
end

-- Claims of listeners: by port, how many there are of each family and of each host name within it.
local function claim(claims, listener)
  local family, port = FAMILIES[listener.protocol], port_of(listener)
  if not family then return end
  local at = claims[port]
  if not at then
    at = { count = 0, families = {}, hosts = {} }
    claims[port] = at
  end
  local host = family .. ' ' .. (listener.hostname or '')
  at.count = at.count + 1
  at.families[family] = (at.families[family] or 0) + 1
  at.hosts[host] = (at.hosts[host] or 0) + 1
end

-- How a listener conflicts with claims, of which `own` are its own.
local function clash(claims, listener, own)
  local family = FAMILIES[listener.protocol]
  local at = family and claims[port_of(listener)]
  if not at then return nil end
  if at.count > (at.families[family] or 0) then return 'ProtocolConflict' end
  return (at.hosts[family .. ' ' .. (listener.hostname or '')] or 0) > own and 'HostnameConflict' or nil
end

-- Gives each of the listeners that lib.listener.sets merges its `conflict`: 'ProtocolConflict', 'HostnameConflict' or nil. Within one
-- object both sides have it, else the one that goes second; a listener that lost to an older object's is in nobody's way.
function M.judge(all)
  local before, first = {}, 1
  while first <= #all do
    local last, equals = first, {}
    while all[last + 1] and all[last + 1].rank == all[first].rank do last = last + 1 end
    for i = first, last do
      all[i].conflict = clash(before, all[i].listener, 0)
      if not all[i].conflict then claim(equals, all[i].listener) end
    end
    for i = first, last do
      all[i].conflict = all[i].conflict or clash(equals, all[i].listener, 1)
    end
    for i = first, last do
      if not all[i].conflict then claim(before, all[i].listener) end
    end
    first = last + 1
  end
  return all
end

-- By entry of the list that lib.listener.sets merges those whose names are narrower, of the same port and protocol: requests for these
-- names are theirs.
function M.narrower(all)
  local by_name, found = {}, {}
  local function place(listener, name)
    return string.format('%s %s %s', listener.protocol, listener.port, name)
  end
  for _, entry in ipairs(all) do
    local listener = entry.listener
    for _, name in ipairs(entry.conflict and {} or gateway_hosts.wider(listener.hostname)) do
      local key = place(listener, name)
      by_name[key] = by_name[key] or {}
      table.insert(by_name[key], entry)
    end
  end
  for _, entry in ipairs(all) do found[entry] = by_name[place(entry.listener, entry.listener.hostname or '')] or {} end
  return found
end

-- A TLS listener that terminates, and one that passes through, carry TLSRoutes; an HTTP one must have no other mode than its own.
local function mode_fits(listener, kind)
  if kind == 'TLSRoute' then return true end
  return not listener.tls or (listener.tls.mode or 'Terminate') == 'Terminate'
end

-- Kinds of routes that may attach to an entry of that list.
function M.route_kinds(entry)
  local kinds = {}
  for _, kind in ipairs(entry.conflict and {} or M.supported_kinds(entry.listener)) do
    if mode_fits(entry.listener, kind) then kinds[#kinds + 1] = kind end
  end
  return kinds
end

-- Why a listener, as lib.listener.facts tells it, doesn't take a route (nil: it does): 'kind', 'namespace' or 'host', in the order of the
-- checks.
function M.refusal(ctx, fact, route, kind)
  if not contains(fact.kinds, kind) then return 'kind' end
  if not namespaces.allows(ctx, fact.namespaces or {}, 'Same', fact.home, route.metadata.namespace) then return 'namespace' end
  if not gateway_hosts.meets(fact.hostname, route.spec.hostnames) then return 'host' end
  return nil
end

return M
