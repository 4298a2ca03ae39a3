-- Which objects are ours, by ingress class, and what the class asks for.
local annotations = require 'lib.object.annotations'
local unused = require 'lib.object.unused'

local M = {
  -- What a rule that asks here must list in `reads`.
  READS = { 'networking.k8s.io/v1/IngressClass', 'configuration.konghq.com/v1alpha1/IngressClassParameters' },
}

local CLASS = 'networking.k8s.io/v1/IngressClass'
local PARAMETERS = 'configuration.konghq.com/v1alpha1/IngressClassParameters'
local CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
local DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

function M.own(ctx)
  return ctx:option('ingress_class') or 'kong'
end

-- True when objects without a class are ours too.
function M.is_default(ctx)
  local object = ctx:lookup(CLASS, '', M.own(ctx))
  return object ~= nil and annotations.of(object)[DEFAULT_ANNOTATION] == 'true'
end

-- Ingress: the annotation goes before the field.
function M.takes_ingress(ctx, ingress)
  local annotated = annotations.of(ingress)[CLASS_ANNOTATION]
  if annotated == '' then annotated = nil end
  local named, own = annotated or ingress.spec and ingress.spec.ingressClassName, M.own(ctx)
  if named == own or (named == nil and M.is_default(ctx)) then return true end
  return unused.of_class(ctx, ingress, named, own, 'spec.ingressClassName: ' .. own)
end

-- Every other kind with a class has it in the annotation only.
function M.takes(ctx, object)
  local annotated, own = annotations.of(object)[CLASS_ANNOTATION], M.own(ctx)
  if annotated == '' then annotated = nil end
  if annotated == own or (annotated == nil and M.is_default(ctx)) then return true end
  return unused.of_class(ctx, object, annotated, own, 'the annotation ' .. CLASS_ANNOTATION .. ': ' .. own)
end

local NO_PARAMETERS = {}

-- The spec of our class's IngressClassParameters ({} without), and the object.
function M.parameters(ctx)
  local object = ctx:lookup(CLASS, '', M.own(ctx))
  local reference = object and object.spec and object.spec.parameters
  if not reference or reference.apiGroup ~= 'configuration.konghq.com' or reference.kind ~= 'IngressClassParameters'
    or not reference.scope or not reference.namespace then
    return NO_PARAMETERS
  end

  local parameters = ctx:lookup(PARAMETERS, reference.namespace, reference.name)
  return parameters and parameters.spec or NO_PARAMETERS, parameters
end

return M
