-- A server inside the editor that offers one next edit, `Canned.edit`, for the file `Canned.uri` or the one asked for;
-- without a version for a file that is not open.

Canned = { told = {} }

function Canned.command(dispatchers)
  local closing = false
  local function finish()
    if not closing then
      closing = true
      dispatchers.on_exit(0, 0)
    end
  end
  local count = 0
  return {
    request = function(method, params, callback)
      if method == 'initialize' then
        callback(nil, { capabilities = { textDocumentSync = 2, positionEncoding = 'utf-16' } })
      elseif method == 'textDocument/copilotInlineEdit' then
        local uri = Canned.uri or params.textDocument.uri
        local edit = Canned.edit and vim.deepcopy(Canned.edit)
        if edit then
          count = count + 1
          local bufnr = vim.uri_to_bufnr(uri)
          local is_open = vim.api.nvim_buf_is_loaded(bufnr)
          edit.textDocument = { uri = uri, version = is_open and vim.lsp.util.buf_versions[bufnr] or nil }
          edit.command = { title = '', command = 'spark.accepted', arguments = { { id = 'next-' .. count } } }
        end
        callback(nil, { edits = { edit } })
      else
        callback(nil, vim.NIL)
      end
      return true, 1
    end,
    notify = function(method, params)
      if method == 'exit' then
        finish()
      elseif vim.startswith(method, 'spark/') then
        table.insert(Canned.told, method)
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = finish,
  }
end

vim.lsp.config('spark_lsp', { cmd = Canned.command })
