-- Writes src/store/schema_table.c anew, from an API server of the lab with all definitions; run by `./dev schemas`.
local lab = require 'spec.support.lab'
local schemas = require 'spec.support.schemas'
local shell = require 'spec.support.shell'

local text, count = schemas.serve_and_make()
shell.write(schemas.path, text)
lab.stop_all()
print(('%s: %d kinds'):format(schemas.path, count))
