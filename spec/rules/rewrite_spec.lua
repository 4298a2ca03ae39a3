require 'spec.support.fake_ctx'
local rewrite = require 'lib.ingress.rewrite'

describe('konghq.com/rewrite', function()
  local cases = {
    { '/bar/$1xx/yy', '/bar/$(uri_captures[1])xx/yy' },
    { '/bar/$11$12', '/bar/$(uri_captures[11])$(uri_captures[12])' },
    { '/bar/xxxx\\$12', '/bar/xxxx$12' },
    { '/bar/xxxx$13\\$x', '/bar/xxxx$(uri_captures[13])$x' },
    { '', '/' },
    { '/bar/${}11', nil, 'unexpected { at pos 6' },
    { '/bar/xxxx$', nil, 'unexpected end of string' },
    { '/bar/\\', nil, 'unexpected end of string' },
  }
  for _, case in ipairs(cases) do
    it(string.format('reads "%s"', case[1]), function()
      local template, why = rewrite.template(case[1])

      assert.equal(case[2], template)
      assert.equal(case[3], why)
    end)
  end
end)
