-- Topic: routes by the Service that they lead to and the Gateway that they are attached to (key: see lib/route/status.lua), for policies.
return { api = 1, shared = 'service_gateways' }
