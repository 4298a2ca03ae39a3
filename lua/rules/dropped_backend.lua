-- Kong services that are wanted but not made, by name; only Kong Ingress Controller asks.
return { api = 1, shared = 'dropped_backend' }
