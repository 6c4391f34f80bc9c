-- Neovim 0.12's own ghost text. It asks 200 ms after a key, and inserts what it was given back then.

local server = require('spark_lsp.server')

local M = {}

---@return boolean
function M.exists()
  return vim.lsp.inline_completion ~= nil
end

---@param client vim.lsp.Client
---@param on boolean
function M.enable(client, bufnr, on)
  if not M.exists() then
    return
  end
  vim.lsp.inline_completion.enable(on, { client_id = client.id })
  if on then
    vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  end
end

--- What is left of an item after what was typed since it was asked for. Other servers' items stay as they are.
---@param item vim.lsp.inline_completion.Item
---@return vim.lsp.inline_completion.Item?
local function rest_of(item)
  local client = vim.lsp.get_client_by_id(item.client_id)
  if not client or client.name ~= server.NAME or not item.range then
    return item
  end
  local row, column, _, end_column = item.range:to_extmark()
  local at = vim.api.nvim_win_get_cursor(0)
  local cursor, text = at[2], item.insert_text
  local typed = vim.api.nvim_get_current_line():sub(column + 1, cursor)
  if type(text) ~= 'string' or at[1] - 1 ~= row or cursor < column or not vim.startswith(text, typed) then
    return nil
  end
  if typed ~= '' then
    vim.api.nvim_buf_set_text(0, row, cursor, row, end_column + #typed, {})
    item.insert_text, item.range = text:sub(#typed + 1), nil
  end
  return item
end

--- Put what is shown into the text.
---@return boolean accepted
function M.accept()
  return M.exists() and vim.lsp.inline_completion.get({ on_accept = rest_of })
end

return M
