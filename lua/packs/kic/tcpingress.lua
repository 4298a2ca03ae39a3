-- TCPIngresses as Kong Ingress Controller translates them.
return require('lib.kic_stream_ingress').override 'TCPIngress'
