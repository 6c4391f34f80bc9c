-- Scenarios of ghost text. The plan has the user's settings as a Lua file, the file, and what is pressed and awaited.

return function(user)
  local plan, tell, call, wait_for, text, keys = user.plan, user.tell, user.call, user.wait_for, user.text, user.keys
  local ASKED = 'textDocument/inlineCompletion'

  local function sees(rows)
    return vim.iter(rows):all(function(row)
      return vim.list_contains(call('screen'), row)
    end)
  end

  --- Where a row of the screen has some text, counted from 0.
  local function place_of(row_text, part)
    for number, row in ipairs(call('screen')) do
      local start = row == row_text and row:find(part, 1, true)
      if start then
        return number - 1, start - 1
      end
    end
    error('not on the screen: ' .. row_text)
  end

  local function tell_what_is_there(name)
    tell({ [name] = { text = text(), screen = call('screen'), cursor = call('cursor') } })
  end

  --- Press keys, and wait for the answer to what the editor asks the server then.
  local function press_and_wait(pressed)
    local before = call('times_answered', ASKED)
    keys(pressed)
    wait_for('an answer', function()
      return call('times_answered', ASKED) > before
    end)
  end

  local function see(rows)
    local seen = pcall(wait_for, '', function()
      return sees(rows)
    end)
    if not seen then
      error(('not on the screen: %s\nbut\n%s'):format(table.concat(rows, '\n'), table.concat(call('screen'), '\n')))
    end
  end

  local scenarios = {}

  --- See the suggestion and accept it; undo and redo that.
  function scenarios.accept()
    call('count_requests')
    keys(plan.typed)
    see(plan.shown)
    tell_what_is_there('shown')
    local row, column = place_of(plan.shown[1], plan.part)
    local ghost = call('highlight', row, column)
    local before = text()
    keys('<Tab>')
    user.wait_for_another_text(before)
    wait_for('the answer to spark.accepted', function()
      return call('times_answered', 'workspace/executeCommand') == 1
    end)
    see(plan.shown)
    tell({ ghost = ghost, plain = call('highlight', row, column) })
    tell_what_is_there('accepted')
    keys('<Esc>')
    wait_for('normal mode', function()
      return call('mode') == 'n'
    end)
    user.command('undo')
    tell_what_is_there('undone')
    user.command('redo')
    tell_what_is_there('redone')
  end

  --- Type what is suggested, key by key; it stays on the screen. Accept the rest.
  function scenarios.type_along()
    call('count_requests')
    keys(plan.typed)
    see(plan.shown)
    for _, key in ipairs(plan.along) do
      press_and_wait(key)
      tell_what_is_there('along')
    end
    local before = text()
    keys('<Tab>')
    user.wait_for_another_text(before)
    tell_what_is_there('accepted')
  end

  --- Type what is suggested, and accept at once: before the editor has asked about what was typed.
  function scenarios.type_along_quickly()
    keys(plan.typed)
    see(plan.shown)
    keys(table.concat(plan.along) .. '<Tab>')
    wait_for('the accepted text', function()
      return text() == plan.target
    end)
    tell_what_is_there('accepted')
  end

  --- Type on while the model has not said enough to be shown.
  function scenarios.type_ahead()
    call('count_requests')
    keys(plan.typed)
    for times, key in ipairs(plan.ahead) do
      wait_for('request ' .. times, function()
        return call('times_asked', ASKED) == times
      end)
      keys(key)
    end
    wait_for('the last request', function()
      return call('times_asked', ASKED) == #plan.ahead + 1
    end)
    tell_what_is_there('ahead')
    see(plan.shown)
    tell_what_is_there('shown')
  end

  --- Type something else; what was suggested is gone.
  function scenarios.type_against()
    call('count_requests')
    keys(plan.typed)
    see(plan.shown)
    press_and_wait(plan.against)
    see(plan.gone)
    tell_what_is_there('gone')
    keys('<Tab>')
    wait_for('the tab', function()
      return text() == plan.target
    end)
  end

  --- Press Tab where nothing is suggested.
  function scenarios.tab()
    keys(plan.typed .. '<Tab>')
    wait_for('the tab', function()
      return text() == plan.target
    end)
  end

  return scenarios
end
