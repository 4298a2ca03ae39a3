-- What would forge, or harm other objects, through ctx.
return {
  { "another object's service", attack = 'ctx:emit("service", { name = "default.shop.80", host = "evil.example" })', passes = true,
    says = 'DuplicateEntity' },
  { "another object's route", attack = 'ctx:emit("route", { name = "default.shop.shop.shop.example.80", paths = { "/evil" } })',
    passes = true },
  { "another object's id", attack = 'ctx:emit("service", { name = "thief", host = "h", id = "c111028a-0d95-5846-b9a4-d3757bf83b45" })',
    passes = true },
  { 'contributions to a rule that is not listed', attack = 'ctx:contribute("certificate", "k", {})',
    fails = "is not in the list 'contributes'" },
  { 'contributions to an object rule', attack = 'ctx:contribute("Ingress", "default/shop", {})',
    fails = "is not in the list 'contributes'" },
  { 'a topic that is not listed', attack = 'ctx:consult("backend", "k")', fails = "is not in the list 'consults'" },
  { 'a kind that is not listed', attack = 'ctx:lookup("v1/Secret", "default", "shop")', fails = "list it in 'reads'" },
  { 'a namespace that is a table', attack = 'ctx:lookup("v1/Service", {}, "shop")', fails = "bad argument #2 to 'lookup'" },
  { 'a name with a slash', attack = 'assert(ctx:lookup("v1/Service", "default", "shop/../shop") == nil)\n' ..
    'assert(ctx:lookup("v1/Service", "default/shop", "") == nil)\nassert(ctx:lookup("v1/Service", "", "default/shop") == nil)',
    passes = true },
  { 'a name with a NUL', attack = 'ctx:lookup("v1/Service", "default", "shop\\0x")', fails = 'NUL' },
  { 'a namespace with a NUL', attack = 'ctx:list("v1/Service", "default\\0")', fails = 'NUL' },
  { 'a label with a NUL', attack = 'ctx:list("v1/Service", nil, "a\\0b")', fails = 'NUL' },
  { 'ctx without its object', attack = 'ctx.emit()', fails = "bad argument #1 to 'emit'" },
  { 'ctx with another self', attack = 'ctx.emit({}, "service", {})', fails = "bad argument #1 to 'emit'" },
  { 'ctx with a file as self', attack = 'ctx.lookup(host.null, "v1/Service", "a", "b")', fails = "bad argument #1 to 'lookup'" },
  { 'an unknown method', attack = 'ctx:emitt()', fails = "did you mean 'emit'?" },
  { 'setting a method', attack = 'ctx.emit = print', fails = 'attempt to index' },
  { 'a problem about an object that is not there',
    attack = 'ctx:problem({ kind = "v1/Secret", metadata = { name = "x" } }, "Trouble", "text")', passes = true },
  { 'a problem about nothing', attack = 'ctx:problem({}, "Trouble", "text")', fails = 'it has no kind or no name' },
  { 'a problem about numbers', attack = 'ctx:problem({ kind = 1, name = 2 }, "Trouble", "text")', fails = 'it has no kind or no name' },
  { 'a problem about a text', attack = 'ctx:problem("object", "Trouble", "text")', fails = "bad argument #1 to 'problem'" },
  { 'a problem with a NUL in the name',
    attack = 'ctx:problem({ kind = "v1/Secret", metadata = { name = "x\\0y" } }, "Trouble", "text")', fails = 'NUL' },
  { 'a problem with a huge name',
    attack = 'ctx:problem({ kind = "v1/Secret", metadata = { name = ("x"):rep(1000000) } }, "Trouble", "text")', passes = true },
  { 'a problem without a text', attack = 'ctx:problem(object, "Trouble")', fails = "bad argument #3 to 'problem'" },
  { 'a condition without a type', attack = 'ctx:condition(object, {})', fails = 'type' },
  { 'about: a list of a million', attack = 'local t = {}\nfor i = 1, 100000 do t[i] = object end\n' ..
    'ctx:emit("service", { name = "wide", host = "h" }, nil, { about = t })', passes = true, emits = { 'wide' } },
  { 'about: things that are no objects', attack = 'ctx:emit("service", { name = "s", host = "h" }, nil, { about = { 1, 2 } })',
    fails = 'about' },
  { 'a step that is a table', attack = 'ctx:emit("service", { name = "s", host = "h" }, nil, { step = {} })', fails = 'step' },
  { 'guards that are a text', attack = 'ctx:emit("route", { name = "r", paths = { "/" } }, nil, { guards = "g" })', fails = 'guards' },
  { 'guards that are numbers', attack = 'ctx:emit("route", { name = "r", paths = { "/" } }, nil, { guards = { 1 } })',
    fails = 'guards[1]' },
  { 'options that are a text', attack = 'ctx:emit("service", { name = "s", host = "h" }, nil, "about")',
    fails = "bad argument #4 to 'emit'" },
  { 'an option that is very long', attack = 'assert(ctx:option(("x."):rep(100000)) == nil)', passes = true },
  { 'the settings', attack = 'local gates = ctx:option "feature_gates"\ngates.Evil = true', fails = "'Evil' cannot be set" },
  { 'the settings, read',
    attack = 'local gates = ctx:option "feature_gates"\nassert(gates.Evil == nil and ctx:option "feature_gates.Evil" == nil)\n' ..
    'for _ in pairs(gates) do end', passes = true },
  { 'an adjuster that emits for ever', attack = 'ctx:emit("consumer", { username = "x" })', files = { ['60-adjust.lua'] =
    'return { api = 1, adjusts = "consumer", adjust = function(ctx, entity) ctx:emit("consumer", { username = "y" }) return ' ..
    'entity end }' },
    fails = 'overflow', place = '[^ ]*' },
  { 'an adjuster that returns a text', attack = 'ctx:emit("consumer", { username = "x" })', files = { ['60-adjust.lua'] =
    'return { api = 1, adjusts = "consumer", adjust = function() return "x" end }' }, fails = 'adjust must return the entity or nil',
    place = '[^ ]*' },
  { 'an adjuster that takes the name away', attack = 'ctx:emit("consumer", { username = "x" })', files = { ['60-adjust.lua'] =
    'return { api = 1, adjusts = "consumer", adjust = function(ctx, entity) entity.username = nil return entity end }' },
    fails = 'consumer' },
  { 'a wrapped step that calls itself', attack = 'self:name()\nend\nfunction M:name() return "x"', files = { ['60-extend.lua'] =
    'return { api = 1, extends = "Probe", name = function(super, ctx) return super(ctx, super(ctx)) end,\n' ..
    '  translate = function(super, ctx, object) while object.metadata.name == "bad" do super(ctx, object) end super(ctx, object) ' ..
    'end }' }, fails = 'limit', place = '[^ ]*' },
  { 'names in messages cannot forge a line', attack = 'error("x\\nerror RuleFailed Ingress default/shop: forged")', fails = 'x' },
  { 'an object with a slash in its name', attack = 'assert(true)', passes = true, emits = { 'a/b' }, objects = [[
apiVersion: test.example/v1
kind: Probe
metadata: { name: a/b, namespace: default }
]] },
  { 'objects whose names and namespaces run into each other', attack = 'assert(true)', passes = true, emits = { 'b/c', 'c' }, objects = [[
apiVersion: test.example/v1
kind: Probe
metadata: { name: b/c, namespace: a }
---
apiVersion: test.example/v1
kind: Probe
metadata: { name: c, namespace: a/b }
]] },
}
