-- Why an object comes to nothing, for those who ask (--tell-unused): in a cluster most such objects are simply somebody else's.
local M = {}

function M.is_asked(ctx)
  return ctx:option('tell_unused') == true
end

function M.tell(ctx, object, text)
  if M.is_asked(ctx) then ctx:problem(object, 'Unused', text) end
end

-- `named`: the class that the object names, or nil. Returns false, for the one who asked.
function M.of_class(ctx, object, named, own, field)
  if named and named ~= '' then
    M.tell(ctx, object, string.format('it is of the class %s, not of %s', named, own))
  else
    M.tell(ctx, object, string.format('it has no class, and %s is not the default one: set %s', own, field))
  end
  return false
end

return M
