-- Scenarios of next edits. The plan has the old and the new name of a definition, and how many edits follow.

return function(user)
  local plan, tell, call, wait_for, text, keys = user.plan, user.tell, user.call, user.wait_for, user.text, user.keys

  local scenarios = {}

  --- Ask until there is one: other files are looked through while nobody types.
  local function next_edit()
    local result
    wait_for('the next edit', function()
      call('start_next_edit')
      wait_for('the answer', function()
        return call('edit_is_done')
      end)
      result = call('edit_result')
      return result and result ~= vim.NIL
    end)
    return result
  end

  function scenarios.rename()
    call('go_to', plan.old)
    keys('0wce' .. plan.new .. '<Esc>')
    wait_for('the typed name', function()
      return text():find(plan.new, 1, true) and call('mode') == 'n'
    end)
    for _ = 1, plan.steps do
      tell({ step = next_edit(), file = call('file') })
    end
    tell({ texts = call('texts') })
  end

  return scenarios
end
