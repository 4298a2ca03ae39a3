-- TCPIngresses as Kong Ingress Controller translates them.
return require('lib.kic.stream_ingress').override 'TCPIngress'
