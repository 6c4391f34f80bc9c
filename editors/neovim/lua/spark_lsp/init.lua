-- What users call in their own mappings and status lines. Nothing here needs a setup call.

local M = {}

--- For a status line: `%{v:lua.require'spark_lsp'.statusline()}`. Costs a look into a table.
---@return string
function M.statusline()
  return require('spark_lsp.status').statusline()
end

--- Edit the selection, or what encloses the cursor; asks for an instruction if there is none.
---@param edit? spark_lsp.EditOptions
function M.edit(edit)
  require('spark_lsp.edit').edit(edit)
end

--- Accept ghost text: all of it, or its next word or line.
---@param extent? 'all'|'word'|'line' all by default
---@return boolean accepted
function M.accept(extent)
  return require('spark_lsp.ghost_text').accept(extent) or require('spark_lsp.builtin_ghost_text').accept()
end

--- Take ghost text and the next edit from the screen; the same will not be offered there again.
---@return boolean refused
function M.refuse()
  local ghost = require('spark_lsp.ghost_text').refuse()
  local next_edit = require('spark_lsp.next_edit').refuse()
  return ghost or next_edit
end

--- Go to the next edit or, if the cursor is there, accept it.
---@return boolean done
function M.next_edit()
  return require('spark_lsp.next_edit').jump_or_accept()
end

--- Ask for ghost text here and now.
function M.trigger()
  require('spark_lsp.ghost_text').trigger()
end

---@return boolean
local function shows_builtin_ghost_text()
  local options = require('spark_lsp.options').read()
  return options.ghost_text == 'builtin' and vim.fn.mode() == 'i'
end

--- What to press for ghost text or a next edit: accepts the one, or jumps to or accepts the other. Where there is
--- neither, it is the key itself. For mappings with `expr = true`.
---@param key string
---@return string keys
function M.tab(key)
  if require('spark_lsp.ghost_text').is_shown() then
    return '<Cmd>lua require("spark_lsp").accept()<CR>'
  elseif shows_builtin_ghost_text() and require('spark_lsp.builtin_ghost_text').accept() then
    return '<C-g>u'
  elseif require('spark_lsp.next_edit').is_shown() then
    return '<Cmd>lua require("spark_lsp").next_edit()<CR>'
  end
  return key
end

--- What to press to refuse what is shown; where nothing is, it is the key itself. For mappings with `expr = true`.
---@param key string
---@return string keys
function M.escape(key)
  if require('spark_lsp.ghost_text').is_shown() or require('spark_lsp.next_edit').is_shown() then
    return '<Cmd>lua require("spark_lsp").refuse()<CR>' .. (vim.fn.mode() == 'i' and key or '')
  end
  return key
end

return M
