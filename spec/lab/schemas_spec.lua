-- What objects from files are checked by is what an API server serves, and judges as one does.
local lab = require 'spec.support.lab'
local program = require 'spec.support.program'
local schemas = require 'spec.support.schemas'
local shell = require 'spec.support.shell'

local function manifest(api_version, kind, body)
  return ('apiVersion: %s\nkind: %s\nmetadata: { name: sample, namespace: default }\n%s\n'):format(api_version, kind, body)
end

local NETWORKING, GATEWAY = 'networking.k8s.io/v1', 'gateway.networking.k8s.io/v1'
local PATHS = 'spec: { rules: [{ host: %s, http: { paths: [{ path: %s, pathType: %s, backend: { service: { name: w, port: %s } } }] } }] }'

local function ingress(host, path, path_type, port)
  return manifest(NETWORKING, 'Ingress', PATHS:format(host, path, path_type, port))
end

-- Each is taken by both or refused by both.
local OBJECTS = {
  ingress('a.b', '/', 'Prefix', '{ number: 80 }'), ingress('"*.a.b"', '/', 'Exact', '{ name: http }'),
  ingress('a.b', '/', 'Prefix', '80'), ingress('a.b', '/', 'Prefix', '{ number: "80" }'), ingress('a.b', '/', 'prefix', '{ number: 80 }'),
  ingress('a.b', 'api', 'Prefix', '{ number: 80 }'), ingress('A.b', '/', 'Prefix', '{ number: 80 }'),
  ingress('a.b', '/', 'Prefix', '{ number: 70000 }'), ingress('a.b', '/', 'Prefix', '{ number: 80.5 }'), ingress('7', '/', 'Prefix', '{}'),
  manifest(NETWORKING, 'Ingress', 'spec: { rules: { host: a.b } }'),
  manifest(NETWORKING, 'Ingress', 'spec: { rules: null, defaultBackend: { service: { name: w, port: { number: 80 } } } }'),
  manifest(NETWORKING, 'Ingress', 'spec: { rules: [{ http: { paths: [{ pathType: Prefix, path: / }] } }] }'),
  manifest('v1', 'Service', 'spec: { ports: [{ port: 80 }] }'), manifest('v1', 'Service', 'spec: { ports: [{ port: 0 }] }'),
  manifest('v1', 'Service', 'spec: { ports: [{ name: http }] }'), manifest('v1', 'Service', 'spec: { ports: [{ port: 80, protocol: HTTP }] }'),
  manifest('v1', 'Service', 'spec: { ports: [{ port: 80 }], type: Cluster }'), manifest('v1', 'Service', 'spec: { ports: { port: 80 } }'),
  manifest('v1', 'Secret', 'data: { key: eA== }'), manifest('v1', 'Secret', 'data: { key: "***" }'),
  manifest('v1', 'Secret', 'stringData: { key: 5 }'), manifest('v1', 'ConfigMap', 'data: { key: [] }'),
  manifest('discovery.k8s.io/v1', 'EndpointSlice', 'addressType: IPv4\nendpoints: [{ addresses: [192.0.2.1] }]\nports: []'),
  manifest('discovery.k8s.io/v1', 'EndpointSlice', 'addressType: IPv4\nendpoints: [{ addresses: [] }]\nports: []'),
  manifest(GATEWAY, 'HTTPRoute', 'spec: { hostnames: [a.b], rules: [{ backendRefs: [{ name: w, port: 80 }] }] }'),
  manifest(GATEWAY, 'HTTPRoute', 'spec: { hostnames: a.b }'), manifest(GATEWAY, 'HTTPRoute', 'spec: { hostnames: [A.b] }'),
  manifest(GATEWAY, 'HTTPRoute', 'spec: { rules: [{ matches: [{ path: { type: prefix, value: / } }] }] }'),
  manifest(GATEWAY, 'HTTPRoute', 'spec: { rules: [{ backendRefs: [{ name: w, port: 80, weight: -1 }] }] }'),
  manifest(GATEWAY, 'HTTPRoute', 'spec: { rules: [{ backendRefs: [{ port: 80 }] }] }'),
  manifest(GATEWAY, 'Gateway', 'spec: { gatewayClassName: kong, listeners: [{ name: a, port: 80, protocol: HTTP }] }'),
  manifest(GATEWAY, 'Gateway', 'spec: { gatewayClassName: kong, listeners: [{ name: a, port: 70000, protocol: HTTP }] }'),
  manifest(GATEWAY, 'Gateway', 'spec: { gatewayClassName: kong }'),
  manifest('configuration.konghq.com/v1', 'KongPlugin', 'plugin: cors'), manifest('configuration.konghq.com/v1', 'KongPlugin', 'config: {}'),
  manifest('configuration.konghq.com/v1', 'KongPlugin', 'plugin: cors\nprotocols: [ftp]'),
  manifest('configuration.konghq.com/v1', 'KongConsumer', 'username: 7'),
  manifest('configuration.konghq.com/v1', 'KongConsumer', 'username: bob\ncredentials: a'),
  (manifest('v1', 'ConfigMap', 'data: {}'):gsub('name: sample', 'name: Sample')),
  (manifest('v1', 'Service', 'spec: { ports: [{ port: 80 }] }'):gsub('name: sample', 'name: a.b')),
  (manifest('v1', 'ConfigMap', 'data: {}'):gsub('name: sample', 'name: sample, labels: { a: "b c" }')),
  (manifest('v1', 'ConfigMap', 'data: {}'):gsub('name: sample', 'name: sample, annotations: { "a b": x }')),
}

describe('schemas of objects', function()
  if lab.skip(pending) then return end

  teardown(lab.stop_all)

  it('are those that an API server serves (./dev schemas makes them again)', function()
    local text = schemas.serve_and_make()

    assert.truthy(text == shell.read(schemas.path), schemas.path .. ' is not current: run ./dev schemas')
  end)

  it('refuse what an API server refuses, and nothing else', function()
    if program.skip(pending) then return end
    local cluster = schemas.serve()
    for _, object in ipairs(OBJECTS) do
      local taken = cluster:apply(object, { dry_run = true })
      local _, complaint = program.run('translate', { '-f', '-' }, object)

      assert.equal(not taken, complaint:find('InvalidObject', 1, true) ~= nil, object .. complaint)
    end
  end)
end)
