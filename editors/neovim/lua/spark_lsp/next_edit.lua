-- Next edits: asked for after every change, shown where they are, jumped to and accepted.

local display = require('spark_lsp.next_edit_display')
local position = require('spark_lsp.position')
local server = require('spark_lsp.server')
local undo = require('spark_lsp.undo')

local M = {}

local METHOD = 'textDocument/copilotInlineEdit'
local REST = 60 -- milliseconds that the cursor rests before a move alone is reason to ask
local ANCHORS = vim.api.nvim_create_namespace('spark_lsp.next_edit_anchor')

---@class spark_lsp.CopilotInlineEdit
---@field text string
---@field textDocument { uri: string, version?: integer } Without a version it is a file that is not open.
---@field range lsp.Range
---@field command lsp.Command

---@class spark_lsp.NextEdit
---@field bufnr integer Where it is.
---@field asked_from integer The buffer that it was asked for in.
---@field client_id integer
---@field id? string The server's name for it.
---@field mark integer The extmark over what it replaces.
---@field old string What it replaces; when the text there is another, it is over.
---@field new string
---@field offset { row: integer, column: integer } From the extmark's start to the first difference.

---@type spark_lsp.NextEdit?
local shown
---@type spark_lsp.Pending?
local pending
---@type { bufnr: integer, tick: integer, row: integer }? What was asked last.
local asked_at
---@type uv.uv_timer_t?
local timer

local function withdraw()
  if timer then
    timer:stop()
  end
  local client = pending and vim.lsp.get_client_by_id(pending.client_id)
  if client and pending and pending.request then
    client:cancel_request(pending.request)
  end
  pending = nil
end

local function hide()
  if shown then
    display.clear(shown.bufnr)
    if vim.api.nvim_buf_is_valid(shown.bufnr) then
      vim.api.nvim_buf_clear_namespace(shown.bufnr, ANCHORS, 0, -1)
    end
    shown = nil
  end
end

--- Nothing is shown or awaited any more.
function M.clear()
  withdraw()
  hide()
  asked_at = nil
end

--- Where a next edit is by now; nothing if the text there has become another.
---@param edit spark_lsp.NextEdit
---@return integer? start_row, integer start_column, integer end_row, integer end_column
local function place_of(edit)
  if not vim.api.nvim_buf_is_loaded(edit.bufnr) then
    return nil, 0, 0, 0
  end
  local mark = vim.api.nvim_buf_get_extmark_by_id(edit.bufnr, ANCHORS, edit.mark, { details = true })
  local row, column, details = mark[1], mark[2], mark[3]
  if not row or not column or not details then
    return nil, 0, 0, 0
  end
  local end_row, end_column = details.end_row or row, details.end_col or column
  local there = vim.api.nvim_buf_get_text(edit.bufnr, row, column, end_row, end_column, {})
  if table.concat(there, '\n') ~= edit.old then
    return nil, 0, 0, 0
  end
  return row, column, end_row, end_column
end

--- The edit that can be accepted now, with the place of its first difference.
---@return spark_lsp.NextEdit?, integer row, integer column
local function current()
  local edit = shown
  if not edit then
    return nil, 0, 0
  end
  local row, column = place_of(edit)
  if not row then
    hide()
    return nil, 0, 0
  end
  return edit, row + edit.offset.row, edit.offset.row == 0 and column + edit.offset.column or edit.offset.column
end

