-- Draws a suggestion at the cursor.

local highlights = require('spark_lsp.highlights')
local position = require('spark_lsp.position')
local virtual_text = require('spark_lsp.virtual_text')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('spark_lsp.ghost_text')

---@param bufnr integer
function M.clear(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  end
end

--- Whether all bytes of one text are in another, in their order.
---@param text string
---@param wanted string
---@return boolean
function M.contains_in_order(text, wanted)
  local from = 1
  for byte in wanted:gmatch('.') do
    local _, at = text:find(byte, from, true)
    if not at then
      return false
    end
    from = at + 1
  end
  return true
end

--- A line as pieces that come before, between and behind the characters that are there.
---@param line string
---@param there string In order in the line.
---@return { offset: integer, text: string }[] pieces The offset is how many bytes of what is there come first.
local function pieces_around(line, there)
  local pieces, from, offset = {}, 1, 0
  for byte in there:gmatch('.') do
    local at = assert(line:find(byte, from, true))
    if at > from then
      table.insert(pieces, { offset = offset, text = line:sub(from, at - 1) })
    end
    from, offset = at + 1, offset + 1
  end
  if from <= #line then
    table.insert(pieces, { offset = offset, text = line:sub(from) })
  end
  return pieces
end

--- Characters of more than one byte could be taken apart.
---@param text string
---@return boolean
local function is_ascii(text)
  return not text:find('[\128-\255]')
end

---@param suggestion spark_lsp.Suggestion
function M.show(suggestion)
  local bufnr, row, column = suggestion.bufnr, suggestion.row, suggestion.column
  M.clear(bufnr)
  local lines = vim.split(suggestion.rest, '\n', { plain = true })
  local first, behind = lines[1], suggestion.behind
  local before = vim.fn.strdisplaywidth(position.line(bufnr, row):sub(1, column))
  ---@param offset integer
  ---@param text string
  ---@param place 'inline'|'overlay'
  local function put(offset, text, place)
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, row, column + offset, {
      virt_text = { { virtual_text.without_tabs(bufnr, text, before), highlights.GHOST_TEXT } },
      virt_text_pos = place,
      hl_mode = 'combine',
    })
  end
  if behind == '' or (is_ascii(behind) and M.contains_in_order(first, behind)) then
    for _, piece in ipairs(pieces_around(first, behind)) do
      put(piece.offset, piece.text, 'inline')
    end
  else
    local missing = vim.fn.strdisplaywidth(behind) - vim.fn.strdisplaywidth(first)
    put(0, first .. (' '):rep(math.max(missing, 0)), 'overlay')
  end
  if #lines > 1 then
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, row, column, {
      virt_lines = virtual_text.lines(bufnr, vim.list_slice(lines, 2), highlights.GHOST_TEXT),
    })
  end
end

return M
