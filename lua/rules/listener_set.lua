-- Topic: which Gateway a ListenerSet (key: namespace/name) belongs to, for routes.
return { api = 1, shared = 'listener_set' }
