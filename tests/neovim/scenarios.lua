-- Plays one scenario as the user of another Neovim: nvim --headless --clean -l scenarios.lua PLAN.json
-- PLAN names the scenario, the command of the server, its settings, a file and the lines to edit (from 0, end excluded).
-- What is to be known outside goes to stdout, one JSON object a line.
-- The other Neovim is an embedded one, since only a main loop that waits for keys makes steps of undo as users know them.

local DEADLINE = 20000 -- milliseconds

local file = assert(io.open(arg[1], 'r'))
local plan = vim.json.decode(file:read('a'))
file:close()

local editor = vim.fn.jobstart({ vim.v.progpath, '--embed', '--headless', '--clean', '-n' }, { rpc = true })

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

local function finish_edit()
  wait_for('the result', function()
    return call('edit_is_done')
  end)
  return call('edit_result')
end

--- Run an Ex command until the text is a given one; how often it took, or nothing if it never is.
local function steps(command, wanted)
  for count = 0, 200 do
    if text() == wanted then
      return count
    end
    vim.rpcrequest(editor, 'nvim_command', 'silent! ' .. command)
  end
end

local function undo_and_redo(original)
  local edited = text()
  return { undone = steps('undo', original), redone = steps('redo', edited) }
end

local scenarios = {}

function scenarios.edit()
  local original = text()
  call('start_edit', plan)
  local result = finish_edit()
  tell({ result = result, text = text(), modified = call('is_modified') })
  tell(undo_and_redo(original))
  steps('undo', original)
  -- The server has followed: it edits the text as it is now.
  call('start_edit', plan)
  local again = finish_edit()
  tell({ again = again, text = text() })
end

function scenarios.typing()
  local original = text()
  call('start_edit', plan)
  wait_for_another_text(original)
  for _, typed in ipairs(plan.typing) do
    call('go_to', typed.before)
    keys('O' .. typed.text .. '<Esc>')
    wait_for('the typed text', function()
      return text():find(typed.text, 1, true) and call('mode') == 'n'
    end)
  end
  tell({ typed = true })
  local result = finish_edit()
  tell({ result = result, text = text() })
  tell(undo_and_redo(original))
end

function scenarios.cancel()
  local original = text()
  call('start_edit', plan)
  wait_for_another_text(original)
  call('cancel_edit')
  local result = finish_edit()
  tell({ result = result, text = text() })
end

function scenarios.lenses()
  call('start_edit', plan)
  finish_edit()
  local function listed()
    call('refresh_lenses')
    wait_for('the lenses', function()
      return call('lenses_are_there')
    end)
    tell({ lenses = call('lens_titles'), text = text() })
  end
  listed()
  -- As a user does it: the lens of the line that the cursor is on.
  local before = text()
  call('run_last_lens', 'Revert')
  wait_for_another_text(before)
  listed()
  call('use_lens', 3) -- keep the first hunk
  wait_for('the end of the command', function()
    return call('lens_is_used')
  end)
  listed()
  before = text()
  call('use_lens', 4) -- revert the next
  wait_for_another_text(before)
  wait_for('the end of the command', function()
    return call('lens_is_used')
  end)
  listed()
end

local good, failure = xpcall(function()
  local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
  vim.rpcrequest(editor, 'nvim_command', 'luafile ' .. vim.fn.fnameescape(here .. '/editor.lua'))
  vim.rpcrequest(editor, 'nvim_ui_attach', 80, 24, { rgb = true })
  call('start', plan)
  wait_for('the server', function()
    return call('is_ready')
  end)
  scenarios[plan.scenario]()
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
