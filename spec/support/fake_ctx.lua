-- A ctx for busted, without the program: objects and options go in, what a rule said comes out.
--
--   local fake_ctx = require 'spec.support.fake_ctx'
--   local ctx = fake_ctx.new({ rule = rule, objects = { ingress, service }, options = {}, topics = { name = { key = { … } } } })
--   rule:translate(ctx, ingress)
--   ctx.emitted, ctx.contributed, ctx.problems, ctx.conditions      -- lists, in the order of the calls
--
-- With `rule`, what it may read, contribute to and consult is checked as the program does.
-- Run it in the source tree: LUA_CPATH='build/?.so;;' lua5.4 /usr/bin/busted spec/rules
package.path = 'lua/?.lua;' .. package.path
package.preload.host = package.preload.host or function()
  return require 'kongruent_primitives'
end

local M = {}
local Ctx = {}
Ctx.__index = Ctx

local function id_of(object)
  return object.apiVersion .. '/' .. object.kind
end

local function copy(value)
  if type(value) ~= 'table' then
    return value
  end
  local result = setmetatable({}, getmetatable(value))
  for key, member in pairs(value) do
    result[key] = copy(member)
  end
  return result
end

local function contains(list, word)
  for _, member in ipairs(list or {}) do
    if member == word then
      return true
    end
  end
  return false
end

local function check(self, list, word)
  if self.rule and not (contains(self.rule[list], word) or (list == 'reads' and self.rule.kind == word)) then
    error(("'%s' is not in the list '%s' of the rule"):format(word, list), 3)
  end
end

function M.new(options)
  options = options or {}
  local self = {
    rule = options.rule,
    objects = {},
    options = options.options or {},
    topics = options.topics or {},
    emitted = {},
    contributed = {},
    problems = {},
    conditions = {},
  }
  for _, object in ipairs(options.objects or {}) do
    self.objects[#self.objects + 1] = object
  end
  table.sort(self.objects, function(left, right)
    local a, b = left.metadata, right.metadata
    if (a.namespace or '') ~= (b.namespace or '') then
      return (a.namespace or '') < (b.namespace or '')
    end
    return a.name < b.name
  end)
  return setmetatable(self, Ctx)
end

local function find(self, kind, namespace, name)
  check(self, 'reads', kind)
  for _, object in ipairs(self.objects) do
    local metadata = object.metadata
    if id_of(object) == kind and (metadata.namespace or '') == (namespace or '') and metadata.name == name then
      return copy(object)
    end
  end
  return nil
end

local function without_status(object)
  if object then
    object.status = nil
    object.metadata.resourceVersion = nil
  end
  return object
end

function Ctx:lookup(kind, namespace, name)
  return without_status(find(self, kind, namespace, name))
end

function Ctx:status(kind, namespace, name)
  local object = find(self, kind, namespace, name)
  return object and object.status
end

function Ctx:list(kind, namespace, label, value)
  check(self, 'reads', kind)
  local found = {}
  for _, object in ipairs(self.objects) do
    local metadata = object.metadata
    local labelled = label == nil or (metadata.labels or {})[label]
    if id_of(object) == kind and (namespace == nil or (metadata.namespace or '') == namespace) and labelled
      and (value == nil or labelled == value) then
      found[#found + 1] = without_status(copy(object))
    end
  end
  return found
end

function Ctx:contribute(rule, key, data)
  check(self, 'contributes', rule)
  self.contributed[#self.contributed + 1] = { rule = rule, key = key, data = copy(data) }
  return key
end

function Ctx:consult(topic, key)
  check(self, 'consults', topic)
  return copy((self.topics[topic] or {})[key] or {})
end

function Ctx:consulted(topic, key)
  return #self:consult(topic, key) > 0
end

function Ctx:count(topic, key)
  return #self:consult(topic, key)
end

-- The natural key only where it is a field; scopes of plugins and the like are left to the program.
function Ctx:emit(kind, fields, links, options)
  self.emitted[#self.emitted + 1] = { kind = kind, fields = copy(fields), links = copy(links or {}), options = options or {} }
  return fields.name or fields.username or fields.key or kind
end

function Ctx:problem(object, code, text)
  self.problems[#self.problems + 1] = { object = object, code = code, text = text }
end

function Ctx:condition(object, condition)
  self.conditions[#self.conditions + 1] = { object = object, condition = copy(condition) }
end

function Ctx:option(name)
  if self.options[name] ~= nil then
    return self.options[name]
  end
  local value = self.options
  for part in name:gmatch('[^.]+') do
    if type(value) ~= 'table' then
      return nil
    end
    value = value[part]
  end
  return value
end

-- A contribution as a shared rule sees it; `object` is whose it is.
function M.contribution(object, data, key)
  local metadata = object.metadata
  return {
    data = data,
    from = {
      kind = id_of(object),
      namespace = metadata.namespace or '',
      name = metadata.name,
      uid = metadata.uid,
      creationTimestamp = metadata.creationTimestamp,
    },
    rule = object.kind,
    key = key or (metadata.namespace or '') .. '/' .. metadata.name,
  }
end

-- Adds what `ctx` recorded of an object's run to `topics`, for another ctx to consult.
function M.tell(topics, ctx, object)
  for _, entry in ipairs(ctx.contributed) do
    local topic = topics[entry.rule] or {}
    topics[entry.rule] = topic
    topic[entry.key] = topic[entry.key] or {}
    table.insert(topic[entry.key], M.contribution(object, entry.data))
  end
end

-- The contributions to one rule, from what `ctx` recorded.
function M.contributions_to(ctx, rule)
  local found = {}
  for _, contribution in ipairs(ctx.contributed) do
    if contribution.rule == rule then
      found[#found + 1] = contribution
    end
  end
  return found
end

return M
