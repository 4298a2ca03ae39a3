-- What others hear of a route: its Gateways, policies of its Services, and its own status.
local gateways = require 'lib.gateways'
local listeners = require 'lib.listeners'
local unused = require 'lib.unused'
local why_foreign = require 'lib.why_foreign'

local M = {
  -- What a rule that tells must list in `contributes`.
  CONTRIBUTES = { 'attached_routes', 'service_gateways' },
}

-- Tells policies of Services through which Gateways these are reached.
local function contribute_services(ctx, route, parents)
  local keys, seen = {}, {}
  for _, parent in ipairs(parents) do
    local key = parent.accepted and parent.gateway and parent.gateway.metadata.namespace .. '/' .. parent.gateway.metadata.name
    if key and not seen[key] then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  if #keys == 0 then return end

  local told = {}
  for _, rule in ipairs(route.spec.rules or {}) do
    for _, ref in ipairs(rule.backendRefs or {}) do
      local service = (ref.namespace or route.metadata.namespace) .. '/' .. ref.name
      if not told[service] then
        told[service] = true
        ctx:contribute('service_gateways', service, { gateways = keys })
      end
    end
  end
end

-- Tells the Gateways which of their listeners the route is attached to.
function M.contribute(ctx, route, parents, kind)
  local order, by_gateway = {}, {}
  gateways.each_listener(parents, function(listener, parent)
    local key = gateways.owner_key(parent.owner or parent.gateway)
    if not by_gateway[key] then
      by_gateway[key] = { names = {}, seen = {} }
      order[#order + 1] = key
    end
    local entry = by_gateway[key]
    if not entry.seen[listener.name] then
      entry.seen[listener.name] = true
      entry.names[#entry.names + 1] = listener.name
    end
  end)
  for _, key in ipairs(order) do ctx:contribute('attached_routes', key, { kind = kind, listeners = by_gateway[key].names }) end
  contribute_services(ctx, route, parents)
end

local function parent_reference(route, ref)
  return {
    group = listeners.GROUP, kind = ref.kind or 'Gateway', namespace = ref.namespace or route.metadata.namespace, name = ref.name,
    sectionName = ref.sectionName, port = ref.port,
  }
end

-- Why none of the route's parents may be ours.
local function tell_unused(ctx, route)
  if not unused.is_asked(ctx) then return end
  local reasons = {}
  for i, ref in ipairs(route.spec.parentRefs or {}) do reasons[i] = why_foreign.parent(ctx, route, ref) end
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
