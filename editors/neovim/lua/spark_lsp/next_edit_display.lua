-- Draws a next edit: what goes is highlighted where it is, what comes is virtual text beside or below it.

local highlights = require('spark_lsp.highlights')
local line_diff = require('spark_lsp.line_diff')
local position = require('spark_lsp.position')
local virtual_text = require('spark_lsp.virtual_text')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('spark_lsp.next_edit')
local HINTS = vim.api.nvim_create_namespace('spark_lsp.next_edit_hint')

---@param bufnr integer
function M.clear(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  end
  M.clear_hint()
end

---@type integer? The buffer that has a hint.
local hinted

function M.clear_hint()
  if hinted and vim.api.nvim_buf_is_valid(hinted) then
    vim.api.nvim_buf_clear_namespace(hinted, HINTS, 0, -1)
  end
  hinted = nil
end

---@param line string
---@param byte integer
---@return boolean
local function is_in_word(line, byte)
  return line:sub(byte, byte):find('^[%w_\128-\255]') ~= nil
end

--- How many bytes two lines have in common at their starts and at their ends, in whole words: what is shown as gone and
--- as come is read, not spelled.
---@param old string
---@param new string
---@return integer front, integer back
local function common(old, new)
  local most, front, back = math.min(#old, #new), 0, 0
  while front < most and old:byte(front + 1) == new:byte(front + 1) do
    front = front + 1
  end
  while back < most - front and old:byte(#old - back) == new:byte(#new - back) do
    back = back + 1
  end
  while front > 0 and is_in_word(old, front) and (is_in_word(old, front + 1) or is_in_word(new, front + 1)) do
    front = front - 1
  end
  local function splits_word(line)
    return is_in_word(line, #line - back)
  end
  while back > 0 and is_in_word(old, #old - back + 1) and (splits_word(old) or splits_word(new)) do
    back = back - 1
  end
  return front, back
end

--- A line in which a part becomes another.
---@param bufnr integer
---@param row integer
---@param old string
---@param new string
---@return integer column Where the difference starts.
local function show_in_line(bufnr, row, old, new)
  local front, back = common(old, new)
  local stop = #old - back
  if stop > front then
    vim.api.nvim_buf_set_extmark(
      bufnr,
      NAMESPACE,
      row,
      front,
      { end_row = row, end_col = stop, hl_group = highlights.REMOVED }
    )
  end
  local added = new:sub(front + 1, #new - back)
  if added ~= '' then
    local before = vim.fn.strdisplaywidth(old:sub(1, stop))
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, row, stop, {
      virt_text = { { virtual_text.without_tabs(bufnr, added, before), highlights.ADDED } },
      virt_text_pos = 'inline',
    })
  end
  return front
end

--- Rows that become other lines.
---@param bufnr integer
---@param first integer
---@param last integer excluded
---@param added string[]
local function show_lines(bufnr, first, last, added)
  if last > first then
    local count = vim.api.nvim_buf_line_count(bufnr)
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, first, 0, {
      end_row = last,
      end_col = 0,
      hl_group = highlights.REMOVED,
      hl_eol = true,
      strict = last < count,
    })
  end
  if #added > 0 then
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, math.max(last - 1, 0), 0, {
      virt_lines = virtual_text.lines(bufnr, added, highlights.ADDED),
      virt_lines_above = last == 0,
    })
    if last == 0 then
      virtual_text.make_room_at_top(bufnr, #added)
    end
  end
end

--- Show rows as they are and as they are to be.
---@param bufnr integer
---@param row integer
---@param old string[]
---@param new string[]
---@return integer row, integer column Where the first difference is.
function M.show(bufnr, row, old, new)
  M.clear(bufnr)
  local at_row, at_column ---@type integer?, integer?
  for _, hunk in ipairs(line_diff.hunks(old, new)) do
    local first, column = row + hunk.old_first, 0
    if #hunk.old == #hunk.new then
      for index, line in ipairs(hunk.old) do
        local at = show_in_line(bufnr, first + index - 1, line, hunk.new[index] or '')
        column = index == 1 and at or column
      end
    else
      show_lines(bufnr, first, first + #hunk.old, hunk.new)
    end
    at_row, at_column = at_row or math.min(first, vim.api.nvim_buf_line_count(bufnr) - 1), at_column or column
  end
  return at_row or row, at_column or 0
end

--- Say at the cursor's line where the next edit is, if it is not on the screen.
---@param bufnr integer
---@param row integer
function M.hint(bufnr, row)
  M.clear_hint()
  local here = vim.api.nvim_get_current_buf()
  local text ---@type string
  if bufnr ~= here then
    text = ('→ %s:%d'):format(vim.fs.basename(vim.api.nvim_buf_get_name(bufnr)), row + 1)
  elseif row < vim.fn.line('w0') - 1 then
    text = ('↑ line %d'):format(row + 1)
  elseif row > vim.fn.line('w$') - 1 then
    text = ('↓ line %d'):format(row + 1)
  else
    return
  end
  hinted = here
  local cursor = position.cursor()
  vim.api.nvim_buf_set_extmark(here, HINTS, cursor, 0, {
    virt_text = { { 'Next edit ' .. text, highlights.HINT } },
    virt_text_pos = 'eol',
  })
end

return M
