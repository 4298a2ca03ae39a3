-- Kong Ingress Controller has the same addresses for every Gateway.
return {
  api = 1,
  extends = 'gateway_addresses',

  gateways = function() return {} end,
}
