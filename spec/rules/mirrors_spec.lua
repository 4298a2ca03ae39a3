local api = require 'spec.support.gateway_api'
local fake_ctx = require 'spec.support.fake_ctx'
local httproute = require 'rules.httproute'
local mirrors = require 'lib.http.mirrors'
local objects = require 'spec.support.objects'

local BACKEND = { kind = 'Service', namespace = 'shop', name = 'copy', port = { number = 80 } }

local function context(addresses)
  return fake_ctx.new {
    rule = httproute,
    objects = { api.service('copy'), objects.slice('shop', 'copy', addresses, { port = 8080, protocol = 'TCP' }) },
  }
end

-- Runs the functions as Kong does, and gives what was sent to whom. `request`: method, uri, headers, body, source (of the answer).
local function sent(functions, request, random)
  local plugin, found = {}, {}
  local socket = {
    settimeouts = function() end, close = function() end, receive = function() return 'HTTP/1.1 200 OK' end,
    connect = function(_, address, port)
      found.to = address .. ' ' .. port
      return true
    end,
    send = function(_, text)
      found.text = text
      return #text
    end,
  }
  local env = {
    ipairs = ipairs, pairs = pairs, type = type, tostring = tostring, table = table,
    math = { random = function(most) return random or most end },
    kong = {
      ctx = { plugin = plugin }, log = { notice = function(...) found.notice = table.concat { ... } end },
      request = {
        get_header = function(name) return request.headers[name:lower()] end,
        get_raw_body = function(most)
          if #request.body > most then return nil, 'too big' end
          return request.body
        end,
      },
      response = { get_source = function() return request.source or 'service' end },
    },
    ngx = {
      var = { upstream_uri = request.uri, upstream_host = '', http_host = 'a.com', upstream_x_forwarded_for = '192.0.2.1' },
      req = { get_method = function() return request.method end, get_headers = function() return request.headers end },
      timer = { at = function(_, run)
        run(false)
        return true
      end },
      socket = { tcp = function() return socket end },
    },
  }
  for _, phase in ipairs { 'access', 'log' } do
    for _, text in ipairs(functions[phase]) do assert(load(text, phase, 't', env))() end
  end
  return found
end

local PUT = {
  method = 'PUT', uri = '/a?q=1', body = 'hello',
  headers = { ['x-own'] = { 'one', 'two' }, connection = 'keep-alive', ['content-length'] = '5' },
}

describe('a mirror', function()
  it('sends what went to the backend to one of the endpoints', function()
    local functions = mirrors.functions(context { '10.0.0.2', '10.0.0.1' }, {}, BACKEND)

    local found = sent(functions, PUT)

    assert.are.equal('10.0.0.2 8080', found.to)
    assert.are.equal('PUT /a?q=1 HTTP/1.1\r\nhost: a.com\r\nx-own: one\r\nx-own: two\r\nx-forwarded-for: 192.0.2.1\r\n'
      .. 'connection: close\r\ncontent-length: 5\r\n\r\nhello', found.text)
  end)

  it('sends nothing of what Kong has answered itself, of upgrades, and of what is too large', function()
    local functions = mirrors.functions(context { '10.0.0.1' }, {}, BACKEND)
    local function request(more)
      return setmetatable(more, { __index = PUT })
    end

    assert.is_nil(sent(functions, request { source = 'exit' }).to)
    assert.is_nil(sent(functions, request { headers = { upgrade = 'websocket' } }).to)
    local large = sent(functions, request { body = ('x'):rep(1048577) })
    assert.is_nil(large.to)
    assert.are.equal('a request is not mirrored: too big', large.notice)
  end)

  it('sends the share that is asked for', function()
    local function at(mirror, random)
      local functions = mirrors.functions(context { '10.0.0.1' }, mirror, BACKEND)
      return functions and sent(functions, PUT, random).to ~= nil
    end

    assert.is_true(at({ percent = 20 }, 1))
    assert.is_false(at({ percent = 20 }, 21))
    assert.is_false(at({ fraction = { numerator = 25, denominator = 50 } }, 26))
    assert.is_nil(at { percent = 0 })
  end)

  it('sends nothing without endpoints', function()
    assert.is_nil(mirrors.functions(context {}, {}, BACKEND))
  end)

  it('says which backend cannot be used, and leaves the rest of the rule alone', function()
    local route = api.route('HTTPRoute', { rules = { {
      matches = { { path = { value = '/' } } }, backendRefs = { { name = 'copy', port = 80 } },
      filters = { { type = 'RequestMirror', requestMirror = { backendRef = { name = 'gone', port = 80 } } } },
    } } })
    local ctx = api.ctx {
      rule = httproute, options = { router_flavor = 'traditional_compatible', offline = true },
      objects = { api.class(), api.gateway { { name = 'http', port = 80, protocol = 'HTTP' } }, api.service('copy'), route },
    }

    httproute:translate(ctx, ctx:lookup(httproute.kind, 'shop', 'route'))

    assert.are.equal('True Accepted', api.conditions(ctx)['shop/kong Accepted'])
    assert.are.equal('False BackendNotFound', api.conditions(ctx)['shop/kong ResolvedRefs'])
    assert.are.same({}, api.emitted(ctx, 'plugin'))
  end)
end)
