-- The Kong service keeps its name even where an Ingress has one like it, and takes it over.
return {
  api = 1,
  extends = 'tcp_route',

  service_name = function(_, _, name) return name end,
}
