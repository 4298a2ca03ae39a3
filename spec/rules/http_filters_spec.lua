require 'spec.support.fake_ctx'
local http_filters = require 'lib.http.filters'
local redirects = require 'lib.http.redirects'

-- Runs what a pre-function would run, and returns the answer.
local function answer(plugin, request)
  local status, headers
  local kong = {
    request = {
      get_forwarded_scheme = function() return request.scheme end,
      get_forwarded_host = function() return request.host end,
      get_raw_path = function() return request.path end,
      get_raw_query = function() return request.query or '' end,
    },
    response = { exit = function(code, _, fields) status, headers = code, fields end },
  }
  assert(load(plugin.config.access[1], 'access', 't', { kong = kong, string = string }))()
  return status, headers.Location
end

local function prefix(value)
  return { path = { type = 'PathPrefix', value = value } }
end

describe('a redirect', function()
  it('is left to the plugin where the answer is always the same', function()
    local list = redirects.plugins({ hostname = 'b.com', scheme = 'https', statusCode = 308 }, prefix('/'), { has_plugin = true })

    assert.are.same({ { name = 'redirect', config = { status_code = 308, location = 'https://b.com', keep_incoming_path = true } } }, list)
  end)

  it('writes the port down unless it is the scheme\'s own', function()
    local function location(redirect, scope)
      scope.has_plugin = true
      return redirects.plugins(redirect, prefix('/'), scope)[1].config.location
    end

    assert.are.equal('http://b.com:8080', location({ hostname = 'b.com', port = 8080 }, { scheme = 'http', ports = { http = 80 } }))
    assert.are.equal('https://b.com', location({ hostname = 'b.com', scheme = 'https', port = 443 }, {}))
    assert.are.equal('http://b.com:8000', location({ hostname = 'b.com' }, { scheme = 'http', ports = { http = 8000 } }))
    assert.are.equal('https://a.com/full', location(
      { scheme = 'https', path = { type = 'ReplaceFullPath', replaceFullPath = '/full' } }, { host = 'a.com', ports = { http = 8000 } }))
  end)

  it('keeps the host, the query and what follows the prefix of each request', function()
    local list = redirects.plugins(
      { path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/new/' }, statusCode = 307 }, prefix('/old/'),
      { has_plugin = true, ports = { http = 80 } })

    local status, location = answer(list[1], { scheme = 'http', host = 'x.org', path = '/old/a', query = 'q=1' })
    assert.are.equal(307, status)
    assert.are.equal('http://x.org/new/a?q=1', location)
    assert.are.equal('http://x.org/new', select(2, answer(list[1], { scheme = 'http', host = 'x.org', path = '/old' })))
  end)

  it('makes a root of a prefix that is replaced with nothing', function()
    local list = redirects.plugins({ path = { type = 'ReplacePrefixMatch', replacePrefixMatch = '/' } }, prefix('/old'), {})

    assert.are.equal('http://x.org/', select(2, answer(list[1], { scheme = 'http', host = 'x.org', path = '/old' })))
    assert.are.equal('http://x.org/b', select(2, answer(list[1], { scheme = 'http', host = 'x.org', path = '/old/b' })))
  end)

  it('names the listener\'s port where the scheme stays', function()
    local list = redirects.plugins({ hostname = 'b.com' }, prefix('/'), { ports = { http = 8080, https = 8443 } })

    assert.are.equal('https://b.com:8443/p', select(2, answer(list[1], { scheme = 'https', host = 'x.org', path = '/p' })))
  end)

  it('cannot smuggle code into Kong', function()
    local nasty = 'b.com" .. error("owned") .. "\n'
    local list = redirects.plugins({ hostname = nasty }, prefix('/'), {})

    assert.are.equal('http://' .. nasty .. '/p', select(2, answer(list[1], { scheme = 'http', host = 'x.org', path = '/p' })))
  end)

  it('is as Kong Ingress Controller makes it for the pack', function()
    local function plain(redirect) return redirects.plain(redirect).config end

    assert.are.same({ status_code = 302, location = 'http://example.org', keep_incoming_path = true }, plain {
      statusCode = 302, hostname = 'example.org',
    })
    assert.are.same({ status_code = 301, location = 'https://example.org:8443/new', keep_incoming_path = false }, plain {
      statusCode = 301, scheme = 'https', hostname = 'example.org', port = 8443,
      path = { type = 'ReplaceFullPath', replaceFullPath = '/new' },
    })
    assert.are.same({ status_code = 302, location = '/', keep_incoming_path = true }, plain { statusCode = 302, scheme = 'https' })
  end)
end)

describe('filters', function()
  it('rewrite the matched prefix with what was captured', function()
    local cases = {
      { nil, '/a', '/' },
      { '/', '/', '$(uri_captures[1] == nil and "/" or "/" .. uri_captures[1])' },
      { '/', '/old', '$(uri_captures[1] == nil and "/" or uri_captures[1])' },
      { '/new', '/', '/new$(uri_captures[1] == nil and "" or "/" .. uri_captures[1])' },
      { '/new/', '/old', '/new$(uri_captures[1])' },
    }
    for _, case in ipairs(cases) do assert.are.equal(case[3], http_filters.replaced_prefix(case[1], case[2])) end
  end)

  it('become one transformer where there are several', function()
    local merged = http_filters.merge {
      { name = 'request-transformer', config = { replace = { uri = '/a' } } },
      { name = 'cors', config = {} },
      { name = 'request-transformer', config = { replace = { uri = '/b', headers = { 'x:1' } }, remove = { headers = { 'y' } } } },
    }

    assert.are.same({
      { name = 'request-transformer', config = { replace = { uri = '/a', headers = { 'x:1' } }, remove = { headers = { 'y' } } } },
      { name = 'cors', config = {} },
    }, merged)
  end)

  it('hand a user\'s text on as it is, not as a template', function()
    assert.are.equal('a$("$")(b)', http_filters.literal('a$(b)'))
    assert.are.equal(' $("#")x', http_filters.literal(' #x'))
    assert.are.equal('plain', http_filters.literal('plain'))
  end)

  it('say in answers to preflight requests what the plugin cors leaves out', function()
    local _, any = http_filters.cors_plugins { allowOrigins = { '*' }, allowMethods = { '*' }, exposeHeaders = { 'x-a', 'x-b' } }
    local _, none = http_filters.cors_plugins { allowOrigins = { '*' }, allowMethods = { 'GET' } }

    local script = any.config.header_filter[1]
    assert.is_truthy(load(script))
    assert.is_truthy(script:find('"Access-Control-Allow-Methods", method', 1, true))
    assert.is_truthy(script:find('"Access-Control-Expose-Headers", "x-a, x-b"', 1, true))
    assert.is_nil(none)
  end)

  it('turn wildcard origins into regular expressions', function()
    local config = http_filters.cors_config {
      allowOrigins = { 'https://a.com', 'https://*.b.com', '*' }, allowMethods = { 'GET', 'PURGE' }, allowHeaders = { '*' }, maxAge = 5,
    }

    assert.are.same({ 'https://a.com', '^https://[^/]+\\.b\\.com$', '*' }, config.origins)
    assert.are.same({ 'GET' }, config.methods)
    assert.is_nil(config.headers)
    assert.are.equal(5, config.max_age)
  end)
end)
