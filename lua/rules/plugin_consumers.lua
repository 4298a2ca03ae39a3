-- Who else is bound to a plugin: its consumers.
return { api = 1, shared = 'plugin_consumers' }
