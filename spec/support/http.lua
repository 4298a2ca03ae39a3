-- One HTTP request by curl.
local json = require 'cjson'
local shell = require 'spec.support.shell'

local http = {}

-- Gives status and text; status 0 when nobody answers. `body` is a table, which becomes JSON, or text.
function http.request(method, url, body)
  local line = { 'curl', '-sS', '-g', '--max-time', '60', '-X', method, '-w', '\n%{http_code}', url }
  if body then
    table.move({ '-H', 'Content-Type: application/json', '--data-binary', '@-' }, 1, 4, #line + 1, line)
    body = type(body) == 'table' and json.encode(body) or body
  end
  local output = shell.run(line, body)
  if not output then return 0, '' end
  local text, status = output:match('^(.*)\n(%d+)$')
  return tonumber(status), text
end

-- The JSON of an answer that must be good.
function http.json(method, url, body)
  local status, text = http.request(method, url, body)
  if status < 200 or status > 299 then
    error(('%s %s: %d %s'):format(method, url, status, text), 2)
  end
  return text ~= '' and json.decode(text) or nil
end

return http
