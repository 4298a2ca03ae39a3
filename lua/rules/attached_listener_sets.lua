-- Topic: which ListenerSets a Gateway has taken (key: namespace/name), for the Gateway's status.
return { api = 1, shared = 'attached_listener_sets' }
