-- TCPRoutes: what arrives at the ports of the Gateway's TCP listeners.
return require('lib.stream.routes').new { kind = 'TCPRoute', prefix = 'tcproute', protocol = 'tcp', listener = 'TCP' }
