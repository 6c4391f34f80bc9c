-- Plays one scenario as the user of another Neovim: nvim --headless --clean -l play.lua PLAN.json
-- PLAN names the program of that Neovim, the file of scenarios, the scenario, and what these need to know.
-- What is to be known outside goes to stdout, one JSON object a line.
-- The other Neovim is an embedded one, since only a main loop that waits for keys makes steps of undo as users know them.

local DEADLINE = 20000 -- milliseconds

local file = assert(io.open(arg[1], 'r'))
local plan = vim.json.decode(file:read('a'))
file:close()

local editor = vim.fn.jobstart({ plan.program, '--embed', '--headless', '--clean', '-n' }, { rpc = true })

local function tell(event)
  io.stdout:write(vim.json.encode(event), '\n')
  io.stdout:flush()
end

--- Call a function of editor.lua in the other Neovim. One that wants to have a message confirmed answers no call.
local function call(name, ...)
  local mode = vim.rpcrequest(editor, 'nvim_get_mode')
  if mode.blocking then
    error('the editor waits for a key, in mode ' .. mode.mode)
  end
  return vim.rpcrequest(editor, 'nvim_exec_lua', 'return Editor[...](select(2, ...))', { name, ... })
end

local function wait_for(what, condition)
  if not vim.wait(DEADLINE, condition, 5) then
    error('never came: ' .. what)
  end
end

local function text()
  return call('text')
end

local function wait_for_another_text(before)
  wait_for('a change of the text', function()
    return text() ~= before
  end)
end

local function keys(typed)
  vim.rpcrequest(editor, 'nvim_input', typed)
end

local function command(line)
  vim.rpcrequest(editor, 'nvim_command', 'silent! ' .. line)
end

-- What scenarios are made of.
local user = {
  plan = plan,
  tell = tell,
  call = call,
  wait_for = wait_for,
  text = text,
  wait_for_another_text = wait_for_another_text,
  keys = keys,
  command = command,
}

local good, failure = xpcall(function()
  local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
  vim.rpcrequest(editor, 'nvim_command', 'luafile ' .. vim.fn.fnameescape(here .. '/editor.lua'))
  vim.rpcrequest(editor, 'nvim_ui_attach', 80, 24, { rgb = true })
  call(plan.init and 'start_by' or 'start', plan)
  wait_for('the server', function()
    return call('is_ready')
  end)
  dofile(here .. '/' .. plan.scenarios)(user)[plan.scenario]()
  call('stop')
  wait_for('the end of the server', function()
    return call('exit_status') ~= vim.NIL
  end)
  tell({ exit = call('exit_status'), messages = call('messages') })
end, debug.traceback)
vim.fn.jobstop(editor)
vim.fn.jobwait({ editor }, DEADLINE)
if not good then
  io.stderr:write(failure, '\n')
  os.exit(1)
end
os.exit(0)
