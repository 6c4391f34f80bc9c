-- `:checkhealth spark_lsp`.

local options = require('spark_lsp.options')
local server = require('spark_lsp.server')
local status = require('spark_lsp.status')

local M = {}

local ANSWER_WITHIN = 2000 -- milliseconds

local function check_neovim()
  local version = vim.version() ---@diagnostic disable-line: call-non-callable
  local name = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok(name)
  else
    vim.health.error(name .. ' is too old: install 0.11 or later.')
  end
end

---@param command string
---@return string? version, string? problem
local function version_of(command)
  local started, process = pcall(vim.system, { command, '--version' }, { text = true, timeout = 10000 })
  if not started then
    return nil, tostring(process)
  end
  local done = process:wait()
  if done.code ~= 0 then
    return nil, vim.trim(done.stderr or '')
  end
  return vim.trim(done.stdout or ''), nil
end

local function check_server()
  local config = vim.lsp.config[server.NAME] ---@diagnostic disable-line: undefined-field
  local command = config and type(config.cmd) == 'table' and config.cmd[1] or nil
  if not command then
    vim.health.info('The server is started by a function of your configuration.')
  elseif vim.fn.executable(command) == 0 then
    vim.health.error(
      ('`%s` cannot be run.'):format(command),
      { 'Install it: `uv tool install spark-lsp`, `pipx install spark-lsp` or `pip install spark-lsp`.' }
    )
  else
    local version, problem = version_of(command)
    if version then
      vim.health.ok(('%s (%s)'):format(version, vim.fn.exepath(command)))
    else
      vim.health.error(('`%s --version` failed: %s'):format(command, problem))
    end
  end
  if vim.lsp.is_enabled(server.NAME) then
    vim.health.ok('It is enabled.')
  else
    vim.health.warn('It is not enabled.', { "Write `vim.lsp.enable('spark_lsp')` into your configuration." })
  end
end

---@param client vim.lsp.Client
local function check_endpoint(client)
  local bufnr = vim.tbl_keys(client.attached_buffers)[1]
  local params = { command = 'spark.status', arguments = { vim.empty_dict() } }
  local answer = client:request_sync('workspace/executeCommand', params, ANSWER_WITHIN, bufnr)
  local found = answer and answer.result ---@type spark_lsp.Status?
  if not found then
    vim.health.error('It does not answer.', { ':Spark restart', ':Spark log' })
    return
  end
  local line = table.concat(status.lines(found), ', ')
  if found.state == 'ready' or found.state == 'busy' then
    vim.health.ok('Endpoint: ' .. line)
  else
    vim.health.warn('Endpoint: ' .. line, { '`spark-lsp doctor` says more.' })
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = server.NAME })
  if #clients == 0 then
    vim.health.info('No server runs: it starts when a file is opened whose language it knows.')
  end
  for _, client in ipairs(clients) do
    local count = vim.tbl_count(client.attached_buffers)
    local where = client.root_dir and vim.fn.fnamemodify(client.root_dir, ':~') or 'single files'
    vim.health.ok(('Client %d is attached to %d buffer(s), %s.'):format(client.id, count, where))
    check_endpoint(client)
  end
end

local function check_options()
  local set, problems = options.read()
  for _, problem in ipairs(problems) do
    vim.health.error(problem, { ':help spark-lsp-options' })
  end
  local builtin = require('spark_lsp.builtin_ghost_text').exists()
  if set.ghost_text == 'off' then
    vim.health.info('Ghost text is off.')
  elseif set.ghost_text == 'builtin' and builtin then
    vim.health.ok("Ghost text: Neovim's own, 200 ms after a key.")
  elseif set.ghost_text == 'builtin' then
    vim.health.warn("Ghost text: the plug-in's own, since this Neovim has none.")
  else
    vim.health.ok("Ghost text: the plug-in's own, at once.")
  end
  vim.health.info('Next edits are ' .. (set.next_edit and 'on.' or 'off.'))
  if not require('spark_lsp.attach').suggests() then
    vim.health.info('Suggestions are off in this session: :Spark enable turns them on.')
  end
end

function M.check()
  vim.health.start('spark-lsp: editor')
  check_neovim()
  check_options()
  vim.health.start('spark-lsp: server')
  check_server()
  check_clients()
end

return M
