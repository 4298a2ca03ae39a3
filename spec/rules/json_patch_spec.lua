require 'spec.support.fake_ctx'
local host = require 'host'
local json_patch = require 'lib.text.json_patch'

local GOOD = {
  { '{}', '/a', '1', '{"a":1}' },
  { '{"a":{"b":1}}', '/a/c', '"x"', '{"a":{"b":1,"c":"x"}}' },
  { '{}', '/a/b/c', 'true', '{"a":{"b":{"c":true}}}' },
  { '{"a":[1,3]}', '/a/1', '2', '{"a":[1,2,3]}' },
  { '{"a":[1]}', '/a/-', '2', '{"a":[1,2]}' },
  { '{}', '/a/-', '1', '{"a":[1]}' },
  { '{}', '/a/2/b', '1', '{"a":[null,null,{"b":1}]}' },
  { '{"a":1}', '/a', '{}', '{"a":{}}' },
  { '{}', '/a~1b~0c', '1', '{"a/b~c":1}' },
  { '{"a":null}', '/a/b', '1', '{"a":{"b":1}}' },
}

local BAD = {
  { '{}', 'a' },
  { '{"a":1}', '/a/b' },
  { '{"a":[1]}', '/a/5' },
  { '{"a":[1]}', '/a/x' },
  { '{}', '/a/99999999/b' },
}

describe('adding to a JSON document', function()
  for _, case in ipairs(GOOD) do
    it(('puts %s into %s at %s'):format(case[3], case[1], case[2]), function()
      local result = json_patch.add(host.json_decode(case[1]), case[2], host.json_decode(case[3]))

      assert.equal(host.json_encode(host.json_decode(case[4])), host.json_encode(result))
    end)
  end

  for _, case in ipairs(BAD) do
    it(('refuses %s at %s'):format(case[1], case[2]), function()
      local result, failure = json_patch.add(host.json_decode(case[1]), case[2], 1)

      assert.is_nil(result)
      assert.is_string(failure)
    end)
  end
end)
