-- Topic: the ListenerSets (key: namespace/name) that a Gateway lets in, for these.
return { api = 1, shared = 'allowed_listener_sets' }
