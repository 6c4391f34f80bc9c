-- Which buffers the plug-in is at work in: those that the server is attached to, and no others.

local options = require('spark_lsp.options')
local server = require('spark_lsp.server')

local M = {}

---@type table<integer, true?> buffers
local attached = {}
---@type table<integer, true> clients that are to end
local expected_to_end = {}
local suggests = true ---@type boolean
local warned = false ---@type boolean

--- Ghost text and next edits, as the options have them.
---@param client vim.lsp.Client
---@param bufnr integer
local function begin_suggesting(client, bufnr)
  local set = options.read()
  local builtin = require('spark_lsp.builtin_ghost_text')
  local own = set.ghost_text == 'own' or set.ghost_text == 'builtin' and not builtin.exists()
  -- Neovim's own would be shown on top of the plug-in's.
  builtin.enable(client, bufnr, set.ghost_text == 'builtin')
  if own and (client.server_capabilities or {}).inlineCompletionProvider then
    require('spark_lsp.ghost_text').enable(bufnr)
  end
  if set.next_edit then
    require('spark_lsp.next_edit').enable(bufnr)
  end
end

---@param client vim.lsp.Client?
---@param bufnr integer
local function stop_suggesting(client, bufnr)
  require('spark_lsp.ghost_text').disable(bufnr)
  require('spark_lsp.next_edit').disable(bufnr)
  if client then
    require('spark_lsp.builtin_ghost_text').enable(client, bufnr, false)
  end
end

---@param client vim.lsp.Client
---@param bufnr integer
local function attach(client, bufnr)
  if attached[bufnr] then
    return
  end
  attached[bufnr] = true
  require('spark_lsp.highlights').define()
  local group = vim.api.nvim_create_augroup('spark_lsp.buffer.' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'TextChanged', 'InsertLeave' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      require('spark_lsp.review').text_changed(bufnr)
    end,
  })
  if suggests then
    begin_suggesting(client, bufnr)
  end
  local _, problems = options.read()
  if problems[1] and not warned then
    warned = true
    server.tell(problems[1] .. ' See :help spark-lsp-options.', vim.log.levels.WARN)
  end
end

---@param bufnr integer
local function detach(bufnr)
  if not attached[bufnr] then
    return
  end
  attached[bufnr] = nil
  pcall(vim.api.nvim_del_augroup_by_name, 'spark_lsp.buffer.' .. bufnr)
  stop_suggesting(nil, bufnr)
  require('spark_lsp.review').clear(bufnr)
  require('spark_lsp.undo').forget(bufnr)
  require('spark_lsp.edit').forget(bufnr)
end

--- Follow where the server is attached. Called once, when its configuration is read.
function M.watch()
  local group = vim.api.nvim_create_augroup('spark_lsp', {})
  ---@param event string
  ---@param act fun(client: vim.lsp.Client, bufnr: integer)
  local function on(event, act)
    vim.api.nvim_create_autocmd(event, {
      group = group,
      callback = function(args)
        local client = vim.lsp.get_client_by_id(args.data.client_id)
        if client and client.name == server.NAME then
          act(client, args.buf)
        end
      end,
    })
  end
  on('LspAttach', attach)
  on('LspDetach', function(_, bufnr)
    detach(bufnr)
  end)
end

--- Whether ghost text and next edits are on.
---@return boolean
function M.suggests()
  return suggests
end

--- Turn ghost text and next edits on or off, for all buffers. Edits by an instruction are there either way.
---@param on boolean
function M.suggest(on)
  suggests = on
  for bufnr in pairs(attached) do
    local client = server.client(bufnr)
    if client then
      stop_suggesting(client, bufnr)
      if on then
        begin_suggesting(client, bufnr)
      end
    end
  end
end

--- The server has ended. Neovim says with what status; this says what to do.
---@param code integer
---@param signal integer
---@param client_id integer
function M.exited(code, signal, client_id)
  vim.schedule(function()
    require('spark_lsp.status').forget(client_id)
    local is_expected = expected_to_end[client_id] or vim.v.exiting ~= vim.NIL
    expected_to_end[client_id] = nil
    if (code ~= 0 or signal ~= 0) and not is_expected then
      -- Neovim has just said with what status.
      server.tell('spark-lsp ended unexpectedly. :Spark restart starts it again.', vim.log.levels.ERROR)
    end
  end)
end

--- Start the server anew for every buffer that has it or should have it.
function M.restart()
  local waiting = 0
  local function start()
    -- As if each file had just been opened.
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].buftype == '' and vim.bo[bufnr].filetype ~= '' then
        vim.api.nvim_exec_autocmds('FileType', { group = 'nvim.lsp.enable', buffer = bufnr, modeline = false })
      end
    end
    server.tell('The server was started again.')
  end
  if not vim.lsp.is_enabled(server.NAME) then
    return server.tell("The server is not enabled: vim.lsp.enable('spark_lsp').", vim.log.levels.WARN)
  end
  for _, client in ipairs(vim.lsp.get_clients({ name = server.NAME })) do
    waiting = waiting + 1
    expected_to_end[client.id] = true
    client:stop()
    local timer, tries = vim.uv.new_timer(), 0
    timer:start(
      10,
      10,
      vim.schedule_wrap(function()
        tries = tries + 1
        if tries == 300 then -- it has had three seconds to wind up
          client:stop(true)
        end
        if client:is_stopped() and not timer:is_closing() then
          timer:close()
          waiting = waiting - 1
          if waiting == 0 then
            start()
          end
        end
      end)
    )
  end
  if waiting == 0 then
    start()
  end
end

return M
