require 'spec.support.fake_ctx'
local expression = require 'lib.text.expression'

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

