-- Text on the screen that is not in the buffer.

local M = {}

--- A line's text with blanks for tabs, which virtual text would show as `^I`.
---@param bufnr integer
---@param text string
---@param column? integer The cell that it begins at.
---@return string
function M.without_tabs(bufnr, text, column)
  if not text:find('\t', 1, true) then
    return text
  end
  local width, at = vim.bo[bufnr].tabstop, column or 0
  local parts = {}
  for part, tab in text:gmatch('([^\t]*)(\t?)') do
    table.insert(parts, part)
    at = at + vim.fn.strdisplaywidth(part, at)
    if tab ~= '' then
      local blanks = width - at % width
      table.insert(parts, (' '):rep(blanks))
      at = at + blanks
    end
  end
  return table.concat(parts)
end

--- Lines for `virt_lines`.
---@param bufnr integer
---@param lines string[]
---@param group string
---@return [string, string][][]
function M.lines(bufnr, lines, group)
  return vim.tbl_map(function(line)
    local text = M.without_tabs(bufnr, line)
    return { { text == '' and ' ' or text, group } }
  end, lines)
end

--- Let lines above a buffer's first line be seen: Neovim scrolls no further up by itself.
---@param bufnr integer
---@param count integer
function M.make_room_at_top(bufnr, count)
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    vim.api.nvim_win_call(window, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 and view.topfill < count then
        vim.fn.winrestview({ topfill = count })
      end
    end)
  end
end

return M
