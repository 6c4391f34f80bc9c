-- What `vim.lsp.enable('spark_lsp')` starts.

local M = {}

--- Every filetype whose language the server can parse.
local FILETYPES = {
  'bash',
  'c',
  'cpp',
  'cs',
  'css',
  'go',
  'html',
  'java',
  'javascript',
  'javascriptreact',
  'json',
  'jsonc',
  'lua',
  'php',
  'python',
  'ruby',
  'rust',
  'sh',
  'toml',
  'typescript',
  'typescriptreact',
  'yaml',
}

--- The configuration that users' own `vim.lsp.config('spark_lsp', …)` goes on top of.
---@return vim.lsp.Config
function M.get()
  require('spark_lsp.attach').watch()
  return {
    cmd = { 'spark-lsp', '--stdio' },
    filetypes = FILETYPES,
    root_markers = { '.spark.toml', '.git' },
    capabilities = {
      experimental = { spark = { status = true, applyEdit = true } },
      -- Neovim 0.11 does not say this of itself; the plug-in shows ghost text there.
      textDocument = { inlineCompletion = { dynamicRegistration = false } },
    },
    -- A server that is told late of what was typed refuses nothing and repairs much.
    flags = { debounce_text_changes = 20, allow_incremental_sync = true, exit_timeout = false },
    handlers = {
      ['spark/applyEdit'] = function(...)
        return require('spark_lsp.apply_edit').handle(...)
      end,
      ['spark/status'] = function(...)
        return require('spark_lsp.status').handle(...)
      end,
      ['window/showMessage'] = function(...)
        return require('spark_lsp.server').show_message(...)
      end,
    },
    -- Whoever runs one of the server's commands, a code action or a lens too, gets the plug-in's way of showing it.
    commands = {
      ['spark.edit'] = function(command, context)
        require('spark_lsp.edit').run_command(command, context)
      end,
      ['spark.nextEdit'] = function(command, context)
        require('spark_lsp.edit').run_command(command, context)
      end,
      ['spark.keep'] = function(command, context)
        require('spark_lsp.review').run_command(command, context)
      end,
      ['spark.revert'] = function(command, context)
        require('spark_lsp.review').run_command(command, context)
      end,
    },
    on_exit = function(code, signal, client_id)
      require('spark_lsp.attach').exited(code, signal, client_id)
    end,
  }
end

return M
