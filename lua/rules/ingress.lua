-- networking.k8s.io/v1 Ingress -> Kong routes; services, default backends and certificates are left to shared rules.
local annotations = require 'lib.object.annotations'
local class = require 'lib.object.class'
local expression = require 'lib.text.expression'
local hostnames = require 'lib.text.hostnames'
local ingress_backends = require 'lib.ingress.backends'
local ingress_expression = require 'lib.ingress.expression'
local ingress_order = require 'lib.ingress.order'
local ingress_paths = require 'lib.ingress.paths'
local naming = require 'lib.object.naming'
local paths = require 'lib.text.paths'
local plugins = require 'lib.plugin.plugins'
local rewrite = require 'lib.ingress.rewrite'
local route_overrides = require 'lib.route.overrides'
local tags = require 'lib.object.tags'
local tls_sections = require 'lib.tls.sections'
local unread_annotations = require 'lib.object.unread_annotations'
local unused = require 'lib.object.unused'

local M = {
  api = 1,
  kind = 'networking.k8s.io/v1/Ingress',
  reads = plugins.join(class.READS, ingress_backends.READS, plugins.READS),
  contributes = plugins.join({ 'backend', 'http_backend', 'default_backend' }, tls_sections.CONTRIBUTES, plugins.CONTRIBUTES),

  tags = tags.step,
  overrides = route_overrides.step,
  backend = ingress_backends.step,
  path_fault = ingress_paths.fault,
  looks_like_regex = ingress_paths.looks_like_regex,

  tell_apart = ingress_order.tell_apart,
  path_priority = ingress_order.priority,
  regex_priority = ingress_order.regex_priority,
}

-- The protocols of a route before annotations change them: Kong's own default.
function M:protocols(ctx, ingress)
  return nil
end

-- The paths of a route for the traditional router.
function M:paths(ctx, path, options)
  local forms = paths.traditional(path.path, path.type, options)
  if path.only_below then forms[2] = nil end
  return forms
end

function M:host_matcher(ctx, host)
  return expression.host(host)
end

function M:accepts_sni(ctx, sni)
  return hostnames.is_sni(sni)
end

-- All hosts of a route, for the expression router.
function M:expression_hosts(ctx, group, overrides)
  return route_overrides.with_aliases(group.hosts, overrides)
end

