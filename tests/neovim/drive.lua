-- Lets a test drive another Neovim from outside: nvim --headless --clean -l drive.lua PLAN.json
-- PLAN names its program, its arguments, and the size of its screen. Each line of stdin is one thing to do, as JSON;
-- each line of stdout is what came of it. The other Neovim is an embedded one: only a main loop that waits for keys
-- makes steps of undo, fires events and draws as users know it.

local file = assert(io.open(arg[1], 'r'))
local plan = vim.json.decode(file:read('a'))
file:close()

local editor = vim.fn.jobstart(vim.list_extend({ plan.program, '--embed' }, plan.arguments), { rpc = true })

local todo = {}

--- Press keys.
function todo.input(keys)
  return vim.rpcrequest(editor, 'nvim_input', keys)
end

--- Run Lua in the editor. One that wants to have a message confirmed answers no call.
function todo.lua(code, arguments)
  local mode = vim.rpcrequest(editor, 'nvim_get_mode')
  if mode.blocking then
    error('the editor waits for a key, in mode ' .. mode.mode)
  end
  return vim.rpcrequest(editor, 'nvim_exec_lua', code, arguments)
end

function todo.mode()
  return vim.rpcrequest(editor, 'nvim_get_mode')
end

local function answer(what)
  io.stdout:write(vim.json.encode(what), '\n')
  io.stdout:flush()
end

local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
vim.rpcrequest(editor, 'nvim_ui_attach', plan.columns, plan.rows, { rgb = true })
vim.rpcrequest(editor, 'nvim_command', 'luafile ' .. vim.fn.fnameescape(here .. '/editor.lua'))
answer({ result = true })
for line in io.lines() do
  local asked = vim.json.decode(line)
  local done, result = pcall(todo[asked.todo], unpack(asked.with))
  answer(done and { result = result == nil and vim.NIL or result } or { failure = tostring(result) })
end
vim.fn.jobstop(editor)
vim.fn.jobwait({ editor }, 20000)
os.exit(0)
