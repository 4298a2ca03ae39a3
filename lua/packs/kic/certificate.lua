-- The id of a certificate is its Secret's uid for KIC, even where files have none.
return {
  api = 1,
  extends = 'certificate',

  id = function(super, ctx, oldest)
    return super(ctx, oldest) or (ctx:option('offline') and '' or nil)
  end,
}
