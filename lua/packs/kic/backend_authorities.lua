-- Kong Ingress Controller uses only CA certificates that have an id.
return {
  api = 1,
  extends = 'backend',

  authorities = function() return nil, "missing 'id' field in data" end,
}
