-- Ingresses as Kong Ingress Controller translates them.
local annotations = require 'lib.object.annotations'
local expression = require 'lib.text.expression'
local hostnames = require 'lib.text.hostnames'
local paths = require 'lib.text.paths'
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'

return {
  api = 1,
  extends = 'Ingress',
  consults = { 'tcp_backend' },

  tags = function(_, _, object, additional) return tags.verbatim(object, additional) end,
  overrides = function(_, ctx, object) return route_overrides.read_lenient(ctx, object) end,

  -- Unknown protocols reach the gateway, which refuses them.
  protocols = function(_, _, ingress)
    local list = annotations.list(annotations.get(ingress, 'protocols'))
    table.sort(list)
    return #list > 0 and list or nil
  end,

  path_fault = function() return nil end, -- the gateway is left to refuse it
  looks_like_regex = function() return false end, -- such a path goes into one in part

  paths = function(_, _, path, options) return paths.traditional_unescaped(path.path, path.type, options) end,

  -- What is no host by its rules is left out of an expression, and may leave nothing.
  host_matcher = function(_, _, host)
    return hostnames.is_narrow_host(host) and expression.narrow_host(host) or ''
  end,
  accepts_sni = function(_, _, sni) return hostnames.is_narrow_sni(sni) end,
  expression_hosts = function(_, _, group, overrides)
    local hosts = table.move(group.hosts, 1, #group.hosts, 1, {})
    return table.move(overrides.host_aliases or {}, 1, #(overrides.host_aliases or {}), #hosts + 1, hosts)
  end,

  -- A route stands where its longest path does; each path of type Prefix or Exact counts as a regular expression.
  path_priority = function(_, _, list)
    local regex, longest = 0, 0
    for _, path in ipairs(list) do
      if path.type == 'Prefix' or path.type == 'Exact' or path.form.kind == 'regex' then regex = 1 end
      longest = math.max(longest, path.form.length)
    end
    return regex << 16 | math.min(longest, 0xffff)
  end,
  tell_apart = function() end,
  regex_priority = function() return 0 end,

  -- A rewrite that cannot be done takes the whole Kong service along, with what other Ingresses have there.
  refuse = function(_, ctx, _, group)
    if ctx:consulted('tcp_backend', group.service) then return end
    ctx:contribute('backend', group.service, { refused = true })
  end,

  -- A default backend that cannot be used keeps the place all the same.
  unusable_default = function(_, ctx) ctx:contribute('default_backend', '*', {}) end,

  -- A TCPIngress on the same port of a Service takes its Kong service over.
  is_taken = function(_, ctx, group) return ctx:consulted('tcp_backend', group.service) end,
}
