-- Ghost text of the plug-in's own: asked for at every key and shown as soon as the answer is there.
--
-- One suggestion is on the screen at a time, in the current buffer. What is typed of it stays shown, without waiting
-- for the server; each key asks again all the same, and the answer to the newest request decides.

local display = require('spark_lsp.ghost_text_display')
local position = require('spark_lsp.position')
local server = require('spark_lsp.server')
local undo = require('spark_lsp.undo')

local M = {}

---@class spark_lsp.Suggestion
---@field bufnr integer
---@field client_id integer
---@field id? string The server's name for it.
---@field command? lsp.Command To run when all of it is accepted.
---@field row integer Where its rest begins: the cursor.
---@field column integer
---@field rest string What would still be inserted, with \n between lines.
---@field behind string What stands behind the cursor and would be replaced.
---@field tail string All that stands behind the cursor.
---@field accepted integer Code points of it that were accepted word by word.

---@type spark_lsp.Suggestion?
local shown
---@class spark_lsp.Pending
---@field client_id integer
---@field bufnr integer
---@field tick integer
---@field request? integer Not known as long as the request is being sent: some servers answer at once.

---@type spark_lsp.Pending?
local pending
---@type { bufnr: integer, tick: integer, row: integer, column: integer }?
local asked_at

---@param request spark_lsp.Pending?
local function cancel(request)
  local client = request and vim.lsp.get_client_by_id(request.client_id)
  if request and request.request and client then
    client:cancel_request(request.request)
  end
end

local function withdraw()
  cancel(pending)
  pending = nil
end

local function hide()
  if shown then
    display.clear(shown.bufnr)
    shown = nil
  end
end

--- Nothing is shown or awaited any more.
function M.clear()
  withdraw()
  hide()
  asked_at = nil
end

---@return boolean
local function is_inserting()
  return vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@param item lsp.InlineCompletionItem
---@return string
local function text_of(item)
  local text = item.insertText
  local plain = (type(text) == 'table' and text.value or text) --[[@as string]]
  return (plain:gsub('\r\n?', '\n'))
end

