-- What the gateway refuses takes along what depends on it.
return require('lib.kic.fallback').override('gateway.networking.k8s.io/v1alpha2/TCPRoute')
