-- konghq.com/rewrite: a path with $1, $2 … for what the path of the Ingress captured.
local M = {}

-- Returns the template of the request-transformer plugin, or nil and why. Positions count from 0.
function M.template(value)
  if value == '' then return '/' end

  local out, at = {}, 1
  while at <= #value do
    local char = string.sub(value, at, at)
    local following = string.sub(value, at + 1, at + 1)
    if char ~= '$' and char ~= '\\' then
      out[#out + 1] = char
      at = at + 1
    elseif following == '' then
      return nil, 'unexpected end of string'
    elseif char == '$' then
      local digits = string.match(value, '^%d+', at + 1)
      if not digits then return nil, string.format('unexpected %s at pos %d', following, at) end
      out[#out + 1] = '$(uri_captures[' .. digits .. '])'
      at = at + 1 + #digits
    elseif following == '$' then
      out[#out + 1] = '$'
      at = at + 2
    else
      return nil, string.format('unexpected %s at pos %d', following, at)
    end
  end
  return table.concat(out)
end

return M
