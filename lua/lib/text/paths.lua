-- Paths of Ingress rules as Kong's traditional router wants them: plain ones are prefixes, those with '~' in front are regular expressions.
local M = { REGEX_PREFIX = '/~' }

-- Runs of slashes become one; nothing becomes '/'.
function M.clean(path)
  if not path or path == '' then return '/' end
  return (string.gsub(path, '//+', '/'))
end

-- The text as a regular expression that matches just it.
function M.escape(text)
  return (string.gsub(text, '[%^%$%(%)%.%[%]%*%+%?%{%}%|\\]', '\\%0'))
end

function M.trimmed(path)
  return (string.gsub(string.gsub(path, '^/+', ''), '/+$', ''))
end

local function as_is(text)
  return text
end

-- How a path of a type is matched, before any regular expression prefix is looked at. `escape` treats what goes into an expression.
local function forms(path, path_type, escape)
  if path_type == 'Prefix' then
    local base = M.trimmed(path)
    if base == '' then return { '/' } end
    return { '/' .. base .. '/', '~/' .. escape(base) .. '$' }
  end
  if path_type == 'Exact' then
    return { '~/' .. escape((string.gsub(path, '^/', ''))) .. '$' }
  end
  return { path }
end

local function has_prefix(path, prefix)
  return string.sub(path, 1, #prefix) == prefix
end

local function is_legacy_regex(path)
  return string.find(path, '[^%w%.%-_~/%%]') ~= nil and string.sub(path, 1, 1) ~= '~'
end

-- `options`: regex_prefix (what marks a path as a regular expression), legacy_detection.
-- Only a path of type ImplementationSpecific can be a regular expression; others mean what they say.
function M.traditional(path, path_type, options)
  path = M.clean(path)
  if path_type == 'Prefix' or path_type == 'Exact' then return forms(path, path_type, M.escape) end

  local prefix = options.regex_prefix
  if not prefix or prefix == '' then prefix = M.REGEX_PREFIX end
  if has_prefix(path, prefix) then
    local regex = string.sub(path, #prefix + 1)
    return { '~' .. (regex == '' and '/' or regex) }
  end
  if options.legacy_detection and is_legacy_regex(path) then return { '~' .. path } end
  return { path }
end

-- The regular expression that a path is; nil when it is none.
function M.regex_of(path, path_type, options)
  if path_type == 'Prefix' or path_type == 'Exact' then return nil end
  return string.match(M.traditional(path, path_type, options)[1], '^~(.*)')
end

-- The same as Kong Ingress Controller does it: nothing is escaped, and the prefix is looked for in whatever came out.
function M.traditional_unescaped(path, path_type, options)
  local prefix = options.regex_prefix or M.REGEX_PREFIX
  local list = forms(M.clean(path), path_type, as_is)
  for i, form in ipairs(list) do
    if has_prefix(form, prefix) then
      list[i] = '~' .. string.sub(form, #prefix + 1)
    elseif options.legacy_detection and is_legacy_regex(form) then
      list[i] = '~' .. form
    end
  end
  return list
end

return M
