-- ConfigMaps with the label konghq.com/ca-cert are CA certificates.
return require('lib.tls.ca_certificates').rule('v1/ConfigMap')
