-- The instructions that were given last, newest first, over sessions. They are in a file of the user's state folder.

local options = require('spark_lsp.options')

local M = {}

---@type string[]?
local known

---@return string
local function path()
  return vim.fs.joinpath(vim.fn.stdpath('state') --[[@as string]], 'spark_lsp', 'instructions.json')
end

---@return string[]
function M.list()
  if known then
    return known
  end
  known = {}
  local file = io.open(path(), 'r')
  if file then
    local text = file:read('a') or ''
    file:close()
    local read, list = pcall(vim.json.decode, text)
    if read and type(list) == 'table' and vim.islist(list) then
      known = vim.tbl_filter(function(one)
        return type(one) == 'string'
      end, list)
    end
  end
  return known
end

---@param instruction string
function M.remember(instruction)
  local most = options.read().instructions
  if most == 0 then
    return
  end
  local list = vim.tbl_filter(function(one)
    return one ~= instruction
  end, M.list())
  table.insert(list, 1, instruction)
  known = vim.list_slice(list, 1, most)
  pcall(vim.fn.mkdir, vim.fs.dirname(path()), 'p')
  local file = io.open(path(), 'w')
  if file then
    file:write(vim.json.encode(known))
    file:close()
  end
end

--- Those that go on with what is there, for completion.
---@param start string
---@return string[]
function M.complete(start)
  return vim.tbl_filter(function(one)
    return vim.startswith(one, start)
  end, M.list())
end

return M
