-- Manifests for specs with the whole program: objects as text, and folders of them that change in one step.
local json = require 'cjson'

local objects = require 'spec.support.objects'
local pem = require 'spec.support.pem'
local shell = require 'spec.support.shell'

local manifests = {}

local KONG = 'configuration.konghq.com/'

local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

local function base64(text)
  local encoded = text:gsub('..?.?', function(three)
    local a, b, c = three:byte(1, 3)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    local digits = {}
    for index = 0, #three do
      local digit = bits >> (18 - 6 * index) & 63
      digits[index + 1] = ALPHABET:sub(digit + 1, digit + 1)
    end
    return table.concat(digits) .. ('='):rep(3 - #three)
  end)
  return encoded
end

local function secret_data(values)
  local data = {}
  for key, value in pairs(values) do data[key] = base64(value) end
  return data
end

-- Documents; JSON is YAML, less the escaped slashes of cjson.
function manifests.text(list)
  local parts = {}
  for index, object in ipairs(list) do
    parts[index] = type(object) == 'string' and object or json.encode(object):gsub('\\/', '/')
  end
  return table.concat(parts, '\n---\n') .. '\n'
end

-- Writes a file of a folder so that a watcher sees it whole.
function manifests.write(folder, name, list)
  local path = folder .. '/' .. name
  shell.write(path .. '.part', type(list) == 'string' and list or manifests.text(list))
  assert(os.rename(path .. '.part', path))
  return path
end

function manifests.remove(folder, name)
  assert(os.remove(folder .. '/' .. name))
end

function manifests.class()
  local class = objects.object('networking.k8s.io/v1', 'IngressClass', nil, 'kong')
  class.spec = { controller = 'ingress-controllers.konghq.com/kong' }
  return class
end

-- Service, EndpointSlice and Ingress under one name. Options: host, path, annotations, addresses, service_annotations.
function manifests.set(namespace, name, options)
  options = options or {}
  local host = options.host or name .. '.example.net'
  local more = { annotations = { ['konghq.com/strip-path'] = 'true' } }
  for key, value in pairs(options.annotations or {}) do more.annotations[key] = value end
  return {
    objects.service(namespace, name, { annotations = options.service_annotations }),
    objects.slice(namespace, name, options.addresses or { '198.51.100.7' }),
    objects.ingress(namespace, name, host, { { options.path or '/' .. name, 'Prefix', name } }, more),
  }
end

-- What one set becomes in Kong.
function manifests.route_name(namespace, name, host)
  return ('%s.%s.%s.%s.80'):format(namespace, name, name, host or name .. '.example.net')
end

function manifests.sets(namespace, prefix, count, options)
  local list = {}
  for index = 1, count do
    local set = manifests.set(namespace, prefix .. index, options)
    table.move(set, 1, #set, #list + 1, list)
  end
  return list
end

function manifests.plugin(namespace, name, plugin, config)
  local made = objects.object(KONG .. 'v1', 'KongPlugin', namespace, name)
  made.plugin, made.config = plugin, config
  return made
end

function manifests.consumer(namespace, username, credentials)
  local made = objects.object(KONG .. 'v1', 'KongConsumer', namespace, username,
    { annotations = { ['kubernetes.io/ingress.class'] = 'kong' } })
  made.username, made.credentials = username, credentials
  return made
end

-- A Secret with a credential of a kind, such as 'key-auth'.
function manifests.credential(namespace, name, kind, data)
  local made = objects.object('v1', 'Secret', namespace, name, { labels = { ['konghq.com/credential'] = kind } })
  made.data = secret_data(data)
  return made
end

function manifests.tls(namespace, name, cert, key)
  local made = objects.object('v1', 'Secret', namespace, name)
  made.metadata.uid = ('00000000-0000-4000-8000-%012x'):format(#namespace * 1000 + #name) -- it becomes an id in Kong
  made.type = 'kubernetes.io/tls'
  made.data = secret_data { ['tls.crt'] = cert or pem.cert, ['tls.key'] = key or pem.key }
  return made
end

return manifests
