-- Types of custom entities: which may be used, and what their foreign fields refer to.
local host = require 'host'

local M = {}

local ROOT_ID = 'fd02801f-0957-4a15-a55a-c8d9606f30b5' -- see kong/kind.h
local NAME_LENGTH = 64

-- What has objects of its own.
local KNOWN = {
  acls = true, basicauth_credentials = true, ca_certificates = true, certificates = true, consumer_group_consumers = true,
  consumer_groups = true, consumers = true, groups = true, hmacauth_credentials = true, jwt_secrets = true, jwts = true,
  keyauth_credentials = true, licenses = true, mtls_auth_credentials = true, oauth2 = true, oauth2_credentials = true, plugins = true,
  routes = true, services = true, snis = true, targets = true, upstreams = true, vaults = true,
}

-- Who may create objects in a namespace does not get to administer the gateway by that.
local ADMINISTRATION = {
  admins = true, audit_objects = true, audit_requests = true, cluster_events = true, clustering_data_planes = true,
  clustering_rpc_requests = true, consumer_reset_secrets = true, credentials = true, developers = true, event_hooks = true,
  files = true, group_rbac_roles = true, keyring_keys = true, keyring_meta = true, locks = true, login_attempts = true,
  parameters = true, schema_meta = true, tags = true, workspace_entities = true, workspace_entity_counters = true, workspaces = true,
}

-- What a gateway's schemas say, for when none can be asked.
local REFERENCES = {
  degraphql_routes = { service = 'services' },
  filter_chains = { route = 'routes', service = 'services' },
  graphql_ratelimiting_advanced_cost_decoration = { service = 'services' },
  header_cert_auth_credentials = { ca_certificate = 'ca_certificates', consumer = 'consumers' },
  key_sets = {},
  keys = { set = 'key_sets' },
}

--- Nil, or why no entity of the type can be had.
function M.refusal(kind)
  if KNOWN[kind] then
    return ('cannot use known entity type %s in custom entity'):format(kind)
  end
  if ADMINISTRATION[kind] or kind:find('^rbac_') then
    return ('entities of type %s administer the gateway: they cannot be custom entities'):format(kind)
  end
  if kind:find('[^a-z0-9_]') or kind == '' or #kind > NAME_LENGTH then
    return ('"%s" is not the name of an entity type'):format(kind)
  end
  return nil
end

--- { field = what it refers to }; nil when the gateway has not said yet.
function M.references(ctx, kind)
  local told = ctx:option('custom_types.' .. kind) or REFERENCES[kind]
  if told or not ctx:option('offline') then
    return told
  end
  return {}
end

--- True for references to what other objects make: only parentRef leads there.
function M.is_known(reference)
  return KNOWN[reference] == true
end

--- The id that an entity without an explicit one gets.
function M.id(ctx, kind, name)
  local workspace = ctx:option('workspace')
  local prefix = workspace and workspace ~= '' and workspace .. '/' or ''
  return host.uuid5(host.uuid5(ROOT_ID, 'custom'), prefix .. kind .. '/' .. name)
end

return M