---@param client vim.lsp.Client
---@param bufnr integer
---@param item lsp.InlineCompletionItem
local function show(client, bufnr, item)
  local row, column = position.cursor()
  local line = position.line(bufnr, row)
  local text, behind = text_of(item), ''
  if item.range then
    local start_row, start_column, end_row, end_column = position.from_range(bufnr, item.range, server.encoding(client))
    local typed = line:sub(start_column + 1, column)
    local fits = start_row == row and end_row == row and start_column <= column and end_column >= column
    if not fits or not vim.startswith(text, typed) then
      return hide()
    end
    text, behind = text:sub(#typed + 1), line:sub(column + 1, end_column)
  end
  if text == '' then
    return hide()
  end
  local id = server.id_of(item.command)
  local is_news = not shown or shown.id ~= id
  shown = {
    bufnr = bufnr,
    client_id = client.id,
    id = id,
    command = item.command,
    row = row,
    column = column,
    rest = text,
    behind = behind,
    tail = line:sub(column + 1),
    accepted = not is_news and shown and shown.accepted or 0,
  }
  display.show(shown)
  if is_news and id then
    client:notify('spark/didShow', { id = id })
  end
end

--- Whether what is shown still goes on from the cursor; then it is moved there.
---@return boolean
local function follows()
  local suggestion = shown
  if not suggestion or suggestion.bufnr ~= vim.api.nvim_get_current_buf() then
    return false
  end
  local row, column = position.cursor()
  local line = position.line(suggestion.bufnr, row)
  if row ~= suggestion.row or column < suggestion.column or line:sub(column + 1) ~= suggestion.tail then
    return false
  end
  local typed = line:sub(suggestion.column + 1, column)
  if not vim.startswith(suggestion.rest, typed) or #typed == #suggestion.rest then
    return false
  end
  suggestion.column, suggestion.rest = column, suggestion.rest:sub(#typed + 1)
  return true
end

---@param client vim.lsp.Client
---@param bufnr integer
---@param kind integer of lsp.InlineCompletionTriggerKind
local function ask(client, bufnr, kind)
  local before = pending
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  local row, column = position.cursor()
  asked_at = { bufnr = bufnr, tick = tick, row = row, column = column }
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(bufnr),
    position = position.to_position(bufnr, row, column, server.encoding(client)),
    context = { triggerKind = kind },
  }
  local this = { client_id = client.id, bufnr = bufnr, tick = tick } ---@type spark_lsp.Pending
  pending = this
  local _, request = client:request('textDocument/inlineCompletion', params, function(failure, result)
    if pending ~= this then
      return
    end
    pending = nil
    local now_row, now_column = position.cursor()
    local is_current = vim.api.nvim_get_current_buf() == bufnr
      and vim.api.nvim_buf_get_changedtick(bufnr) == tick
      and now_row == row
      and now_column == column
    if not is_current or not is_inserting() then
      return
    end
    local items = not failure and result and (result.items or result) or {}
    if items[1] then
      show(client, bufnr, items[1])
    else
      hide()
    end
  end, bufnr)
  this.request = request
  -- Only now: a server that hears of nothing but the end of a request stops the model.
  cancel(before)
end

--- A key was pressed or the cursor was moved.
---@param bufnr integer
local function update(bufnr)
  local client = server.client(bufnr)
  if not client or not is_inserting() or vim.fn.reg_executing() ~= '' then
    return M.clear()
  end
  local row, column = position.cursor()
  local tick = vim.api.nvim_buf_get_changedtick(bufnr)
  local at = asked_at
  if at and at.bufnr == bufnr and at.tick == tick and at.row == row and at.column == column then
    return -- both TextChangedI and CursorMovedI tell of one key
  end
  if shown then
    if follows() then
      display.show(shown)
    else
      hide()
    end
  end
  ask(client, bufnr, 2)
end

--- Whether a suggestion is on the screen.
---@return boolean
function M.is_shown()
  return shown ~= nil and shown.bufnr == vim.api.nvim_get_current_buf() and is_inserting()
end

--- Ask for a suggestion here and now, also where none would be shown by itself.
function M.trigger()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if client and is_inserting() then
    ask(client, bufnr, 1)
  end
end

--- How much of what is behind the cursor goes when a part is accepted: as little as leaves the rest possible.
---@param suggestion spark_lsp.Suggestion
---@param rest string What is left of it.
---@return integer bytes
local function replaced_by(suggestion, rest)
  for bytes = 0, #suggestion.behind do
    if display.contains_in_order(rest, suggestion.behind:sub(bytes + 1)) then
      return bytes
    end
  end
  return #suggestion.behind
end

---@param rest string
---@param extent 'all'|'line'|'word'
---@return string
local function part_of(rest, extent)
  if extent == 'word' then
    local word = vim.fn.matchstr(rest, [[^\_s*\%(\k\+\|\%(\k\@!\S\)\+\)]])
    return word ~= '' and word or rest
  elseif extent == 'line' then
    return rest:match('^\n?[^\n]*') or rest
  end
  return rest
end

--- Put what is shown into the text: all of it, or its next word or line. The cursor goes behind it.
---@param extent? 'all'|'line'|'word' all by default
---@return boolean accepted
function M.accept(extent)
  if not M.is_shown() or not shown or not follows() then
    hide()
    return false
  end
  local suggestion = shown
  local part = part_of(suggestion.rest, extent or 'all')
  local rest = suggestion.rest:sub(#part + 1)
  local bytes = rest == '' and #suggestion.behind or replaced_by(suggestion, rest)
  local lines = vim.split(part, '\n', { plain = true })
  local row, column = suggestion.row, suggestion.column
  undo.change(suggestion.bufnr, function()
    vim.api.nvim_buf_set_text(suggestion.bufnr, row, column, row, column + bytes, lines)
  end)
  suggestion.row = row + #lines - 1
  suggestion.column = (#lines == 1 and column or 0) + #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { suggestion.row + 1, suggestion.column })
  suggestion.rest, suggestion.behind = rest, suggestion.behind:sub(bytes + 1)
  suggestion.tail = suggestion.tail:sub(bytes + 1)
  suggestion.accepted = suggestion.accepted + vim.fn.strchars(part)
  local client = vim.lsp.get_client_by_id(suggestion.client_id)
  if client and suggestion.id then
    local length = rest ~= '' and suggestion.accepted or nil
    server.execute(client, suggestion.bufnr, 'spark.accepted', { id = suggestion.id, length = length })
  end
  if rest == '' then
    hide()
  else
    display.show(suggestion)
  end
  return true
end

--- Take the suggestion from the screen. It will not be shown here again.
---@return boolean refused
function M.refuse()
  if not M.is_shown() or not shown then
    return false
  end
  server.reject(shown)
  withdraw()
  hide()
  return true
end

--- Show ghost text in a buffer from now on.
---@param bufnr integer
function M.enable(bufnr)
  local group = vim.api.nvim_create_augroup('spark_lsp.ghost_text.' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      update(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd('InsertEnter', {
    group = group,
    buffer = bufnr,
    callback = function()
      vim.schedule(function() -- the mode and the cursor are the old ones until then
        if vim.api.nvim_get_current_buf() == bufnr then
          update(bufnr)
        end
      end)
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, buffer = bufnr, callback = M.clear })
end

---@param bufnr integer
function M.disable(bufnr)
  pcall(vim.api.nvim_del_augroup_by_name, 'spark_lsp.ghost_text.' .. bufnr)
  if (shown and shown.bufnr == bufnr) or (pending and pending.bufnr == bufnr) then
    M.clear()
  end
end

return M
