-- Edits by an instruction: asked for by the user, streamed into the buffer by the server.

local instructions = require('spark_lsp.instructions')
local review = require('spark_lsp.review')
local selection = require('spark_lsp.selection')
local server = require('spark_lsp.server')

local M = {}

---@class spark_lsp.EditResult
---@field editId string
---@field status 'applied'|'unchanged'|'previewed'|'cancelled'|'rejected'|'failed'
---@field message? string
---@field hunks { hunk: integer, range: lsp.Range, removed: integer, added: integer }[]

---@class spark_lsp.EditOptions
---@field instruction? string Asked for if it is left out.
---@field range? lsp.Range The selection if it is left out, or else what encloses the cursor.
---@field route? 'edit'|'deep' Which of the settings' `routes` answers.

---@type table<string, vim.log.levels>
local LEVELS = { failed = vim.log.levels.ERROR, rejected = vim.log.levels.WARN }

---@type table<integer, integer> How many edits run, by buffer.
local running = {}

--- Whether an edit streams into a buffer.
---@param bufnr integer
---@return boolean
function M.runs(bufnr)
  return running[bufnr] ~= nil
end

---@param bufnr integer
---@param step 1|-1
local function count(bufnr, step)
  local now = (running[bufnr] or 0) + step
  running[bufnr] = now > 0 and now or nil
end

--- No edit runs any more: the server has gone.
---@param bufnr integer
function M.forget(bufnr)
  running[bufnr] = nil
end

--- Run a command that edits, and show what it did.
---@param client vim.lsp.Client
---@param bufnr integer
---@param command string
---@param argument table
---@param done? fun(result: spark_lsp.EditResult?)
local function run(client, bufnr, command, argument, done)
  review.clear(bufnr)
  count(bufnr, 1)
  server.execute(client, bufnr, command, argument, function(result)
    count(bufnr, -1)
    if vim.api.nvim_buf_is_loaded(bufnr) then
      if result then
        review.begin(bufnr, result)
      else
        review.clear(bufnr)
      end
    end
    if result and result.message then
      server.tell(result.message, LEVELS[result.status])
    elseif not result and command == 'spark.nextEdit' then
      server.tell('No next edit is known here.')
    end
    if done then
      done(result)
    end
  end)
end

--- The commands `spark.edit` and `spark.nextEdit`, as code actions and lenses run them.
---@param command lsp.Command
---@param context { bufnr?: integer, client_id?: integer }
function M.run_command(command, context)
  local bufnr, client = server.of_command(context)
  if client then
    run(client, bufnr, command.command, (command.arguments or {})[1] --[[@as table?]] or {})
  end
end

--- For `completion` of |vim.ui.input()|.
---@param start string
---@return string[]
function M.complete_instruction(start)
  return instructions.complete(start)
end

--- Edit the selection, or what encloses the cursor, by an instruction; without one the user is asked for it.
---@param edit? spark_lsp.EditOptions
---@param done? fun(result: spark_lsp.EditResult?)
function M.edit(edit, done)
  edit = edit or {}
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if not client then
    return
  end
  local selected = selection.active(server.encoding(client))
  local range = edit.range or selected or selection.cursor(server.encoding(client))
  if selected then
    vim.api.nvim_feedkeys(vim.keycode('<Esc>'), 'nx', false)
  end
  ---@param instruction string?
  local function go(instruction)
    if not instruction or vim.trim(instruction) == '' then
      return
    end
    instructions.remember(instruction)
    run(client, bufnr, 'spark.edit', {
      textDocument = { uri = vim.uri_from_bufnr(bufnr) },
      range = range,
      instruction = instruction,
      route = edit.route,
    }, done)
  end
  if edit.instruction and edit.instruction ~= '' then
    return go(edit.instruction)
  end
  local completion = "customlist,v:lua.require'spark_lsp.edit'.complete_instruction"
  vim.ui.input({ prompt = 'Spark: ', completion = completion }, go)
end

--- Cancel every edit that runs; what was applied of it is taken back.
function M.cancel()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if client then
    server.execute(client, bufnr, 'spark.cancel', {})
  end
end

--- Have the server find the next edit and apply it, in front of the last edits, too.
function M.next()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if not client then
    return
  end
  local at = selection.cursor(server.encoding(client)).start
  run(client, bufnr, 'spark.nextEdit', { textDocument = { uri = vim.uri_from_bufnr(bufnr) }, position = at })
end

return M
