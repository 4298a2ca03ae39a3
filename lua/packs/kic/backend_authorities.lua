-- Kong Ingress Controller uses only CA certificates that have an id, and sends requests whatever becomes of a policy.
return {
  api = 1,
  extends = 'backend',

  is_void = function() return false end,
  authorities = function() return nil, "missing 'id' field in data" end,
}
