local fake_ctx = require 'spec.support.fake_ctx'
local objects = require 'spec.support.objects'
local tags = require 'lib.object.tags'

local function tagged(text)
  return objects.ingress('shop', 'a', nil, {}, { annotations = { ['konghq.com/tags'] = text } })
end

describe('tags', function()
  it('say where an entity came from, and then what the user says', function()
    local list = tags.of(fake_ctx.new(), tagged('b, a,,b'), { 'extra' })

    assert.same({
      'k8s-name:a', 'k8s-namespace:shop', 'k8s-kind:Ingress', 'k8s-uid:Ingress-a', 'k8s-group:networking.k8s.io',
      'k8s-version:v1', 'extra', 'b', 'a',
    }, list)
  end)

  it('of the core group name no group', function()
    assert.same({ 'k8s-name:s', 'k8s-namespace:shop', 'k8s-kind:Service', 'k8s-uid:Service-s', 'k8s-version:v1' },
      tags.of(fake_ctx.new(), objects.service('shop', 's')))
  end)

  it('cannot be used to pretend another origin', function()
    local ctx = fake_ctx.new()

    local list = tags.of(ctx, tagged('k8s-name:other,a/b,fine one'))

    assert.equal(7, #list)
    assert.equal('fine one', list[7])
    assert.same({ 'InvalidTag', 'InvalidTag' }, { ctx.problems[1].code, ctx.problems[2].code })
  end)

  it('are taken as they stand for Kong Ingress Controller', function()
    assert.equal('k8s-name:other', tags.verbatim(tagged('k8s-name:other'))[7])
  end)
end)
