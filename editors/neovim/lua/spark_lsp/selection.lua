-- What the user has selected, as a range of LSP.

local position = require('spark_lsp.position')

local M = {}

--- A range of whole rows.
---@param first integer
---@param last integer included
---@return lsp.Range
function M.rows(first, last)
  return { start = { line = first, character = 0 }, ['end'] = { line = last + 1, character = 0 } }
end

--- The empty range at the cursor: the server takes what encloses it.
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Range
function M.cursor(encoding)
  local row, column = position.cursor()
  local at = position.to_position(vim.api.nvim_get_current_buf(), row, column, encoding)
  return { start = at, ['end'] = at }
end

--- A selection from one place to another, to the character; by lines and by blocks it is whole rows.
---@param from integer[] As |getpos()| gives it.
---@param to integer[]
---@param kind string As |mode()| calls it: v, V or CTRL-V.
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Range
local function between(from, to, kind, encoding)
  if from[2] > to[2] or (from[2] == to[2] and from[3] > to[3]) then
    from, to = to, from
  end
  if kind ~= 'v' then
    return M.rows(from[2] - 1, to[2] - 1)
  end
  local bufnr = vim.api.nvim_get_current_buf()
  local last = position.line(bufnr, to[2] - 1)
  local stop = { line = to[2], character = 0 }
  -- The last character belongs to the selection, whole; at the end of a line, so does the line break.
  local end_column = to[3] - 1
  if vim.o.selection ~= 'exclusive' then
    end_column = end_column + (end_column < #last and vim.str_utf_end(last, end_column + 1) + 1 or 1)
  end
  if end_column <= #last then
    stop = position.to_position(bufnr, to[2] - 1, end_column, encoding)
  end
  return { start = position.to_position(bufnr, from[2] - 1, from[3] - 1, encoding), ['end'] = stop }
end

--- What is selected in visual mode now; nothing in other modes.
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Range?
function M.active(encoding)
  local mode = vim.fn.mode()
  if not mode:find('^[vV\22]') then
    return nil
  end
  return between(vim.fn.getpos('v'), vim.fn.getpos('.'), mode, encoding)
end

--- The range of an Ex command: where its lines are those of the last selection, that, to the character.
---@param first integer counted from 1
---@param last integer
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Range
function M.of_command(first, last, encoding)
  local from, to = vim.fn.getpos("'<"), vim.fn.getpos("'>")
  if from[2] == first and to[2] == last then
    return between(from, to, vim.fn.visualmode(), encoding)
  end
  return M.rows(first - 1, last - 1)
end

return M
