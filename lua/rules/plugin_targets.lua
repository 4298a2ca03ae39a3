-- Who else is bound to a plugin: its routes and services.
return { api = 1, shared = 'plugin_targets' }
