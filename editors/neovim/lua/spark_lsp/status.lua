-- What the server says of itself, and a component for status lines.

local server = require('spark_lsp.server')

local M = {}

---@class spark_lsp.Status
---@field state 'ready'|'busy'|'offline'|'limited'|'error'
---@field message? string
---@field endpoint string
---@field model string
---@field routes table<string, string>
---@field busy { task: string, uri: string }[]
---@field firstTokenMs? number
---@field tokensPerSecond? number
---@field todayUsd? number

---@class spark_lsp.ClientStatus
---@field status spark_lsp.Status
---@field text string As the status line has it.

---@type table<integer, spark_lsp.ClientStatus> by client
local statuses = {}

local SIGNS = { ready = '', busy = ' …', offline = '', limited = ' (limited)', error = ' (error)' }

---@param status spark_lsp.Status
---@return string
local function text_of(status)
  local who = status.state == 'offline' and 'offline' or status.model ~= '' and status.model or status.endpoint
  local time = status.state == 'ready' and status.firstTokenMs and (' %.0f ms'):format(status.firstTokenMs) or ''
  -- It is evaluated in status lines by %{}, so a % is a % there.
  return 'Spark ' .. who .. time .. (SIGNS[status.state] or '')
end

---@param client_id integer
---@param status spark_lsp.Status
local function note(client_id, status)
  statuses[client_id] = { status = status, text = text_of(status) }
  vim.cmd.redrawstatus({ bang = true })
  vim.api.nvim_exec_autocmds('User', { pattern = 'SparkStatus', modeline = false, data = { status = status } })
end

--- The handler of the notification `spark/status`.
---@param _ lsp.ResponseError?
---@param status spark_lsp.Status
---@param context lsp.HandlerContext
function M.handle(_, status, context)
  note(context.client_id, status)
end

---@param client_id integer
function M.forget(client_id)
  statuses[client_id] = nil
end

--- What the server said last; nothing if none is attached.
---@param bufnr? integer The current buffer by default.
---@return spark_lsp.Status?
function M.of(bufnr)
  local client = server.client(bufnr or vim.api.nvim_get_current_buf())
  local known = client and statuses[client.id]
  return known and known.status
end

--- For a status line: model, time to the first token, and what is wrong, if anything is; empty without a server.
---@return string
function M.statusline()
  if not next(statuses) then
    return ''
  end
  local client = server.client(vim.api.nvim_get_current_buf())
  local known = client and statuses[client.id]
  return known and known.text or ''
end

--- Ask the server for its status.
---@param client vim.lsp.Client
---@param bufnr integer
---@param done? fun(status: spark_lsp.Status)
function M.ask(client, bufnr, done)
  server.execute(client, bufnr, 'spark.status', {}, function(status)
    if not status then
      return
    end
    note(client.id, status)
    if done then
      done(status)
    end
  end)
end

--- The names of what can be switched to; none if the server does not say within a second.
---@param bufnr integer
---@return string[]
function M.endpoint_names(bufnr)
  local client = server.client(bufnr)
  if not client then
    return {}
  end
  local params = { command = 'spark.endpoints', arguments = { vim.empty_dict() } }
  local answer = client:request_sync('workspace/executeCommand', params, 1000, bufnr)
  local names = vim.tbl_map(function(endpoint)
    return endpoint.name
  end, answer and answer.result or {})
  return vim.list_extend(names, { 'auto', 'offline' })
end

--- Lines for a person.
---@param status spark_lsp.Status
---@return string[]
function M.lines(status)
  local lines = { ('%s: %s %s'):format(status.state, status.endpoint, status.model) }
  if status.message then
    table.insert(lines, status.message)
  end
  for route, endpoint in vim.spairs(status.routes or {}) do
    table.insert(lines, ('%s: %s'):format(route, endpoint))
  end
  if status.firstTokenMs then
    table.insert(lines, ('first token after %.0f ms'):format(status.firstTokenMs))
  end
  if status.tokensPerSecond then
    table.insert(lines, ('%.0f tokens a second'):format(status.tokensPerSecond))
  end
  if status.todayUsd then
    table.insert(lines, ('%.4f USD today'):format(status.todayUsd))
  end
  return lines
end

--- Print the status.
function M.show()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if client then
    M.ask(client, bufnr, function(status)
      vim.api.nvim_echo({ { table.concat(M.lines(status), '\n') } }, true, {})
    end)
  end
end

--- Use another endpoint for the rest of this session.
---@param name string
---@param route? string One of the status' routes; all of them by default.
function M.use_endpoint(name, route)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client_or_warning(bufnr)
  if not client then
    return
  end
  server.execute(client, bufnr, 'spark.endpoint', { use = name, route = route }, function(status)
    if not status then
      return
    end
    local failed = status.state == 'error' or status.state == 'offline' and name ~= 'offline'
    if failed and status.message then
      return server.tell(status.message, vim.log.levels.ERROR)
    end
    server.tell(('%s %s answers now.'):format(status.endpoint, status.model))
  end)
end

return M
