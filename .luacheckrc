-- Rule files see only what the sandbox gives them (src/rules/lua_sandbox.c), and steps have fixed signatures.
std = 'lua54'
max_line_length = 140
unused_args = false
exclude_files = { 'build/**', 'spec/lab/**' }

stds.rule = {
  read_globals = { 'assert', 'error', 'ipairs', 'math', 'next', 'pairs', 'pcall', 'print', 'require', 'select', 'setmetatable',
    'getmetatable', 'string', 'table', 'tonumber', 'tostring', 'type', 'utf8' },
}
files['lua/**/*.lua'] = { std = 'rule' }
files['spec/unit/rules/keeping/**/*.lua'] = { std = 'rule', ignore = { '112', '122', '142', '143' } }
files['spec/**/*_spec.lua'] = { std = 'lua54+busted' }