---@param client vim.lsp.Client
---@param asked_from integer
---@param given spark_lsp.CopilotInlineEdit
local function show(client, asked_from, given)
  local bufnr = vim.uri_to_bufnr(given.textDocument.uri)
  local version = given.textDocument.version
  if not vim.lsp.buf_is_attached(bufnr, client.id) or version ~= vim.lsp.util.buf_versions[bufnr] then
    return hide()
  end
  local id = server.id_of(given.command)
  local is_news = not shown or shown.id ~= id
  hide()
  local row, column, end_row, end_column = position.from_range(bufnr, given.range, server.encoding(client))
  local old = table.concat(vim.api.nvim_buf_get_text(bufnr, row, column, end_row, end_column, {}), '\n')
  local new = given.text:gsub('\r\n?', '\n')
  -- A range up to a line's start replaces whole lines, the last one's break too; beyond the buffer there is none.
  if given.range['end'].line > end_row and vim.endswith(new, '\n') then
    new = new:sub(1, -2)
  end
  local before, after = position.line(bufnr, row):sub(1, column), position.line(bufnr, end_row):sub(end_column + 1)
  local old_lines = vim.api.nvim_buf_get_lines(bufnr, row, end_row + 1, false)
  local new_lines = vim.split(before .. new .. after, '\n', { plain = true })
  local at_row, at_column = display.show(bufnr, row, old_lines, new_lines)
  local mark = vim.api.nvim_buf_set_extmark(bufnr, ANCHORS, row, column, {
    end_row = end_row,
    end_col = end_column,
    right_gravity = false,
    end_right_gravity = true,
  })
  shown = {
    bufnr = bufnr,
    asked_from = asked_from,
    client_id = client.id,
    id = id,
    mark = mark,
    old = old,
    new = new,
    offset = { row = at_row - row, column = at_row == row and at_column - column or at_column },
  }
  display.hint(bufnr, at_row)
  if is_news and id then
    client:notify('spark/didShow', { id = id })
  end
end

--- Load a file that is not open, so that the server is told of it and can name a version of it.
---@param uri string
---@param done fun()
local function open_unseen(uri, done)
  vim.schedule(function()
    if pcall(vim.fn.bufload, vim.uri_to_bufnr(uri)) then -- it may be in use by another editor
      done()
    end
  end)
end

--- Ask anew. The answer to an older request is of no use, but it is not withdrawn: a model that is at work on it goes
--- on for this one, too, instead of beginning again at every key.
---@param client vim.lsp.Client
---@param bufnr integer
---@param is_again? boolean The file that is meant has just been opened.
local function ask(client, bufnr, is_again)
  if timer then
    timer:stop()
  end
  local row, column = position.cursor()
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  asked_at = { bufnr = bufnr, tick = tick, row = row }
  local document = vim.lsp.util.make_text_document_params(bufnr) --[[@as lsp.VersionedTextDocumentIdentifier]]
  document.version = vim.lsp.util.buf_versions[bufnr]
  local params = {
    textDocument = document,
    position = position.to_position(bufnr, row, column, server.encoding(client)),
  }
  local this = { client_id = client.id, bufnr = bufnr, tick = tick } ---@type spark_lsp.Pending
  pending = this
  ---@diagnostic disable-next-line: param-type-mismatch
  local _, request = client:request(METHOD, params, function(failure, result)
    if pending ~= this then
      return
    end
    pending = nil
    if vim.api.nvim_get_current_buf() ~= bufnr or vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then
      return
    end
    local edit = not failure and result and result.edits and result.edits[1]
    if edit and type(edit.textDocument.version) ~= 'number' and not is_again then
      open_unseen(edit.textDocument.uri, function()
        if vim.api.nvim_get_current_buf() == bufnr and vim.api.nvim_buf_get_changedtick(bufnr) == tick then
          ask(client, bufnr, true)
        end
      end)
    elseif edit then
      show(client, bufnr, edit)
    else
      hide()
    end
  end, bufnr)
  this.request = request
end

--- The text has changed: what was asked before is of no use.
---@param bufnr integer
local function text_changed(bufnr)
  local client = server.client(bufnr)
  if not client or require('spark_lsp.edit').runs(bufnr) then
    return M.clear()
  end
  current() -- hides what the change has overtaken; the rest has moved along, and stays until the answer is there
  ask(client, bufnr)
end

--- The cursor has moved. What is shown stays; where nothing is, another line may have a next edit.
---@param bufnr integer
local function cursor_moved(bufnr)
  local edit, row = current()
  if edit then
    display.hint(edit.bufnr, row)
    return
  end
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  local here = position.cursor()
  local is_same = asked_at and asked_at.bufnr == bufnr and asked_at.tick == tick
  if pending and pending.bufnr == bufnr and pending.tick == tick or is_same and asked_at and asked_at.row == here then
    return
  end
  local rest = timer or vim.uv.new_timer()
  timer = rest
  rest:start(
    REST,
    0,
    vim.schedule_wrap(function()
      local client = vim.api.nvim_get_current_buf() == bufnr and server.client(bufnr)
      if client and not pending and not shown then
        ask(client, bufnr)
      end
    end)
  )
