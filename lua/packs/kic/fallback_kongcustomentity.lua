-- What the gateway refuses takes along what depends on it.
return require('lib.kic.fallback').override('configuration.konghq.com/v1alpha1/KongCustomEntity')
