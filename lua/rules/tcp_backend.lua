-- Topic: Kong services that a TCPIngress asks for, by name.
return { api = 1, shared = 'tcp_backend' }
