-- Topic: Kong services that routes of an Ingress use, by name.
return { api = 1, shared = 'http_backend' }
