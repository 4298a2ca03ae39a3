-- Topic: routes by the listener that they are attached to (key: as in rules/listener_status.lua), each once, to be counted.
return { api = 1, shared = 'attached_routes' }
