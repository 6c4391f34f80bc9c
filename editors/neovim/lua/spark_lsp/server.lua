-- The server, as the other modules speak to it.

local M = {}

M.NAME = 'spark_lsp'
M.GONE = 'No spark-lsp runs for this file: see :checkhealth spark_lsp.'

--- The client of a buffer, if the server is attached to it.
---@param bufnr integer
---@return vim.lsp.Client?
function M.client(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = M.NAME })[1]
end

--- The same, with a word to the user if there is none.
---@param bufnr integer
---@return vim.lsp.Client?
function M.client_or_warning(bufnr)
  local client = M.client(bufnr)
  if not client then
    M.tell(M.GONE, vim.log.levels.WARN)
  end
  return client
end

--- Say something to the user. Never from within a fast event.
---@param sentence string
---@param level? integer of vim.log.levels; INFO by default
function M.tell(sentence, level)
  vim.notify('Spark: ' .. sentence, level or vim.log.levels.INFO)
end

--- Run one of the server's commands. What goes wrong on the way is told to the user.
---@param client vim.lsp.Client
---@param bufnr integer A number and not 0: for 0, Neovim 0.11 does not report pending changes before the request.
---@param command string
---@param argument table
---@param done? fun(result: any, failed: boolean) Not called if the server goes away.
---@return integer? request For `client:cancel_request`.
function M.execute(client, bufnr, command, argument, done)
  local params = { command = command, arguments = { next(argument) and argument or vim.empty_dict() } }
  local sent, request = client:request('workspace/executeCommand', params, function(failure, result)
    if failure then
      M.tell(failure.message, vim.log.levels.ERROR)
    end
    if done then
      done(result, failure ~= nil)
    end
  end, bufnr)
  return sent and request or nil
end

return M
