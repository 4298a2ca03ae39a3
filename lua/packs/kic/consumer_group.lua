-- KIC makes a group for each KongConsumerGroup of one name; a gateway refuses them, so we list them offline only.
return {
  api = 1,
  extends = 'consumer_group',

  listed = function(super, ctx, contributions)
    return ctx:option('offline') and contributions or super(ctx, contributions)
  end,
}