end

--- Whether a next edit is on the screen, or hinted at.
---@return boolean
function M.is_shown()
  return (current()) ~= nil
end

--- Whether the cursor is where the next edit is.
---@return boolean
function M.is_at_cursor()
  local edit = current()
  if not edit or edit.bufnr ~= vim.api.nvim_get_current_buf() then
    return false
  end
  local row, _, end_row = place_of(edit)
  local cursor = position.cursor()
  return row ~= nil and cursor >= row and cursor <= end_row
end

--- Go to the next edit, in whatever file it is.
---@return boolean gone
function M.jump()
  local edit, row, column = current()
  if not edit then
    return false
  end
  vim.cmd("normal! m'")
  if edit.bufnr ~= vim.api.nvim_get_current_buf() then
    vim.bo[edit.bufnr].buflisted = true
    vim.cmd.buffer(edit.bufnr)
  end
  vim.api.nvim_win_set_cursor(0, { row + 1, column })
  vim.cmd('normal! zv')
  display.hint(edit.bufnr, row)
  return true
end

--- Put the next edit into the text, as one step of undo. The cursor goes behind it.
---@return boolean accepted
function M.accept()
  local edit = current()
  if not edit then
    return false
  end
  local row, column, end_row, end_column = place_of(edit)
  if not row then
    return false
  end
  local lines = vim.split(edit.new, '\n', { plain = true })
  hide()
  undo.change(edit.bufnr, function()
    vim.api.nvim_buf_set_text(edit.bufnr, row, column, end_row, end_column, lines)
  end)
  if edit.bufnr == vim.api.nvim_get_current_buf() then
    local last = row + #lines - 1
    local behind = (#lines == 1 and column or 0) + #lines[#lines]
    if lines[#lines] == '' and #lines > 1 then
      last, behind = last - 1, #position.line(edit.bufnr, last - 1)
    end
    vim.api.nvim_win_set_cursor(0, { last + 1, behind })
  end
  local client = vim.lsp.get_client_by_id(edit.client_id)
  if client and edit.id then
    server.execute(client, edit.bufnr, 'spark.accepted', { id = edit.id })
  end
  return true
end

--- Go to the next edit or, if the cursor is there, accept it.
---@return boolean done
function M.jump_or_accept()
  if M.is_at_cursor() then
    return M.accept()
  end
  return M.jump()
end

--- Take the next edit from the screen. It will not be offered there again.
---@return boolean refused
function M.refuse()
  local edit = current()
  if not edit then
    return false
  end
  server.reject(edit)
  withdraw()
  hide()
  return true
end

--- Show next edits in a buffer from now on.
---@param bufnr integer
function M.enable(bufnr)
  local group = vim.api.nvim_create_augroup('spark_lsp.next_edit.' .. bufnr, {})
  ---@param events string[]
  ---@param act fun(bufnr: integer)
  local function on(events, act)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      buffer = bufnr,
      callback = function()
        act(bufnr)
      end,
    })
  end
  on({ 'TextChanged', 'TextChangedI', 'TextChangedP' }, text_changed)
  on({ 'CursorMoved', 'CursorMovedI' }, cursor_moved)
  on({ 'BufLeave' }, function()
    withdraw()
    if shown and shown.bufnr == bufnr and shown.asked_from == bufnr then
      display.clear_hint()
    end
  end)
end

---@param bufnr integer
function M.disable(bufnr)
  pcall(vim.api.nvim_del_augroup_by_name, 'spark_lsp.next_edit.' .. bufnr)
  if (shown and (shown.bufnr == bufnr or shown.asked_from == bufnr)) or (pending and pending.bufnr == bufnr) then
    M.clear()
  end
end

return M
