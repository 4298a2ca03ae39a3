-- What others hear of a route: its Gateways, policies of its Services, and its own status.
local gateways = require 'lib.gateway.gateways'
local listener_facts = require 'lib.listener.facts'
local listeners = require 'lib.listener.listeners'
local route_parents = require 'lib.route.parents'
local unused = require 'lib.object.unused'

local M = {
  -- What a rule that tells must list in `contributes`.
  CONTRIBUTES = { 'attached_routes', 'service_gateways' },
}

-- How the topic `service_gateways` names a Service behind a Gateway.
function M.reached_key(service, gateway)
  return service .. ' ' .. gateway
end

-- Tells policies of Services through which Gateways these are reached.
local function contribute_services(ctx, route, parents)
  local told = {}
  local function tell(service, gateway)
    local key = M.reached_key(service, gateways.owner_key(gateway))
    if not told[key] then ctx:contribute('service_gateways', key, {}) end
    told[key] = true
  end
  for _, rule in ipairs(route.spec.rules or {}) do
    for _, ref in ipairs(rule.backendRefs or {}) do
      local service = (ref.namespace or route.metadata.namespace) .. '/' .. ref.name
      for _, parent in ipairs(parents) do
        if parent.accepted and parent.gateway then tell(service, parent.gateway) end
      end
    end
  end
end

-- Tells the listeners that the route is attached to them, each once.
function M.contribute(ctx, route, parents)
  local seen = {}
  route_parents.each_listener(parents, function(listener, parent)
    local key = listener_facts.section_key(parent.owner_key, listener.name)
    if not seen[key] then ctx:contribute('attached_routes', key, {}) end
    seen[key] = true
  end)
  contribute_services(ctx, route, parents)
end

local function parent_reference(route, ref)
  return {
    group = listeners.GROUP, kind = ref.kind or 'Gateway', namespace = ref.namespace or route.metadata.namespace, name = ref.name,
    sectionName = ref.sectionName, port = ref.port,
  }
end

local function why_unused(ctx, route, ref)
  local kind, name = ref.kind or 'Gateway', (ref.namespace or route.metadata.namespace) .. '/' .. ref.name
  local title = kind .. ' ' .. name
  if kind ~= 'Gateway' and kind ~= 'ListenerSet' then return title .. ' is no Gateway' end
  local gateway = route_parents.find(ctx, route.metadata.namespace, ref)
  if gateway then return string.format('%s is not ours: %s', title, gateway.foreign) end
  return title .. (kind == 'ListenerSet' and ctx:consulted('listener_set', name) and ' has no Gateway' or ' does not exist')
end

-- Why none of the route's parents may be ours.
local function tell_unused(ctx, route)
  if not unused.is_asked(ctx) then return end
  local reasons = {}
  for i, ref in ipairs(route.spec.parentRefs or {}) do reasons[i] = why_unused(ctx, route, ref) end
  unused.tell(ctx, route, #reasons > 0 and table.concat(reasons, '; ') or 'it has no parentRefs, so nothing takes it')
end

-- Conditions of the route under each parent that is there. `findings`: { refused = text, partial = text, unresolved = { reason, text } }.
function M.report(ctx, route, parents, findings)
  if #parents == 0 then tell_unused(ctx, route) end
  for _, parent in ipairs(parents) do
    if parent.gateway then
      local detail = { parentRef = parent_reference(route, parent.ref) }
      local function say(type, status, reason, message)
        ctx:condition(route, {
          type = type, status = status, reason = reason, message = message or '', subject = parent.key, detail = detail,
        })
      end

      if not parent.accepted then
        say('Accepted', 'False', parent.reason, parent.message)
        ctx:problem(route, 'ParentNotFound', string.format('%s %s does not take the route: %s',
          parent.ref.kind or 'Gateway', string.gsub(parent.key, '^ListenerSet/', ''), parent.message))
      elseif findings.refused then
        say('Accepted', 'False', 'UnsupportedValue', findings.refused)
      else
        say('Accepted', 'True', 'Accepted', 'the route is accepted by the Gateway')
        if findings.partial then say('PartiallyInvalid', 'True', 'UnsupportedValue', findings.partial) end
      end

      local unresolved = findings.unresolved
      if unresolved then
        say('ResolvedRefs', 'False', unresolved.reason, unresolved.text)
      else
        say('ResolvedRefs', 'True', 'ResolvedRefs', 'all references are resolved')
      end
    end
  end
end

return M
