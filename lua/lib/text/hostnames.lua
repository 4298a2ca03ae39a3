-- Which texts are host names, for routes and for server name indication.
local M = {}

-- Letters, digits and inner hyphens, in labels joined by dots.
function M.is_sni(text)
  if text == '' or string.find(text, '[^%w%.%-]') then return false end
  for label in string.gmatch(text .. '.', '([^.]*)%.') do
    if label == '' or string.find(label, '^%-') or string.find(label, '%-$') then return false end
  end
  return true
end

local function without_wildcards(text)
  text = string.gsub(text, '^%*%.', '')
  return (string.gsub(text, '%.%*$', ''))
end

-- A name that may begin with '*.' or end with '.*'.
function M.is_host(text)
  return M.is_sni(without_wildcards(text))
end

-- Kong Ingress Controller's own notion: two hyphens in a row (as in xn--…) are no name.
function M.is_narrow_sni(text)
  return M.is_sni(text) and not string.find(text, '--', 1, true)
end

function M.is_narrow_host(text)
  return M.is_narrow_sni(without_wildcards(text))
end

function M.is_method(text)
  return string.find(text, '^[A-Z]+$') ~= nil
end

return M
