require 'spec.support.fake_ctx'
local expression = require 'lib.expression'
local ingress_expression = require 'lib.ingress_expression'

describe('an expression', function()
  it('puts parentheses only around several parts', function()
    assert.equal('', expression.all {})
    assert.equal('a', expression.all { '', 'a' })
    assert.equal('(a) && (b)', expression.all { 'a', '', 'b' })
    assert.equal('(a) || (b)', expression.any { 'a', 'b' })
  end)

  it('escapes what its texts may hold', function()
    assert.equal([["a\\d\"\n\r\t"]], expression.quote('a\\d"\n\r\t'))
  end)

  it('matches hosts with a wildcard at either end', function()
    assert.equal('http.host =^ ".a.com"', expression.host('*.a.com'))
    assert.equal('http.host ^= "a."', expression.host('a.*'))
    assert.equal('http.host == "a.*"', expression.narrow_host('a.*'))
  end)

  it('leaves the header Host to hosts and writes names in lower case', function()
    assert.equal('(http.headers.x_a == "1") || (http.headers.x_a ~ "^b")', expression.headers { Host = { 'x' }, ['X-A'] = { '1', '~*^b' } })
  end)

  it('is empty for a stream with nothing to match', function()
    assert.equal('', expression.stream({}, {}))
    assert.equal('(tls.sni == "a.com") && (net.dst.port == 5432)', expression.stream({ 'a.com' }, { 5432 }))
  end)
end)

describe('the priority of an Ingress', function()
  local cases = {
    { { 'example.com' }, '/', 'Exact', 57178899677185 },
    { { 'example.com' }, '/whatever', 'Exact', 57178899677193 },
    { { 'example.com' }, '/~/foo/\\d{3}', 'ImplementationSpecific', 57178899677194 },
    { { 'example.com' }, '/.well-known/acme-challenge/yolo', 'ImplementationSpecific', 57178899611680 },
    { {}, '/api', 'Prefix', 54975581454341 },
    { { '*.tenants.example.com' }, '/', 'Prefix', 57174604709889 },
  }
  for _, case in ipairs(cases) do
    it(string.format('of %s %s at %s', case[3], case[2], case[1][1]), function()
      local _, priority = ingress_expression.build { hosts = case[1], paths = { { path = case[2], type = case[3] } } }

      assert.equal(case[4], priority)
    end)
  end

  it('does not run over into the next field', function()
    local _, priority = ingress_expression.build { hosts = {}, paths = { { path = '/' .. string.rep('x', 70000), type = 'Exact' } } }

    assert.equal(0xffff, priority & 0xffff)
    assert.equal(1, priority >> 16 & 0xffff)
  end)
end)
