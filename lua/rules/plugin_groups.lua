-- Who else is bound to a plugin: its consumer groups.
return { api = 1, shared = 'plugin_groups' }
