-- Topic: Gateways that may be ours (key: 'all'); whose contribution it is says which.
return { api = 1, shared = 'known_gateways' }
