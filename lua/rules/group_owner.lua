-- Which KongConsumerGroup a consumer group's name belongs to.
return { api = 1, shared = 'group_owner' }
