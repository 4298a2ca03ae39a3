-- What the gateway refuses takes along what depends on it.
return require('lib.kic.fallback').override('configuration.konghq.com/v1beta1/UDPIngress')
