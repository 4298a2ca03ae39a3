-- TCPRoutes as Kong Ingress Controller translates them.
return require('lib.kic_stream_routes').override('TCPRoute')
