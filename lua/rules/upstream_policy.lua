-- What the status of a KongUpstreamPolicy says of the Services that use it; the key is namespace/name. What a policy does to upstreams
-- stands in rules/upstream.lua. Contributions: { kind, namespace, name, accepted }.
local POLICY = 'configuration.konghq.com/v1beta1/KongUpstreamPolicy'
local GROUPS = { Service = 'core', KongServiceFacade = 'incubator.ingress-controller.konghq.com' }
local MOST_ANCESTORS = 16

local M = {
  api = 1,
  shared = 'upstream_policy',
  reads = { POLICY },
}

-- One entry for each user, refused when it is refused anywhere.
local function users_of(contributions)
  local users, by_key = {}, {}
  for _, contribution in ipairs(contributions) do
    local data = contribution.data
    local key = data.kind .. '/' .. data.namespace .. '/' .. data.name
    local user = by_key[key]
    if not user then
      user = { key = key, kind = data.kind, namespace = data.namespace, name = data.name, accepted = true }
      by_key[key] = user
      users[#users + 1] = user
    end
    user.accepted = user.accepted and data.accepted
  end
  return users
end

function M:translate(ctx, key, contributions)
  local namespace, name = string.match(key, '^([^/]*)/(.*)$')
  local policy = ctx:lookup(POLICY, namespace, name)
  if not policy then return end

  for i, user in ipairs(users_of(contributions)) do
    if i > MOST_ANCESTORS then break end
    ctx:condition(policy, {
      type = 'Accepted', status = user.accepted and 'True' or 'False', reason = user.accepted and 'Accepted' or 'Conflicted', message = '',
      subject = user.key,
      detail = { ancestorRef = { group = GROUPS[user.kind], kind = user.kind, namespace = user.namespace, name = user.name } },
    })
  end
end

return M
