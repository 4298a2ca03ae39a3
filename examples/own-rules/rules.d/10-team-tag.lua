-- Every route of an Ingress carries the team that owns it.
return {
  api = 1,
  extends = 'networking.k8s.io/v1/Ingress',

  route = function(super, ctx, ingress, group, context)
    local route = super(ctx, ingress, group, context)
    local team = (ingress.metadata.labels or {}).team
    if route and team then
      route.tags = route.tags or {}
      table.insert(route.tags, 'team:' .. team)
    end
    return route
  end,
}
