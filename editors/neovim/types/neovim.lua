---@meta
-- What the plug-in uses of Neovim and what Neovim's own annotations leave out, or have only in later versions.

---@class uv.uv_timer_t
local timer = {}
---@param timeout integer milliseconds
---@param every integer milliseconds; 0: once
---@param callback fun()
function timer:start(timeout, every, callback) end
function timer:stop() end
function timer:close() end
---@return boolean
function timer:is_closing() end

---@class uv
local uv = {}
---@return uv.uv_timer_t
function uv.new_timer() end

vim.uv = uv

--- Neovim 0.12.
---@class vim.lsp.inline_completion.Item
---@field client_id integer
---@field insert_text string|lsp.StringValue
---@field range? vim.Range
---@field command? lsp.Command

---@class vim.Range
local range = {}
---@return integer start_row, integer start_col, integer end_row, integer end_col
function range:to_extmark() end
