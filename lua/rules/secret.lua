-- Secrets with the label konghq.com/ca-cert are CA certificates; all others are looked up by those who name them.
return require('lib.tls.ca_certificates').rule('v1/Secret')
