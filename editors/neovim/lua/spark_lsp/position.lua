-- Positions: LSP counts characters in the client's encoding, Neovim counts bytes. Rows count from 0 in both.

local M = {}

---@param bufnr integer
---@param row integer
---@return string line Empty where there is none.
function M.line(bufnr, row)
  return vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
end

--- The byte of a line that a character of LSP stands for; the line's end if it lies behind that.
---@param line string
---@param character integer
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return integer
function M.byte(line, character, encoding)
  return vim.str_byteindex(line, encoding, character, false)
end

--- A range of LSP as rows and bytes, end excluded, within the buffer.
---@param bufnr integer
---@param range lsp.Range
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return integer start_row, integer start_column, integer end_row, integer end_column
function M.from_range(bufnr, range, encoding)
  local last = vim.api.nvim_buf_line_count(bufnr) - 1
  ---@param position lsp.Position
  ---@return integer row, integer column
  local function place(position)
    if position.line > last then
      return last, #M.line(bufnr, last)
    end
    return position.line, --[[@as integer]]
      M.byte(M.line(bufnr, position.line), position.character, encoding)
  end
  local start_row, start_column = place(range.start)
  local end_row, end_column = place(range['end'])
  return start_row, start_column, end_row, end_column
end

--- A row and a byte as a position of LSP.
---@param bufnr integer
---@param row integer
---@param column integer
---@param encoding 'utf-8'|'utf-16'|'utf-32'
---@return lsp.Position
function M.to_position(bufnr, row, column, encoding)
  local line = M.line(bufnr, row)
  return { line = row, character = vim.str_utfindex(line, encoding, math.min(column, #line), false) }
end

--- Where the cursor of the current window is.
---@return integer row, integer column
function M.cursor()
  local at = vim.api.nvim_win_get_cursor(0)
  return at[1] - 1, at[2]
end

return M
