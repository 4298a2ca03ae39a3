-- Topic: the listeners of a Gateway or ListenerSet, for routes and sets; see lib/listener/facts.lua for the keys.
return { api = 1, shared = 'gateway_listener' }
