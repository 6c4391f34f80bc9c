-- The command `:Spark`.

local server = require('spark_lsp.server')

local M = {}

---@class spark_lsp.CommandArguments
---@field rest string What comes after the subcommand.
---@field range integer How many line numbers there were.
---@field line1 integer
---@field line2 integer

---@class spark_lsp.Subcommand
---@field run fun(arguments: spark_lsp.CommandArguments)
---@field complete? fun(start: string): string[]

---@param arguments spark_lsp.CommandArguments
---@param route? 'deep'
local function edit(arguments, route)
  local client = server.client_or_warning(vim.api.nvim_get_current_buf())
  if not client then
    return
  end
  local range ---@type lsp.Range?
  if arguments.range > 0 then
    local selection = require('spark_lsp.selection')
    range = selection.of_command(arguments.line1, arguments.line2, server.encoding(client))
  end
  require('spark_lsp.edit').edit({ instruction = arguments.rest, range = range, route = route })
end

---@param start string
---@return string[]
local function instructions(start)
  return require('spark_lsp.instructions').complete(start)
end

---@type table<string, spark_lsp.Subcommand>
local SUBCOMMANDS = {
  edit = { run = edit, complete = instructions },
  deep = {
    run = function(arguments)
      edit(arguments, 'deep')
    end,
    complete = instructions,
  },
  cancel = {
    run = function()
      require('spark_lsp.edit').cancel()
    end,
  },
  next = {
    run = function()
      if not require('spark_lsp.next_edit').jump_or_accept() then
        require('spark_lsp.edit').next()
      end
    end,
  },
  refuse = {
    run = function()
      if not require('spark_lsp').refuse() then
        server.tell('Nothing is shown that could be refused.')
      end
    end,
  },
  keep = {
    run = function()
      require('spark_lsp.review').keep()
    end,
  },
  revert = {
    run = function()
      require('spark_lsp.review').revert()
    end,
  },
  keep_all = {
    run = function()
      require('spark_lsp.review').keep_all()
    end,
  },
  revert_all = {
    run = function()
      require('spark_lsp.review').revert_all()
    end,
  },
  next_hunk = {
    run = function()
      require('spark_lsp.review').go(1)
    end,
  },
  previous_hunk = {
    run = function()
      require('spark_lsp.review').go(-1)
    end,
  },
  endpoint = {
    run = function(arguments)
      local name, route = arguments.rest:match('^(%S+)%s*(%S*)$')
      if not name or not route then
        return server.tell('Which endpoint? :Spark endpoint NAME [ROUTE].', vim.log.levels.WARN)
      end
      require('spark_lsp.status').use_endpoint(name, route ~= '' and route or nil)
    end,
    complete = function(start)
      local names = start:find('%s') and { 'inline', 'nextEdit', 'edit', 'deep' }
        or require('spark_lsp.status').endpoint_names(vim.api.nvim_get_current_buf())
      local last = start:match('(%S*)$') or ''
      return vim.tbl_filter(function(name)
        return vim.startswith(name, last)
      end, names)
    end,
  },
  status = {
    run = function()
      require('spark_lsp.status').show()
    end,
  },
  log = {
    run = function()
      vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
      vim.cmd('normal! G')
    end,
  },
  restart = {
    run = function()
      require('spark_lsp.attach').restart()
    end,
  },
  enable = {
    run = function()
      require('spark_lsp.attach').suggest(true)
    end,
  },
  disable = {
    run = function()
      require('spark_lsp.attach').suggest(false)
    end,
  },
}

---@return string[]
local function names()
  local list = vim.tbl_keys(SUBCOMMANDS)
  table.sort(list)
  return list
end

--- Run the command.
---@param command vim.api.keyset.create_user_command.command_args
function M.run(command)
  local name, rest = command.args:match('^(%S+)%s*(.-)%s*$')
  local subcommand = name and SUBCOMMANDS[name]
  if not subcommand then
    return server.tell(
      ('There is no :Spark %s: there are %s.'):format(name, table.concat(names(), ', ')),
      vim.log.levels.ERROR
    )
  end
  subcommand.run({ rest = rest or '', range = command.range, line1 = command.line1, line2 = command.line2 })
end

--- Complete the command line.
---@param _ string
---@param line string
---@param cursor integer
---@return string[]
function M.complete(_, line, cursor)
  local name, start = line:sub(1, cursor):match('Spark%s+(%S+)%s+(.*)$')
  if name and start then
    local subcommand = SUBCOMMANDS[name]
    local found = subcommand and subcommand.complete and subcommand.complete(start) or {}
    -- What is completed is the last word; instructions have several.
    local words_before = #(start:match('^(.*%s)') or '')
    if subcommand and subcommand.complete == instructions then
      return vim.tbl_map(function(one)
        return one:sub(words_before + 1)
      end, found)
    end
    return found
  end
  local part = line:sub(1, cursor):match('(%S*)$') or ''
  return vim.tbl_filter(function(one)
    return vim.startswith(one, part)
  end, names())
end

return M
