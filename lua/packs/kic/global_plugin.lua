-- Of two global plugins of one type KIC applies none.
return {
  api = 1,
  extends = 'global_plugin',

  choose = function(_, ctx, contributions)
    if #contributions == 1 then
      return contributions[1]
    end
    for _, contribution in ipairs(contributions) do
      ctx:problem(contribution.from, 'PluginConflict',
        ("several global KongClusterPlugins for '%s': none is applied"):format(contribution.data.fields.name))
    end
    return nil
  end,
}
