require 'spec.support.fake_ctx'
local paths = require 'lib.text.paths'

describe('paths of an Ingress', function()
  local cases = {
    { '/cart', 'Prefix', { '/cart/', '~/cart$' } },
    { '/a//b/', 'Prefix', { '/a/b/', '~/a/b$' } },
    { '/', 'Prefix', { '/' } },
    { '', 'Exact', { '~/$' } },
    { '/ready/', 'Exact', { '~/ready/$' } },
    { nil, 'ImplementationSpecific', { '/' } },
    { '/plain', nil, { '/plain' } },
    { '/~/users/\\d+$', 'ImplementationSpecific', { '~/users/\\d+$' } },
  }
  for _, case in ipairs(cases) do
    it(string.format('are the same for both manners where nothing is to be escaped: %s %s', case[1], case[2]), function()
      assert.same(case[3], paths.traditional(case[1], case[2], {}))
      assert.same(case[3], paths.traditional_unescaped(case[1], case[2], {}))
    end)
  end

  it('mean their characters, so that /a.b does not match /axb', function()
    assert.same({ '~/a\\.b$' }, paths.traditional('/a.b', 'Exact', {}))
    assert.same({ '/a.b/', '~/a\\.b$' }, paths.traditional('/a.b', 'Prefix', {}))
    assert.same({ '~/a.b$' }, paths.traditional_unescaped('/a.b', 'Exact', {}))
  end)

  it('are regular expressions only where the type leaves that open', function()
    assert.same({ '/~/a/', '~/~/a$' }, paths.traditional('/~/a', 'Prefix', {}))
    assert.same({ '~/a/', '~/~/a$' }, paths.traditional_unescaped('/~/a', 'Prefix', {}))
  end)

  it('take an empty prefix for regular expressions as none', function()
    assert.same({ '/x' }, paths.traditional('/x', 'ImplementationSpecific', { regex_prefix = '' }))
    assert.same({ '~/x' }, paths.traditional_unescaped('/x', 'ImplementationSpecific', { regex_prefix = '' }))
  end)

  it('are looked at for old-style expressions when the class asks for it', function()
    assert.same({ '~/v\\d+' }, paths.traditional('/v\\d+', 'ImplementationSpecific', { legacy_detection = true }))
    assert.same({ '/v1.2%20' }, paths.traditional('/v1.2%20', 'ImplementationSpecific', { legacy_detection = true }))
  end)
end)
