-- The command and the mappings by name. Nothing is loaded until one of them is used.

if vim.g.loaded_spark_lsp then
  return
end
vim.g.loaded_spark_lsp = true

vim.api.nvim_create_user_command('Spark', function(command)
  require('spark_lsp.command').run(command)
end, {
  nargs = '+',
  range = true,
  desc = 'Instant AI edits: see :help :Spark',
  complete = function(...)
    return require('spark_lsp.command').complete(...)
  end,
})

---@param modes string|string[]
---@param name string
---@param description string
---@param act fun()
local function plug(modes, name, description, act)
  vim.keymap.set(modes, ('<Plug>(spark-%s)'):format(name), act, { desc = description })
end

plug({ 'n', 'x' }, 'edit', 'Edit by an instruction', function()
  require('spark_lsp').edit()
end)
plug('i', 'accept', 'Accept the ghost text', function()
  require('spark_lsp').accept()
end)
plug('i', 'accept-word', 'Accept the next word of the ghost text', function()
  require('spark_lsp').accept('word')
end)
plug('i', 'accept-line', 'Accept the next line of the ghost text', function()
  require('spark_lsp').accept('line')
end)
plug('i', 'trigger', 'Ask for ghost text', function()
  require('spark_lsp').trigger()
end)
plug({ 'n', 'i' }, 'next-edit', 'Go to the next edit, or accept it', function()
  require('spark_lsp').next_edit()
end)
plug({ 'n', 'i' }, 'refuse', 'Refuse what is shown', function()
  require('spark_lsp').refuse()
end)
plug('n', 'keep', 'Keep the hunk at the cursor', function()
  require('spark_lsp.review').keep()
end)
plug('n', 'revert', 'Revert the hunk at the cursor', function()
  require('spark_lsp.review').revert()
end)
plug('n', 'keep-all', 'Keep every hunk', function()
  require('spark_lsp.review').keep_all()
end)
plug('n', 'revert-all', 'Revert every hunk', function()
  require('spark_lsp.review').revert_all()
end)
plug('n', 'next-hunk', 'Go to the next hunk', function()
  require('spark_lsp.review').go(1)
end)
plug('n', 'previous-hunk', 'Go to the previous hunk', function()
  require('spark_lsp.review').go(-1)
end)
