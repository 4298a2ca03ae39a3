-- Hosts go to Ingresses first, then to TCPIngresses, then to Gateways; only among those to the older one.
local RANKS = { Ingress = 1, TCPIngress = 2 }

return {
  api = 1,
  extends = 'sni',

  winner = function(_, _, contributions)
    local winner, best
    for _, contribution in ipairs(contributions) do
      local rank = RANKS[contribution.rule] or 3
      if not best or rank < best then winner, best = contribution, rank end
    end
    return winner
  end,
}
