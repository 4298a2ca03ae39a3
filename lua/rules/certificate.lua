-- A Kong certificate; the key is its natural key, so that equal pairs in several Secrets are one certificate.
local M = {
  api = 1,
  shared = 'certificate',
}

-- The oldest Secret gives the id; of equally old ones that with the lower uid.
local function goes_before(left, right)
  local a, b = left.created or '', right.created or ''
  if a ~= b then return a < b end
  return (left.uid or '') < (right.uid or '')
end

-- Nil: it follows from the pair.
function M:id(ctx, oldest)
  return oldest.uid
end

function M:translate(ctx, _, contributions)
  local oldest, about = contributions[1].data, {}
  for i, contribution in ipairs(contributions) do
    if goes_before(contribution.data, oldest) then oldest = contribution.data end
    about[i] = contribution.data.secret
  end
  ctx:emit('certificate', { id = self:id(ctx, oldest), cert = oldest.cert, key = oldest.key }, nil, { about = about })
end

return M
