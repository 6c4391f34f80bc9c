-- Scenarios of edits. The plan has the command of the server, its settings, and the lines to edit (from 0, end excluded).

return function(user)
  local plan, tell, call, wait_for, text, keys = user.plan, user.tell, user.call, user.wait_for, user.text, user.keys
  local wait_for_another_text = user.wait_for_another_text

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
      user.command(command)
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

  return scenarios
end
