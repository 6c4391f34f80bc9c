-- The hunks of the last edit of a buffer: what they took the place of is shown until they are kept or reverted.

local changes = require('spark_lsp.changes')
local highlights = require('spark_lsp.highlights')
local options = require('spark_lsp.options')
local server = require('spark_lsp.server')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('spark_lsp.review')
local SYNCHRONISE_AFTER = 150 -- milliseconds without a change of the text

---@class spark_lsp.Hunk
---@field edit_id string
---@field number integer
---@field mark integer The extmark over its rows.
---@field label string Lines added and removed.

---@type table<integer, spark_lsp.Hunk[]?> by buffer
local hunks_of = {}
---@type table<integer, uv.uv_timer_t?> by buffer
local timers = {}

---@param bufnr integer
---@param hunk spark_lsp.Hunk
---@return integer first, integer last The rows of a hunk, the last one included.
local function rows_of(bufnr, hunk)
  local mark = vim.api.nvim_buf_get_extmark_by_id(bufnr, NAMESPACE, hunk.mark, { details = true })
  local first = mark[1] or 0
  return first, math.max(mark[3] and mark[3].end_row or first, first)
end

--- Take hunks from the screen and from the list.
---@param bufnr integer
---@param is_over fun(hunk: spark_lsp.Hunk): boolean
local function remove(bufnr, is_over)
  local kept = {} ---@type spark_lsp.Hunk[]
  local rows = {} ---@type [integer, integer][]
  for _, hunk in ipairs(hunks_of[bufnr] or {}) do
    if is_over(hunk) then
      table.insert(rows, { rows_of(bufnr, hunk) })
      vim.api.nvim_buf_del_extmark(bufnr, NAMESPACE, hunk.mark)
    else
      table.insert(kept, hunk)
    end
  end
  for _, there in ipairs(changes.list(bufnr)) do
    local first, last = there.first, math.max(there.last - 1, there.first)
    for _, row in ipairs(rows) do
      if (first <= row[2] or there.change.is_last) and last >= row[1] then
        changes.remove(bufnr, there.change)
        break
      end
    end
  end
  hunks_of[bufnr] = #kept > 0 and kept or nil
  if #kept == 0 then
    changes.clear(bufnr)
  end
end

--- Nothing is under review any more.
---@param bufnr integer
function M.clear(bufnr)
  if hunks_of[bufnr] then
    hunks_of[bufnr] = nil
    if vim.api.nvim_buf_is_valid(bufnr) then
      vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
    end
  end
  changes.clear(bufnr)
  local timer = timers[bufnr]
  if timer then
    timers[bufnr] = nil
    timer:stop()
    timer:close()
  end
end

--- Call this before a batch of an edit is applied, and what it returns afterwards.
---@param bufnr integer
---@param edits lsp.TextEdit[]
---@return fun()
function M.begin_batch(bufnr, edits)
  if not options.read().review then
    return function() end
  end
  return changes.follow(bufnr, edits)
end

--- An edit is over: these hunks of it are in the text.
---@param bufnr integer
---@param result spark_lsp.EditResult
function M.begin(bufnr, result)
  M.clear_hunks(bufnr)
  if #result.hunks == 0 then
    return changes.clear(bufnr)
  end
  local count = vim.api.nvim_buf_line_count(bufnr)
  hunks_of[bufnr] = vim.tbl_map(function(hunk)
    local first = math.min(hunk.range.start.line, count - 1) --[[@as integer]]
    local last = hunk.range['end'].line --[[@as integer]]
    if last > first and hunk.range['end'].character == 0 then
      last = last - 1
    end
    local label = ('+%d −%d'):format(hunk.added, hunk.removed)
    local mark = vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, first, 0, {
      end_row = math.min(last, count - 1),
      end_col = 0,
      virt_text = { { label, highlights.HINT } },
      virt_text_pos = 'eol',
      strict = false,
    })
    return { edit_id = result.editId, number = hunk.hunk, mark = mark, label = label }
  end, result.hunks)
end

---@param bufnr integer
function M.clear_hunks(bufnr)
  hunks_of[bufnr] = nil
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
end

--- The hunks that can be kept or reverted, with their rows, from top to bottom.
---@param bufnr integer
---@return { hunk: spark_lsp.Hunk, first: integer, last: integer }[]
function M.list(bufnr)
  return vim.tbl_map(function(hunk)
    local first, last = rows_of(bufnr, hunk)
    return { hunk = hunk, first = first, last = last }
  end, hunks_of[bufnr] or {})
end

