-- Makes src/store/schema_table.c: what an API server knows of the fields of every kind in src/store/kind.c, from the definitions and the
-- OpenAPI documents that it serves. Equal parts are written once.
local json = require 'cjson'

local lab = require 'spec.support.lab'
local shell = require 'spec.support.shell'

local M = { path = 'src/store/schema_table.c' }

local LINE_MAX = 118
local PATHS = { [''] = 'api/v1', ['networking.k8s.io'] = 'apis/networking.k8s.io/v1', ['discovery.k8s.io'] = 'apis/discovery.k8s.io/v1' }

-- What says nothing about a value by itself, or is checked by nobody here (CEL, unions).
local IGNORED = {}
for word in ([[description title default deprecated oneOf anyOf not x-kubernetes-validations x-kubernetes-list-type x-kubernetes-unions
  x-kubernetes-list-map-keys x-kubernetes-map-type x-kubernetes-patch-merge-key x-kubernetes-patch-strategy
  x-kubernetes-group-version-kind]]):gmatch '%S+' do IGNORED[word] = true end

local TYPES = {
  object = 'OBJECT', array = 'ARRAY', string = 'STRING', integer = 'INTEGER', number = 'NUMBER', boolean = 'BOOLEAN',
}
local FORMATS = { byte = 'BASE64', ['date-time'] = 'TIME' }
-- Patterns that are read by hand.
local KNOWN_PATTERNS = { ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'] = 'SUBDOMAIN' }
local RANGES = { int32 = { -2147483648, 2147483647 } }

-- What the API server's own code asks of kinds that have no definition; its OpenAPI does not say so.
local PORT = { minimum = 1, maximum = 65535 }
local BACKEND = { ['service.name'] = { minLength = 1 }, ['service.port.number'] = PORT }
local BEYOND = {
  ['networking.k8s.io/v1/Ingress'] = {
    ['spec.rules[].host'] = { kongruent_format = 'HOST' },
    ['spec.tls[].hosts[]'] = { kongruent_format = 'HOST' },
    ['spec.rules[].http.paths[].path'] = { pattern = '^(/|$)' },
    ['spec.rules[].http.paths[].pathType'] = { enum = { 'Exact', 'Prefix', 'ImplementationSpecific' } },
  },
  ['v1/Service'] = { ['spec.ports[].port'] = PORT },
  ['discovery.k8s.io/v1/EndpointSlice'] = {
    addressType = { kongruent_optional = true }, -- no rule reads it, and slices that are written by hand do without
    ['endpoints[].addresses'] = { minItems = 1, maxItems = 100 }, ['ports[].port'] = PORT,
  },
}
for path, limits in pairs(BACKEND) do
  BEYOND['networking.k8s.io/v1/Ingress']['spec.rules[].http.paths[].backend.' .. path] = limits
  BEYOND['networking.k8s.io/v1/Ingress']['spec.defaultBackend.' .. path] = limits
end

local function sorted_keys(table_)
  local keys = {}
  for key in pairs(table_) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- The rows of src/store/kind.c: id, group, versions, kind.
local function kinds()
  local text, found = assert(shell.read 'src/store/kind.c'), {}
  local groups = {}
  for name, group in text:gmatch '#define (%u+) +"([%w.-]+)"' do groups[name] = group end
  for row in text:gmatch '\n    %u*_?ROW(%b())' do
    local words = {}
    for word in row:sub(2, -2):gsub('"([^"]*)"', function(inner) return (inner:gsub(',', ';')) end):gmatch '[^,]+' do
      words[#words + 1] = word:match '^%s*(.-)%s*$'
    end
    if #words >= 5 then -- group, version, others, kind, …
      for version in (words[2] .. ';' .. words[3]):gmatch '[^; ]+' do
        found[#found + 1] = { group = groups[words[1]] or words[1], version = version, kind = words[4] }
      end
    elseif words[1] ~= 'version' then
      found[#found + 1] = { group = '', version = words[1], kind = words[2] }
    end
  end
  for _, kind in ipairs(found) do
    kind.id = (kind.group ~= '' and kind.group .. '/' or '') .. kind.version .. '/' .. kind.kind
  end
  return found
end

-- References and single allOf are taken in.
local function resolve(schema, components)
  if schema.allOf then
    assert(#schema.allOf == 1, 'allOf of several')
    local inner = {}
    for key, value in pairs(resolve(schema.allOf[1], components)) do inner[key] = value end
    for key, value in pairs(schema) do
      if key ~= 'allOf' then inner[key] = value end
    end
    return inner
  end
  local name = schema['$ref'] and schema['$ref']:match '^#/components/schemas/(.+)$'
  return name and resolve(assert(components[name], name), components) or schema
end

-- One table of rows while they are made; `of` finds the number of an equal one.
local function rows()
  local list, numbers = {}, {}
  return list, function(text)
    if not numbers[text] then
      list[#list + 1] = text
      numbers[text] = #list - 1
    end
    return numbers[text]
  end
end

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%?%?', '?\\?') .. '"'
end

local function number(value, otherwise)
  return value and ('%.17g'):format(value) or otherwise
end

local maker = {}
maker.__index = maker

local function new_maker()
  local self = setmetatable({ fields = {}, words = {}, runs = {} }, maker)
  self.nodes, self.node = rows()
  self.bounds, self.bound = rows()
  self.bound '{-INFINITY, INFINITY, 0, UINT32_MAX, ""}'
  self.node '{SCHEMA_ANY, SCHEMA_OPEN, SCHEMA_NO_FORMAT, 0, 0, 0, 0}'
  return self
end

-- Rows that stand one behind the other; equal runs are shared.
function maker:run(list, texts)
  if #texts == 0 then return 0 end
  local key = table.concat(texts, '\n')
  if not self.runs[key] then
    self.runs[key] = #list
    for _, text in ipairs(texts) do list[#list + 1] = text end
  end
  return self.runs[key]
end

function maker:bounds_of(schema, pattern)
  local range = RANGES[schema.format] or {}
  local function tighter(one, other, choose) return one and other and choose(one, other) or one or other end
  local least, most = tighter(schema.minimum, range[1], math.max), tighter(schema.maximum, range[2], math.min)
  local shortest = schema.minLength or schema.minItems or schema.minProperties
  local longest = schema.maxLength or schema.maxItems or schema.maxProperties
  if not (least or most or shortest or longest or pattern) then return 0 end
  return self.bound(('{%s, %s, %s, %s, %s}'):format(number(least, '-INFINITY'), number(most, 'INFINITY'), shortest or 0,
    longest or 'UINT32_MAX', quoted(pattern or '')))
end

-- Of a status only the types count: an API server sets it aside, rules read it.
local function types_alone(schema)
  return {
    type = schema.type, properties = schema.properties, items = schema.items, additionalProperties = schema.additionalProperties,
    format = schema.format == 'int-or-string' and schema.format or nil,
    ['x-kubernetes-int-or-string'] = schema['x-kubernetes-int-or-string'], ['x-kubernetes-preserve-unknown-fields'] = true,
  }
end

local KNOWN = { type = true, properties = true, items = true, additionalProperties = true, required = true, enum = true, pattern = true,
  format = true, nullable = true, minimum = true, maximum = true, minLength = true, maxLength = true, minItems = true, maxItems = true,
  minProperties = true, maxProperties = true, kongruent_format = true, kongruent_optional = true, ['x-kubernetes-int-or-string'] = true,
  ['x-kubernetes-preserve-unknown-fields'] = true }

function maker:object(schema, place)
  local required, texts = {}, {}
  for _, name in ipairs(schema.required or {}) do
    -- what has a default need not be written, but for the defaults that are Go's empty values
    local default = schema.properties[name] and schema.properties[name].default
    local beyond = place.beyond[place:below(name).path] or {}
    required[name] = ((place.built_in or default == nil) and not beyond.kongruent_optional) or nil
  end
  local names = sorted_keys(schema.properties or {})
  table.sort(names, function(one, other)
    if required[one] ~= required[other] then return required[one] or false end
    return one < other
  end)
  for _, name in ipairs(names) do
    local node = self:of(schema.properties[name], place:below(name))
    texts[#texts + 1] = ('{%s, %d, %s, %d}'):format(quoted(name), #name, required[name] and 'true' or 'false', node)
  end
  return self:run(self.fields, texts), #texts
end

function maker:of(schema, place)
  schema = resolve(schema, place.components)
  if place.path == 'metadata' then schema = place.metadata end
  if place.path == 'metadata.managedFields[]' then return 0 end
  if place.status then schema = types_alone(schema) end
  local beyond = place.beyond[place.path]
  if beyond then
    schema = setmetatable({}, { __index = schema })
    for key, value in pairs(beyond) do schema[key] = value end
    place.used[place.path] = true
  end
  for key in pairs(getmetatable(schema) and getmetatable(schema).__index or schema) do
    assert(KNOWN[key] or IGNORED[key] or key == 'allOf', place.path .. ': ' .. key .. ' is a word that this does not know')
  end
  local kind = TYPES[schema.type or '']
  if schema['x-kubernetes-int-or-string'] or schema.format == 'int-or-string' then kind = 'INT_OR_STRING' end
  if not kind then return 0 end
  local flags = schema.nullable and 'SCHEMA_NULLABLE' or nil
  local format, pattern = FORMATS[schema.format] or schema.kongruent_format, schema.pattern
  if KNOWN_PATTERNS[pattern] then format, pattern = KNOWN_PATTERNS[pattern], nil end
  local first, count, item = 0, 0, 0
  if kind == 'OBJECT' and schema.additionalProperties and type(schema.additionalProperties) == 'table' then
    kind, item = 'MAP', self:of(schema.additionalProperties, place:below '*')
  elseif kind == 'OBJECT' then
    local open = schema['x-kubernetes-preserve-unknown-fields'] or (place.built_in and not schema.properties)
    flags = open and (flags and flags .. ' | SCHEMA_OPEN' or 'SCHEMA_OPEN') or flags
    first, count = self:object(schema, place)
  elseif kind == 'ARRAY' then
    item = self:of(schema.items or {}, place:element())
  elseif schema.enum then
    local words = {}
    for index, word in ipairs(schema.enum) do words[index] = quoted(type(word) == 'number' and number(word) or word) end
    first, count = self:run(self.words, words), #words
  end
  return self.node(('{SCHEMA_%s, %s, SCHEMA_%s, %d, %d, %d, %d}'):format(kind, flags or 0, format or 'NO_FORMAT', first, count, item,
    self:bounds_of(schema, pattern)))
end

local place = {}
place.__index = place

function place:at(path)
  return setmetatable({ path = path, status = self.status or path == 'status' }, { __index = self })
end

function place:below(name)
  return self:at(self.path == '' and name or self.path .. '.' .. name)
end

function place:element()
  return self:at(self.path .. '[]')
end

-- Names of all kinds are subdomains, but for these.
local LABELS = { ['v1/Service'] = true, ['v1/Namespace'] = true }

local function metadata_for(id, components)
  local schema = resolve({ ['$ref'] = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }, components)
  local properties = {}
  for name, property in pairs(schema.properties) do properties[name] = property end
  local function string_of(format) return { type = 'string', kongruent_format = format } end
  properties.name = string_of(LABELS[id] and 'DNS_LABEL' or 'SUBDOMAIN')
  properties.namespace = string_of 'DNS_LABEL'
  properties.labels = { type = 'object', kongruent_format = 'QUALIFIED_NAMES', additionalProperties = string_of 'LABEL_VALUE' }
  properties.annotations = { type = 'object', kongruent_format = 'QUALIFIED_NAMES', additionalProperties = { type = 'string' } }
  return { type = 'object', properties = properties }
end

local function wrapped(list, per_line)
  local lines, line = {}, '   '
  for _, text in ipairs(list) do
    if #line + #text + 2 > LINE_MAX and line ~= '   ' then
      lines[#lines + 1] = line
      line = '   '
    end
    line = line .. ' ' .. text .. ','
  end
  lines[#lines + 1] = line
  return table.concat(lines, '\n', per_line)
end

local HEAD = [[
/* Made by `./dev schemas` from what an API server serves (spec/support/schemas.lua); not to be edited. */
/* clang-format off */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"

]]

local TAIL = [[

const struct schema_table schema_table = {nodes, fields, words, bounds, sizeof(bounds) / sizeof(bounds[0])};

static int by_id(const void *key, const void *row)
{
    return strcmp(key, ((const struct schema_kind *)row)->id);
}

const struct schema_node *schema_table_find(const char *id)
{
    const struct schema_kind *row = bsearch(id, kinds, sizeof(kinds) / sizeof(kinds[0]), sizeof(kinds[0]), by_id);
    return row != NULL ? &nodes[row->node] : NULL;
}
]]

-- `get(path)` gives an OpenAPI document as text; `definitions` is the list of CustomResourceDefinitions.
function M.make(get, definitions)
  local documents, found = {}, {}
  for group, path in pairs(PATHS) do documents[group] = json.decode(assert(get(path))).components.schemas end
  local made, served = new_maker(), {}
  for _, definition in ipairs(definitions) do
    for _, version in ipairs(definition.spec.versions) do
      served[('%s/%s/%s'):format(definition.spec.group, version.name, definition.spec.names.kind)] = version.schema.openAPIV3Schema
    end
  end
  for _, kind in ipairs(kinds()) do
    local components, schema = documents[kind.group] or documents[''], served[kind.id]
    local built_in = not schema
    for _, candidate in pairs(built_in and components or {}) do
      local id = (candidate['x-kubernetes-group-version-kind'] or {})[1]
      if id and id.group == kind.group and id.version == kind.version and id.kind == kind.kind then schema = candidate end
    end
    if schema then
      local used = {}
      local start = setmetatable({ path = '', built_in = built_in, components = components, metadata = metadata_for(kind.id, components),
        beyond = BEYOND[kind.id] or {}, used = used }, place)
      found[#found + 1] = ('{%s, %d}'):format(quoted(kind.id), made:of(schema, start))
      for path in pairs(start.beyond) do assert(used[path], kind.id .. ' has no ' .. path) end
    end
  end
  table.sort(found)
  local parts = { HEAD }
  local function part(declaration, list)
    parts[#parts + 1] = ('static const %s[] = {\n%s\n};\n\n'):format(declaration, wrapped(list))
  end
  part('char *const words', made.words)
  part('struct schema_bounds bounds', made.bounds)
  part('struct schema_field fields', made.fields)
  part('struct schema_node nodes', made.nodes)
  parts[#parts + 1] = 'struct schema_kind {\n    const char *id;\n    uint16_t node;\n};\n\n'
  part('struct schema_kind kinds', found)
  return table.concat(parts):gsub('\n+$', '\n') .. TAIL, #found
end

-- A cluster of the lab that has every definition.
function M.serve()
  local cluster = lab.apiserver()
  assert(cluster:apply_files 'deploy/crds')
  assert(cluster:gateway_api 'experimental')
  return cluster
end

function M.serve_and_make()
  local cluster = M.serve()
  local config = assert(shell.read(cluster.dir .. '/kubeconfig-token'))
  local server, token = config:match 'server: (%S+)', config:match 'token: (%S+)'
  local function get(path)
    return shell.run { 'curl', '--silent', '--fail', '--cacert', cluster.dir .. '/ca.crt', '--header', 'Authorization: Bearer ' .. token,
      server .. '/openapi/v3/' .. path }
  end
  return M.make(get, assert(cluster:list 'crd'))
end

return M
