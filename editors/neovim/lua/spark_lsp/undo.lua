-- Steps of undo around changes that the user did not type.

local M = {}

--- The `changedtick` of a buffer as the last batch left it. One that is another says that the user, or somebody
--- else, has changed the text or undone something since.
---@type table<integer, integer>
local left_at = {}

--- Begin a step of undo here; changes of the user's that are not finished (insert mode) are a step of their own.
local function break_before()
  vim.cmd('let &g:undolevels = &g:undolevels') -- see |undo-break|
end

--- Insert mode: what is typed from now on is another step. Neovim only takes that as a key.
---@param bufnr integer
local function break_after(bufnr)
  local plain_insert = vim.api.nvim_get_mode().mode == 'i' and vim.fn.pumvisible() == 0
  if plain_insert and vim.api.nvim_get_current_buf() == bufnr then
    vim.api.nvim_feedkeys(vim.keycode('<C-g>u'), 'in', false)
  end
end

--- Change a buffer: a step of undo of its own.
---
--- A batch of a streamed edit is 'first', or 'joined' with the batch before it if nothing came between.
---
--- A menu of completions would be closed by the key that ends the step: as long as there is one, the change becomes
--- part of the user's step.
---@param bufnr integer
---@param change fun()
---@param batch? 'first'|'joined'
function M.change(bufnr, change, batch)
  vim.api.nvim_buf_call(bufnr, function()
    if batch == 'joined' and left_at[bufnr] == vim.api.nvim_buf_get_changedtick(bufnr) then
      -- Not allowed right after an undo, which would have moved the tick: but nothing is worth an error here.
      pcall(vim.cmd.undojoin)
    elseif vim.fn.pumvisible() == 0 then
      break_before()
    end
    change()
  end)
  break_after(bufnr)
  left_at[bufnr] = batch and vim.api.nvim_buf_get_changedtick(bufnr) or nil
end

---@param bufnr integer
function M.forget(bufnr)
  left_at[bufnr] = nil
end

return M
