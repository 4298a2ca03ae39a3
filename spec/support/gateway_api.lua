-- Objects of the Gateway API for the specs of its rules, and what these tell each other.
local fake_ctx = require 'spec.support.fake_ctx'

local M = {}

local GROUP = 'gateway.networking.k8s.io/'

function M.class(name, controller)
  return {
    apiVersion = GROUP .. 'v1', kind = 'GatewayClass', metadata = { name = name or 'kong' },
    spec = { controllerName = controller or 'konghq.com/kic-gateway-controller' },
  }
end

function M.gateway(listeners, more)
  local spec = { gatewayClassName = 'kong', listeners = listeners }
  for key, value in pairs(more or {}) do spec[key] = value end
  return { apiVersion = GROUP .. 'v1', kind = 'Gateway', metadata = { namespace = 'shop', name = 'kong' }, spec = spec }
end

function M.route(kind, spec)
  spec.parentRefs = spec.parentRefs or { { name = 'kong' } }
  local version = (kind == 'HTTPRoute' or kind == 'GRPCRoute') and 'v1' or 'v1alpha2'
  return { apiVersion = GROUP .. version, kind = kind, metadata = { namespace = 'shop', name = 'route' }, spec = spec }
end

function M.service(name, namespace)
  return {
    apiVersion = 'v1', kind = 'Service', metadata = { namespace = namespace or 'shop', name = name },
    spec = { ports = { { port = 80 } } },
  }
end

local function run(rule, object, options)
  local ctx = fake_ctx.new { rule = rule, objects = options.objects, options = options.options, topics = options.topics }
  rule:translate(ctx, object)
  return ctx
end

-- A ctx as fake_ctx.new makes it, in which the Gateways among the objects, and their ListenerSets, have told what they are.
function M.ctx(options)
  local told = { objects = options.objects, options = options.options, topics = {} }
  for topic, keys in pairs(options.topics or {}) do told.topics[topic] = keys end
  for _, kind in ipairs { 'Gateway', 'ListenerSet' } do
    local rule = require('rules.' .. kind:lower())
    for _, object in ipairs(options.objects or {}) do
      if object.kind == kind and rule ~= options.rule then fake_ctx.tell(told.topics, run(rule, object, told), object) end
    end
  end
  return fake_ctx.new { rule = options.rule, objects = options.objects, options = options.options, topics = told.topics }
end

-- Appends the conditions that shared rules make of what a Gateway or ListenerSet contributed to them.
function M.add_statuses(ctx, object, topics)
  local told = {}
  fake_ctx.tell(told, ctx, object)
  for _, name in ipairs { 'listener_status', 'gateway_status' } do
    local rule = require('rules.' .. name)
    for key, contributions in pairs(told[name] or {}) do
      local status = fake_ctx.new { rule = rule, topics = topics }
      rule:translate(status, key, contributions)
      table.move(status.conditions, 1, #status.conditions, #ctx.conditions + 1, ctx.conditions)
    end
  end
  return ctx
end

-- Fields of what was emitted, by name.
function M.emitted(ctx, kind)
  local found = {}
  for _, entity in ipairs(ctx.emitted) do
    if entity.kind == kind then found[entity.fields.name] = entity.fields end
  end
  return found
end

-- The condition of that type about that subject ('' is the object), as a rule said it.
function M.condition(ctx, subject, type)
  for _, entry in ipairs(ctx.conditions) do
    local condition = entry.condition
    if (condition.subject or '') == subject and condition.type == type then return condition end
  end
  return nil
end

-- Conditions as 'subject type' -> 'status reason'.
function M.conditions(ctx)
  local found = {}
  for _, entry in ipairs(ctx.conditions) do
    local condition = entry.condition
    found[(condition.subject and condition.subject .. ' ' or '') .. condition.type] = condition.status .. ' ' .. condition.reason
  end
  return found
end

return M
