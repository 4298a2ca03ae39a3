-- Topic: the Gateways through which a Service is reached (key: namespace/name), for the status of policies that are attached to it.
return { api = 1, shared = 'service_gateways' }
