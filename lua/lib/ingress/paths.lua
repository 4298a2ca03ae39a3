-- Which paths of an Ingress can be had, and which do not mean what they look like.
local paths = require 'lib.text.paths'
local regexes = require 'lib.text.regexes'

local M = {}

function M.is_empty(ingress)
  for _, rule in ipairs(ingress.spec.rules or {}) do
    if rule.http and #(rule.http.paths or {}) > 0 then return false end
  end
  return not ingress.spec.defaultBackend and not ingress.spec.tls
end

-- Rules take this as their step `path_fault`: why a path can't be had; nil when it can.
function M.fault(_, ctx, path, options)
  local regex = paths.regex_of(path.path, path.type, options)
  return regex and regexes.fault(ctx, regex)
end

local SIGNS = { '%.[*+]', '%(%?', '%([^)]*[|*+][^)]*%)', '%[[^%]]+%]', '\\%a', '^/~', '^%^', '%$$' }

-- Rules take this as their step `looks_like_regex`: nobody writes paths like that but for a regular expression.
function M.looks_like_regex(_, _, path)
  for _, sign in ipairs(SIGNS) do
    if string.find(path.path or '', sign) then return true end
  end
  return false
end

local function hint(rule, ctx, ingress, path, options)
  if not rule:looks_like_regex(ctx, path) or paths.regex_of(path.path, path.type, options) then return end
  local remedy = (path.type == 'Prefix' or path.type == 'Exact') and 'only paths of type ImplementationSpecific are regular expressions'
    or 'regular expressions begin with /~'
  ctx:problem(ingress, 'LiteralPath', string.format('path %s of type %s looks like a regular expression and is taken as it stands: %s',
    path.path, path.type or 'ImplementationSpecific', remedy))
end

-- Whether a path can be had.
local function judge(rule, ctx, ingress, path, context)
  local why = rule:path_fault(ctx, path, context)
  if why then
    ctx:problem(ingress, 'InvalidPath', string.format('path %s: %s', path.path, why))
    return false
  end
  hint(rule, ctx, ingress, path, context)
  return true
end

-- A path that can't be had costs itself; a group that has no other is left out.
function M.usable(rule, ctx, ingress, groups, context)
  local usable = {}
  for _, group in ipairs(groups) do
    for i = #group.paths, 1, -1 do
      local path = group.paths[i]
      -- what has no character of its own in expressions is as good as one and as another
      if string.find(path.path or '', '[^%w/_.-]') and not judge(rule, ctx, ingress, path, context) then table.remove(group.paths, i) end
    end
    if #group.paths > 0 then usable[#usable + 1] = group end
  end
  return usable
end

return M
