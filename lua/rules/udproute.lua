-- UDPRoutes: what arrives at the ports of the Gateway's UDP listeners.
local M = require('lib.stream.routes').new { kind = 'UDPRoute', prefix = 'udproute', protocol = 'udp', listener = 'UDP' }

function M:rule_refusal(ctx, route, rule)
  return #(rule.backendRefs or {}) == 0 and 'no backendRefs in rule' or nil
end

return M
