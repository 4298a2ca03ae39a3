require 'spec.support.fake_ctx'
local durations = require 'lib.text.durations'
local gateway_hosts = require 'lib.gateway.hosts'

describe('host names of listeners and routes', function()
  it('meet where one covers the other', function()
    local cases = {
      { 'test.com', 'test.com', 'test.com' },
      { 'foo.test.com', 'test.com', nil },
      { '*.test.com', 'foo.test.com', 'foo.test.com' },
      { '*.example.com', 'so.many.names.example.com', 'so.many.names.example.com' },
      { '*.example.com', 'example.com', nil },
      { '*.test.example.com', '*.example.com', '*.test.example.com' },
      { '*.test.example.com', '*.test.net', nil },
      { '*.a.com', 'x.a.b.a.com', 'x.a.b.a.com' },
      { nil, 'a.com', 'a.com' },
      { '', '', '' },
    }
    for _, case in ipairs(cases) do
      assert.are.equal(case[3], gateway_hosts.intersection(case[1], case[2]))
      assert.are.equal(case[3], gateway_hosts.intersection(case[2], case[1]))
    end
  end)

  it('are narrower than all that is wider, and nothing else', function()
    local names = { '', 'com', 'b.com', 'a.b.com', '*.com', '*.b.com', '*.a.b.com', '*.org', '.com' }
    for _, name in ipairs(names) do
      local wider = {}
      for _, other in ipairs(gateway_hosts.wider(name)) do wider[other] = true end
      for _, other in ipairs(names) do
        local narrower = name ~= '' and gateway_hosts.is_narrower(name, other)
        assert.are.equal(narrower, wider[other] == true, name .. ' and ' .. other)
      end
    end
  end)
end)

describe('durations', function()
  it('are read in every unit, and refused when they are none', function()
    assert.are.equal(500, durations.milliseconds('500ms'))
    assert.are.equal(90000, durations.milliseconds('1m30s'))
    assert.are.equal(0, durations.milliseconds('0s'))
    assert.are.equal(3600000, durations.milliseconds('1h'))
    assert.is_nil(durations.milliseconds('10'))
    assert.is_nil(durations.milliseconds('s'))
    assert.is_nil(durations.milliseconds(nil))
  end)
end)

describe('host names as Kong Ingress Controller has them', function()
  local kic_hostnames = require 'lib.kic.hostnames'

  it('are covered without going back', function()
    assert.is_true(kic_hostnames.covers('*.example.com', 'so.many.names.example.com'))
    assert.is_false(kic_hostnames.covers('*.example.com', 'example.com'))
    assert.is_true(kic_hostnames.covers('*.test.com', '*.test.com'))
    assert.is_false(kic_hostnames.covers('*.a.com', 'x.a.b.a.com'))
    assert.is_false(kic_hostnames.covers('*.com', 'com'))
    assert.is_true(kic_hostnames.covers('a.com', 'a.com'))
  end)

  it('come from the first listener that fits', function()
    local listeners = {
      { name = 'a', protocol = 'HTTP', hostname = 'a.example.com' }, { name = 'b', protocol = 'HTTP', hostname = 'b.example.com' },
    }

    assert.are.same({ 'a.example.com' }, kic_hostnames.of_route({ '*.example.com' }, listeners))
    assert.are.same({ 'a.example.com', 'b.example.com' }, kic_hostnames.of_route(nil, listeners))
  end)
end)
