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
  local source = assert(debug.getinfo(vim.notify, 'S')).source
  return vim.startswith(source, '@vim/') or source == '?' -- as Neovim's own modules are compiled
end

--- A text in lines that fit into the last line of the screen.
---@param text string
---@param width integer
---@return string[]
local function wrapped(text, width)
  local lines, line = {}, ''
  for word, blank in text:gmatch('(%S+)(%s*)') do
    local longer = line == '' and word or line .. ' ' .. word
    if line ~= '' and vim.fn.strdisplaywidth(longer) > width then
      table.insert(lines, line)
      longer = word
    end
    while vim.fn.strdisplaywidth(longer) > width do
      local part = vim.fn.strcharpart(longer, 0, math.max(math.floor(width / 2), 1))
      table.insert(lines, part)
      longer = longer:sub(#part + 1)
    end
    line = longer
    if blank:find('\n') then
      table.insert(lines, line)
      line = ''
    end
  end
  table.insert(lines, line)
  return lines
end

--- Put what is too long for one line into |:messages|, piece by piece, and leave its beginning on the screen. Given as
--- a whole, Neovim would wait for a key to go on, and take one that was meant for the text.
---@param text string
---@param level integer
local function print_in_pieces(text, level)
  local lines = wrapped(text, math.max(vim.v.echospace - 2, 10))
  for _, line in ipairs(lines) do
    vim.api.nvim_echo({ { line, GROUPS[level] } }, true, {})
    vim.cmd.redraw()
  end
  vim.api.nvim_echo({ { lines[1] .. ' …', GROUPS[level] } }, false, {})
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
    print_in_pieces(text, level or vim.log.levels.INFO)
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

--- The buffer and the client that one of the server's commands is for, when a code action or a lens runs it.
---@param context { bufnr?: integer, client_id?: integer }
---@return integer bufnr, vim.lsp.Client? client
function M.of_command(context)
  local bufnr = context.bufnr or vim.api.nvim_get_current_buf()
  return bufnr, context.client_id and vim.lsp.get_client_by_id(context.client_id) or M.client(bufnr)
end

--- Tell the server that the user does not want a suggestion.
---@param suggestion { client_id: integer, id?: string }
function M.reject(suggestion)
  local client = vim.lsp.get_client_by_id(suggestion.client_id)
  if client and suggestion.id then
    client:notify('spark/didReject', { id = suggestion.id })
  end
end

--- What the client counts characters in.
---@param client vim.lsp.Client
---@return 'utf-8'|'utf-16'|'utf-32'
function M.encoding(client)
  return client.offset_encoding --[[@as 'utf-8'|'utf-16'|'utf-32']]
end

--- The server's name for a suggestion, from the command that is to be run when it is accepted.
---@param command? lsp.Command
---@return string?
function M.id_of(command)
  local argument = command and command.arguments and command.arguments[1]
  local id = type(argument) == 'table' and argument.id or nil
  return type(id) == 'string' and id or nil
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
