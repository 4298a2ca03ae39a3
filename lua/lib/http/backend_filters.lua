-- Filters of single backendRefs. Kong has filters for a route only, so where backends of a rule differ in them, a few lines for
-- `pre-function` choose the backend by weight, send the request to that backend's own upstream and change its headers.
local backend_refs = require 'lib.route.backend_refs'
local host = require 'host'
local http_filters = require 'lib.http.filters'

local M = {}

local SUPPORTED = { RequestHeaderModifier = true, ResponseHeaderModifier = true }

-- True when the backends of a rule have not all the same filters.
function M.differ(rule)
  local known
  for _, ref in ipairs(rule.backendRefs or {}) do
    local text = http_filters.signature(ref.filters, host.json_encode)
    if known and known ~= text then return true end
    known = text
  end
  return false
end

-- Why filters that differ can't be had (nil: they can).
function M.refusal(rule)
  if not M.differ(rule) then return nil end
  for _, ref in ipairs(rule.backendRefs) do
    for _, filter in ipairs(ref.filters or {}) do
      if not SUPPORTED[filter.type] then
        return string.format(
          'filter %s of a backendRef is only supported when all backendRefs of a rule have the same', tostring(filter.type))
      end
    end
  end
  return nil
end

-- Lines that change headers; `object` is what Kong changes them on.
local function changes(lines, object, modifier)
  for _, header in ipairs(modifier.set or {}) do
    lines[#lines + 1] = string.format('  %s.set_header(%q, %q)', object, header.name, header.value or '')
  end
  for _, header in ipairs(modifier.add or {}) do
    lines[#lines + 1] = string.format('  %s.add_header(%q, %q)', object, header.name, header.value or '')
  end
  for _, name in ipairs(modifier.remove or {}) do lines[#lines + 1] = string.format('  %s.clear_header(%q)', object, name) end
end

local function add_filters(lines, ref, kind, field, object)
  for _, filter in ipairs(ref.filters or {}) do
    if filter.type == kind then changes(lines, object, filter[field] or {}) end
  end
end

local function access_script(choices, total, lost)
  local lines, reached = { string.format('local n = math.random(%d)', total + lost) }, 0
  for i, choice in ipairs(choices) do
    reached = reached + choice.weight
    lines[#lines + 1] = string.format('%s n <= %d then', i == 1 and 'if' or 'elseif', reached)
    lines[#lines + 1] = string.format('  kong.service.set_upstream(%q)', choice.upstream)
    lines[#lines + 1] = string.format('  kong.ctx.plugin.backend = %d', i)
    add_filters(lines, choice.ref, 'RequestHeaderModifier', 'requestHeaderModifier', 'kong.service.request')
  end
  lines[#lines + 1] = 'else'
  lines[#lines + 1] = '  return kong.response.exit(500, { message = "no existing backendRef provided" })'
  lines[#lines + 1] = 'end'
  return table.concat(lines, '\n')
end

local function response_script(choices)
  local lines = {}
  for i, choice in ipairs(choices) do
    local own = {}
    add_filters(own, choice.ref, 'ResponseHeaderModifier', 'responseHeaderModifier', 'kong.response')
    if #own > 0 then
      lines[#lines + 1] = string.format('if kong.ctx.plugin.backend == %d then', i)
      table.move(own, 1, #own, #lines + 1, lines)
      lines[#lines + 1] = 'end'
    end
  end
  return #lines > 0 and table.concat(lines, '\n') or nil
end

-- The upstream of one backend of a Kong service. No name of Kubernetes has an underscore.
local function upstream_name(service, backend)
  return string.format('%s._%s.%s.%d', service, backend.namespace, backend.name, backend.port.number)
end

-- Offers an upstream for each backend, and returns the configuration of `pre-function` that chooses among them. `backends` and `refs` go
-- together; `lost` is the weight of those that can't be used.
function M.offer(ctx, service, route, tags, backends, refs, lost)
  local choices, total = {}, 0
  for i, backend in ipairs(backends) do
    local weight = backend.weight or 1
    if weight > 0 then
      local upstream = upstream_name(service, backend)
      total = total + weight
      choices[#choices + 1] = { upstream = upstream, weight = weight, ref = refs[i] }
      local alone = { kind = backend.kind, namespace = backend.namespace, name = backend.name, port = backend.port }
      ctx:contribute('upstream', upstream, {
        service = service, backends = { alone }, parent = backend_refs.parent(route), tags = tags,
      })
    end
  end
  if total == 0 then return nil end
  local response = response_script(choices)
  return { access = { access_script(choices, total, lost) }, header_filter = response and { response } or nil }
end

return M
