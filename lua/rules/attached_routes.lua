-- Topic: which routes are attached to which listeners of a Gateway (key: namespace/name), for the Gateway's status.
return { api = 1, shared = 'attached_routes' }
