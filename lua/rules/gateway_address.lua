-- Topic: the addresses of a Gateway (key: namespace/name), for its routes and its status.
return { api = 1, shared = 'gateway_address' }
