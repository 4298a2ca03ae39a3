-- Topic: what is known of a Gateway (key: namespace/name), for its routes and ListenerSets; see lib/listener/facts.lua.
return { api = 1, shared = 'parent_gateway' }
