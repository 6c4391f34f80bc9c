-- What scenarios.lua asks of the Neovim that runs the server: each function returns at once.

Editor = {}

local client
local answer
local lenses
local used
local exit_status
local asked
local answered

function Editor.start(plan)
  vim.cmd.edit(vim.fn.fnameescape(plan.file))
  vim.bo.indentexpr = ''
  vim.bo.formatoptions = ''
  local id = assert(vim.lsp.start({
    name = 'spark-lsp',
    cmd = plan.command,
    cmd_env = plan.environment,
    root_dir = plan.folder,
    init_options = plan.settings,
    on_exit = function(status)
      exit_status = status
    end,
  }))
  client = assert(vim.lsp.get_client_by_id(id))
end

--- The same by what a user has written into a file of settings.
function Editor.start_by(plan)
  vim.lsp.config('spark_lsp', {
    on_exit = function(status)
      exit_status = status
    end,
  })
  vim.cmd.luafile(vim.fn.fnameescape(plan.init))
  vim.cmd.edit(vim.fn.fnameescape(plan.file))
end

function Editor.is_ready()
  client = client or vim.lsp.get_clients({ name = 'spark_lsp' })[1]
  if not client then
    return false
  end
  return client.initialized == true and vim.lsp.buf_is_attached(0, client.id)
end

function Editor.stop()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    vim.bo[buffer].modified = false
  end
  client:stop()
end

function Editor.exit_status()
  return exit_status == nil and vim.NIL or exit_status
end

--- The rows of the screen as they are drawn, without the spaces at their ends.
function Editor.screen()
  local rows = {}
  for row = 1, vim.o.lines do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    rows[row] = table.concat(cells):gsub('%s+$', '')
  end
  return rows
end

--- A number for the way in which a cell of the screen is highlighted, counted from 0.
function Editor.highlight(row, column)
  return vim.fn.screenattr(row + 1, column + 1)
end

--- Count what the client asks the server for from now on, by method.
function Editor.count_requests()
  asked, answered = {}, {}
  vim.api.nvim_create_autocmd('LspRequest', {
    callback = function(event)
      local request = event.data.request
      local counts = ({ pending = asked, complete = answered })[request.type]
      if counts then
        counts[request.method] = (counts[request.method] or 0) + 1
      end
    end,
  })
end

function Editor.times_asked(method)
  return asked[method] or 0
end

function Editor.times_answered(method)
  return answered[method] or 0
end

function Editor.cursor()
  return vim.api.nvim_win_get_cursor(0)
end

function Editor.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n'
end

--- The file that the user looks at.
function Editor.file()
  return vim.api.nvim_buf_get_name(0)
end

--- The texts of all files that are loaded, by their names.
function Editor.texts()
  local texts = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
    texts[vim.api.nvim_buf_get_name(buffer)] = table.concat(lines, '\n') .. '\n'
  end
  return texts
end

function Editor.is_modified()
  return vim.bo.modified
end

function Editor.mode()
  return vim.api.nvim_get_mode().mode
end

function Editor.messages()
  return vim.api.nvim_exec2('messages', { output = true }).output
end

function Editor.go_to(literal)
  assert(vim.fn.search('\\V' .. vim.fn.escape(literal, '\\'), 'w') > 0, literal)
end

function Editor.start_edit(plan)
  -- A number and not 0: for 0, Neovim 0.11 does not report pending changes before the request.
  local buffer = vim.api.nvim_get_current_buf()
  local argument = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = { line = plan.first, character = 0 }, ['end'] = { line = plan.last, character = 0 } },
    instruction = plan.instruction,
  }
  local params = { command = 'spark.edit', arguments = { argument } }
  answer = { done = false }
  local _, request = client:request('workspace/executeCommand', params, function(failure, result)
    answer.result, answer.done = failure or result, true
  end, buffer)
  answer.request = request
end

function Editor.start_next_edit()
  local buffer = vim.api.nvim_get_current_buf()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local argument = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    position = { line = row - 1, character = column },
  }
  answer = { done = false }
  local params = { command = 'spark.nextEdit', arguments = { argument } }
  client:request('workspace/executeCommand', params, function(failure, result)
    answer.result, answer.done = failure or result, true
  end, buffer)
end

function Editor.cancel_edit()
  client:cancel_request(answer.request)
end

function Editor.edit_is_done()
  return answer.done
end

function Editor.edit_result()
  return answer.result
end

function Editor.refresh_lenses()
  lenses = nil
  local buffer = vim.api.nvim_get_current_buf()
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  client:request('textDocument/codeLens', params, function(failure, result)
    lenses = failure or result
  end, buffer)
  if not vim.lsp.codelens.enable then -- Neovim 0.11
    vim.lsp.codelens.refresh({ bufnr = buffer })
  elseif not vim.lsp.codelens.is_enabled({ bufnr = buffer }) then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
  end
end

function Editor.lenses_are_there()
  local shown = vim.lsp.codelens.get(vim.lsp.codelens.enable and { bufnr = 0 } or 0)
  return lenses ~= nil and #shown == #lenses
end

function Editor.lens_titles()
  return vim.tbl_map(function(lens)
    return lens.command.title
  end, lenses)
end

function Editor.use_lens(index)
  used = false
  client:exec_cmd(lenses[index].command, { bufnr = vim.api.nvim_get_current_buf() }, function(failure)
    assert(not failure, vim.inspect(failure))
    used = true
  end)
end

function Editor.lens_is_used()
  return used
end

function Editor.run_last_lens(title)
  vim.api.nvim_win_set_cursor(0, { lenses[#lenses].range.start.line + 1, 0 })
  vim.ui.select = function(items, _, choose)
    for index, item in ipairs(items) do
      if item.lens.command.title == title then
        return choose(item, index)
      end
    end
    error('there is no lens ' .. title)
  end
  vim.lsp.codelens.run()
end
