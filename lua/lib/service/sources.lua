-- The objects whose values a Kong service, an upstream or a target is put together from: who hears when a gateway refuses it.
local annotations = require 'lib.object.annotations'

local M = {}

local function add_referred(ctx, about, service, references)
  for _, reference in ipairs(references) do
    local annotation, kind = reference[1], reference[2]
    for _, name in ipairs(annotations.list(annotations.get(service, annotation))) do
      about[#about + 1] = ctx:lookup(kind, service.metadata.namespace, name)
    end
  end
end

-- `entries`: list of { service, facade, tls_policy }; `references`: list of { annotation, kind } of the objects that a Service names;
-- `says(service)`: whether the Service itself has a value in the entity; without it, each has. Those that are referred to come first.
-- Nil without any.
function M.of(ctx, entries, references, says)
  local about = {}
  for _, entry in ipairs(entries) do
    add_referred(ctx, about, entry.service, references)
    about[#about + 1] = entry.tls_policy
  end
  for _, entry in ipairs(entries) do
    if not says or says(entry.service) then about[#about + 1] = entry.facade or entry.service end
  end
  return #about > 0 and about or nil
end

return M
