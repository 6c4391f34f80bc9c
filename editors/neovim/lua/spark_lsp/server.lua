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

---@type table<integer, string>
local GROUPS = { [vim.log.levels.WARN] = 'WarningMsg', [vim.log.levels.ERROR] = 'ErrorMsg' }

--- Whether |vim.notify()| is Neovim's own, which prints.
---@return boolean
local function notify_prints()
  return vim.startswith(debug.getinfo(vim.notify, 'S').source, '@vim/')
end

--- Put what is too long for one line into |:messages|, and show as much as there is room for: Neovim would wait for a
--- key to go on, and take one that was meant for the text.
---@param text string
---@param level integer
local function print_shortened(text, level)
  local before = vim.o.messagesopt
  vim.o.messagesopt = 'wait:0,history:500'
  vim.api.nvim_echo({ { text, GROUPS[level] } }, true, {})
  vim.o.messagesopt = before
  vim.cmd.redraw()
  local first = text:match('^[^\n]*')
  local shown = vim.fn.strcharpart(first, 0, vim.v.echospace - #' …')
  while vim.fn.strdisplaywidth(shown) > vim.v.echospace - #' …' do
    shown = vim.fn.strcharpart(shown, 0, vim.fn.strchars(shown) - 1)
  end
  vim.api.nvim_echo({ { shown .. ' …', GROUPS[level] } }, false, {})
end

--- Say something to the user. Never from within a fast event.
---@param sentence string
---@param level? integer of vim.log.levels; INFO by default
function M.tell(sentence, level)
  local text = 'Spark: ' .. sentence
  local fits = not text:find('\n', 1, true) and vim.fn.strdisplaywidth(text) <= vim.v.echospace
  if fits or not notify_prints() then
    vim.notify(text, level or vim.log.levels.INFO)
  else
    print_shortened(text, level or vim.log.levels.INFO)
  end
end

---@type table<integer, integer> of LSP's MessageType
local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

--- The handler of `window/showMessage`.
---@param _ lsp.ResponseError?
---@param params lsp.ShowMessageParams
function M.show_message(_, params)
  M.tell(params.message:gsub('^Spark:? ', ''), LEVELS[params.type])
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
