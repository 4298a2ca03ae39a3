-- Annotations of an Ingress that mean something elsewhere, or almost something here, and so nothing.
local annotations = require 'lib.object.annotations'

local M = {}

local NGINX = 'nginx.ingress.kubernetes.io/'

-- What does here what an annotation of ingress-nginx does there.
local INSTEAD = {
  ['affinity'] = 'a KongUpstreamPolicy', ['app-root'] = 'the plugin redirect', ['auth-secret'] = 'the plugin basic-auth',
  ['auth-type'] = 'the plugin basic-auth', ['backend-protocol'] = 'konghq.com/protocol of the Service',
  ['canary'] = 'weights of an HTTPRoute', ['denylist-source-range'] = 'the plugin ip-restriction', ['enable-cors'] = 'the plugin cors',
  ['force-ssl-redirect'] = 'konghq.com/protocols: https', ['limit-rpm'] = 'the plugin rate-limiting',
  ['limit-rps'] = 'the plugin rate-limiting', ['permanent-redirect'] = 'the plugin redirect',
  ['proxy-body-size'] = 'the plugin request-size-limiting', ['proxy-connect-timeout'] = 'konghq.com/connect-timeout of the Service',
  ['proxy-read-timeout'] = 'konghq.com/read-timeout of the Service', ['proxy-send-timeout'] = 'konghq.com/write-timeout of the Service',
  ['rewrite-target'] = 'konghq.com/rewrite', ['server-alias'] = 'konghq.com/host-aliases', ['ssl-redirect'] = 'konghq.com/protocols: https',
  ['temporal-redirect'] = 'the plugin redirect', ['upstream-hash-by'] = 'a KongUpstreamPolicy',
  ['upstream-vhost'] = 'konghq.com/host-header of the Service', ['use-regex'] = 'pathType ImplementationSpecific and paths like /~/a.*',
  ['whitelist-source-range'] = 'the plugin ip-restriction',
}

-- What is read of an Ingress or its Services; a name that differs in case, hyphens or a plural was meant for one of them.
local KNOWN = {}
local MEANT = {}

local function folded(name)
  return (string.gsub(string.gsub(string.lower(name), '[-_]', ''), 's$', ''))
end

for name in string.gmatch([[plugins protocol protocols path retries connect-timeout read-timeout write-timeout methods snis strip-path
  preserve-host https-redirect-status-code request-buffering response-buffering regex-priority regex-prefix path-handling host-header
  host-aliases override rewrite tags headers-separator client-cert ca-certificates-configmaps ca-certificates-secrets tls-verify
  tls-verify-depth upstream-policy]], '%S+') do
  KNOWN[annotations.PREFIX .. name] = true
  MEANT[folded(name)] = name
end

-- What is to be said of one annotation; nil for nothing.
local function judge(key)
  if KNOWN[key] then return nil end

  local nginx = string.sub(key, 1, #NGINX) == NGINX and string.sub(key, #NGINX + 1)
  if nginx then return key .. ' is not read' .. (INSTEAD[nginx] and ' (' .. INSTEAD[nginx] .. ' does that)' or '') end
  local own = string.sub(key, 1, #annotations.PREFIX) == annotations.PREFIX and string.sub(key, #annotations.PREFIX + 1)
  local meant = own and MEANT[folded(own)]
  return meant and string.format('%s is not read: is %s%s meant?', key, annotations.PREFIX, meant) or nil
end

-- One problem of the object names them all.
function M.tell(ctx, object)
  local found
  for key in pairs(annotations.of(object)) do
    local text = judge(key)
    if text then
      found = found or {}
      found[#found + 1] = text
    end
  end
  if not found then return end
  table.sort(found)
  ctx:problem(object, 'UnreadAnnotation', table.concat(found, '; '))
end

return M
