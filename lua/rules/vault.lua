-- A vault; a key is its prefix, which belongs to the oldest KongVault that asks for it.
local M = {
  api = 1,
  shared = 'vault',
}

function M:choose(ctx, contributions)
  for index = 2, #contributions do
    ctx:problem(contributions[index].from, 'DuplicateEntity', ('spec.prefix "%s" is duplicate'):format(contributions[1].data.fields.prefix))
  end
  return contributions[1]
end

function M:translate(ctx, prefix, contributions)
  local chosen = self:choose(ctx, contributions)
  ctx:emit('vault', chosen.data.fields, {}, { about = chosen.from, step = 'choose' })
end

return M