function M:traditional_fields(ctx, group, options)
  local list = {}
  for _, path in ipairs(group.paths) do
    for _, form in ipairs(self:paths(ctx, path, options)) do list[#list + 1] = form end
  end
  return { hosts = #group.hosts > 0 and group.hosts or nil, paths = list, regex_priority = self:regex_priority(ctx, group, list) }
end

function M:expression_fields(ctx, group, options, overrides)
  local text, priority = ingress_expression.build {
    hosts = self:expression_hosts(ctx, group, overrides), paths = group.paths,
    path_priority = self:path_priority(ctx, group.paths), headers = overrides.headers, methods = overrides.methods, snis = overrides.snis,
    host_matcher = function(host) return self:host_matcher(ctx, host) end,
    is_sni = function(sni) return self:accepts_sni(ctx, sni) end,
  }
  return { expression = text, priority = priority }
end

-- The Kong route of a host and a backend.
function M:route(ctx, ingress, group, context)
  local route
  if context.expressions then
    route = self:expression_fields(ctx, group, context, context.overrides)
  else
    route = self:traditional_fields(ctx, group, context)
  end
  route.name = group.route
  route.protocols = context.protocols
  route.strip_path = false
  route.preserve_host = true
  route.request_buffering = true
  route.response_buffering = true
  route.tags = context.tags
  return route_overrides.apply(route, context.overrides, context.expressions)
end

-- What konghq.com/rewrite asks for: a template or nil; and true when it cannot be done, so that no route may do without.
function M:rewrite(ctx, ingress)
  local value = annotations.get(ingress, 'rewrite')
  if not value then return nil, false end

  if ctx:option('feature_gates.RewriteURIs') ~= true then
    ctx:problem(ingress, 'InvalidAnnotation', 'konghq.com/rewrite annotation not supported when rewrite uris disabled')
    return nil, true
  end
  local template, why = rewrite.template(value)
  if template then return template, false end
  ctx:problem(ingress, 'InvalidAnnotation', 'konghq.com/rewrite: ' .. why)
  return nil, true
end

-- The routes of an Ingress whose rewriting cannot be done are left out, and nothing else is.
function M:refuse(ctx, ingress, group)
end

-- Lets overrides leave a route out whose Kong service belongs to something else.
function M:is_taken(ctx, group)
  return false
end

-- What the Kong service of a group of paths shall be.
function M:service(ctx, ingress, group)
  return ingress_backends.service(ingress, group.backend, '/')
end

-- Paths with the same host and backend are one route: list of { host, hosts, backend, service, route, paths }.
function M:groups(ctx, ingress)
  local groups, by_key = {}, {}
  for _, rule in ipairs(ingress.spec.rules or {}) do
    for _, path in ipairs(rule.http and rule.http.paths or {}) do
      local backend = self:backend(ctx, ingress, path.backend or {}, string.format('ingress path "%s"', paths.clean(path.path)))
      if backend then
        local host = rule.host or ''
        local key = host .. '|' .. backend.service
        local group = by_key[key]
        if not group then
          group = { hosts = host ~= '' and { host } or {}, backend = backend, service = backend.service, paths = {} }
          group.route = ingress_backends.route_name(ingress, host, backend)
          by_key[key] = group
          groups[#groups + 1] = group
        end
        group.paths[#group.paths + 1] = { path = path.path, type = path.pathType }
      end
    end
  end
  return groups
end

function M:emit_group(ctx, ingress, group, context)
  if self:is_taken(ctx, group) then return end

  ctx:contribute('backend', group.service, self:service(ctx, ingress, group))
  ctx:contribute('http_backend', group.service, {})
  local links = { service = group.service }
  local guards = plugins.bind(ctx, context.plugins, { route = group.route }, group.service)
  ctx:emit('route', self:route(ctx, ingress, group, context), links, { guards = guards })
  if context.rewrite then
    ctx:emit('plugin', { name = 'request-transformer', config = { replace = { uri = context.rewrite } } }, { route = group.route })
  end
end

-- What all routes of an Ingress share.
function M:context(ctx, ingress, template)
  return {
    expressions = ctx:option('router_flavor') == 'expressions',
    overrides = self:overrides(ctx, ingress),
    protocols = self:protocols(ctx, ingress),
    tags = self:tags(ctx, ingress),
    plugins = plugins.resolve(ctx, ingress),
    regex_prefix = annotations.get(ingress, 'regex-prefix'),
    legacy_detection = class.parameters(ctx).enableLegacyRegexDetection == true,
    rewrite = template,
  }
end

-- A default backend that cannot be used leaves the place to a younger one.
function M:unusable_default(ctx, ingress)
end

function M:default_backend(ctx, ingress)
  local backend = self:backend(ctx, ingress, ingress.spec.defaultBackend, 'the default backend')
  if not backend then
    self:unusable_default(ctx, ingress)
  else
    local route = naming.default_route(ingress.metadata.namespace, ingress.metadata.name)
    ctx:contribute('default_backend', '*', { backend = backend, route = route })
  end
end

function M:translate(ctx, ingress)
  if not class.takes_ingress(ctx, ingress) then return end
  ingress.spec = ingress.spec or {}
  if ingress_paths.is_empty(ingress) then return unused.tell(ctx, ingress, 'it has neither paths nor a default backend') end

  unread_annotations.tell(ctx, ingress)
  tls_sections.claim(ctx, ingress)
  if ingress.spec.defaultBackend then self:default_backend(ctx, ingress) end

  local groups = self:groups(ctx, ingress)
  if #groups == 0 then return end
  local template, refused = self:rewrite(ctx, ingress)
  local context = not refused and self:context(ctx, ingress, template)
  if context then
    groups = ingress_paths.usable(self, ctx, ingress, groups, context)
    if context.expressions then ingress_order.read(groups, context.regex_prefix) end
    self:tell_apart(ctx, ingress, groups, context)
  end
  for _, group in ipairs(groups) do
    if refused then
      self:refuse(ctx, ingress, group)
    else
      self:emit_group(ctx, ingress, group, context)
    end
  end
end

return M
