-- TCPRoutes as Kong Ingress Controller translates them.
return require('lib.kic.stream_routes').override('TCPRoute')