--- The hunk at a row, or the one whose removed lines are shown above it.
---@param bufnr integer
---@param row integer
---@return spark_lsp.Hunk?
local function hunk_at(bufnr, row)
  for _, there in ipairs(M.list(bufnr)) do
    if there.first <= row and row <= there.last then
      return there.hunk
    end
  end
end

--- Forget the hunks that the server does not know any more: undone, or built on by the user.
---@param bufnr integer
---@param client vim.lsp.Client
local function synchronise(bufnr, client)
  if not hunks_of[bufnr] then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  client:request('textDocument/codeLens', params, function(failure, lenses)
    if failure or not hunks_of[bufnr] or not vim.api.nvim_buf_is_loaded(bufnr) then
      return
    end
    local known = {}
    for _, lens in ipairs(lenses or {}) do
      local argument = lens.command and lens.command.arguments and lens.command.arguments[1]
      if argument and argument.editId and argument.hunk then
        known[argument.editId .. ' ' .. argument.hunk] = true
      end
    end
    remove(bufnr, function(hunk)
      return not known[hunk.edit_id .. ' ' .. hunk.number]
    end)
  end, bufnr)
end

--- The text has changed.
---@param bufnr integer
function M.text_changed(bufnr)
  if not hunks_of[bufnr] then
    return
  end
  local timer = timers[bufnr] or vim.uv.new_timer()
  timers[bufnr] = timer
  timer:start(
    SYNCHRONISE_AFTER,
    0,
    vim.schedule_wrap(function()
      local client = vim.api.nvim_buf_is_loaded(bufnr) and server.client(bufnr)
      if client then
        synchronise(bufnr, client)
      end
    end)
  )
end

--- Keep or revert.
---@param client vim.lsp.Client
---@param bufnr integer
---@param command 'spark.keep'|'spark.revert'
---@param argument { editId: string, hunk?: integer }
local function run(client, bufnr, command, argument)
  server.execute(client, bufnr, command, argument, function(_, failed)
    if failed or not vim.api.nvim_buf_is_loaded(bufnr) then
      return
    end
    remove(bufnr, function(hunk)
      return hunk.edit_id == argument.editId and (argument.hunk == nil or hunk.number == argument.hunk)
    end)
    synchronise(bufnr, client)
  end)
end

--- The commands `spark.keep` and `spark.revert`, as lenses run them.
---@param command lsp.Command
---@param context { bufnr?: integer, client_id?: integer }
function M.run_command(command, context)
  local bufnr, client = server.of_command(context)
  if client then
    local kind = command.command --[[@as 'spark.keep'|'spark.revert']]
    run(client, bufnr, kind, (command.arguments or {})[1] --[[@as table?]] or {})
  end
end

--- Keep or revert the hunk at the cursor, or all.
---@param command 'spark.keep'|'spark.revert'
---@param all boolean
local function decide(command, all)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  local hunks = hunks_of[bufnr]
  if not client then
    return
  end
  if not hunks then
    return server.tell('There is nothing to keep or revert in this file.', vim.log.levels.WARN)
  end
  if all then
    return run(client, bufnr, command, { editId = hunks[1].edit_id })
  end
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local hunk = hunk_at(bufnr, row)
  if not hunk then
    return server.tell('There is no hunk at the cursor: :Spark next_hunk goes to one.', vim.log.levels.WARN)
  end
  run(client, bufnr, command, { editId = hunk.edit_id, hunk = hunk.number })
end

--- Keep the hunk at the cursor.
function M.keep()
  decide('spark.keep', false)
end

--- Take the hunk at the cursor back.
function M.revert()
  decide('spark.revert', false)
end

--- Keep every hunk of the last edit of this buffer.
function M.keep_all()
  decide('spark.keep', true)
end

--- Take every hunk of the last edit of this buffer back.
function M.revert_all()
  decide('spark.revert', true)
end

--- Go to the next hunk, or to the previous one; from the last to the first.
---@param step 1|-1
function M.go(step)
  local bufnr = vim.api.nvim_get_current_buf()
  local list = M.list(bufnr)
  if #list == 0 then
    return server.tell('There is nothing to keep or revert in this file.', vim.log.levels.WARN)
  end
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local target = step > 0 and list[1] or list[#list]
  for index = step > 0 and 1 or #list, step > 0 and #list or 1, step do
    local there = list[index]
    if (step > 0 and there.first > row) or (step < 0 and there.last < row) then
      target = there
      break
    end
  end
  vim.cmd("normal! m'")
  vim.api.nvim_win_set_cursor(0, { target.first + 1, 0 })
end

return M
