-- What users set in `vim.g.spark_lsp`.

---@class spark_lsp.Options
---@field ghost_text? 'own'|'builtin'|'off' Who shows ghost text: the plug-in, at once; Neovim 0.12, 200 ms after a key.
---@field next_edit? boolean Next edits are shown.
---@field review? boolean What an edit removed and added is shown until it is kept or reverted.
---@field instructions? integer So many of your last instructions are remembered; 0: none.

local M = {}

---@class spark_lsp.SetOptions: spark_lsp.Options
local DEFAULTS = {
  ghost_text = 'own', ---@type 'own'|'builtin'|'off'
  next_edit = true, ---@type boolean
  review = true, ---@type boolean
  instructions = 50, ---@type integer
}

local KINDS = { own = true, builtin = true, off = true }

---@type table<string, { valid: string|(fun(value: any): boolean), expected: string }>
local CHECKS = {
  ghost_text = {
    valid = function(value)
      return KINDS[value] == true
    end,
    expected = "'own', 'builtin' or 'off'",
  },
  next_edit = { valid = 'boolean', expected = 'true or false' },
  review = { valid = 'boolean', expected = 'true or false' },
  instructions = {
    valid = function(value)
      return type(value) == 'number' and value >= 0 and value % 1 == 0
    end,
    expected = 'a whole number, 0 or more',
  },
}

--- What is wrong with an option; nothing if it is right.
---@param name string
---@param value any
---@return string?
local function problem_of(name, value)
  local check = CHECKS[name]
  if not check then
    return ('vim.g.spark_lsp.%s does not exist: there are %s.'):format(name, table.concat(M.names(), ', '))
  end
  local valid = pcall(vim.validate, name, value, check.valid, false, check.expected)
  return not valid and ('vim.g.spark_lsp.%s must be %s.'):format(name, check.expected) or nil
end

---@return string[]
function M.names()
  local names = vim.tbl_keys(DEFAULTS)
  table.sort(names)
  return names
end

--- The options in force, and a sentence for each that is not as it should be; its default holds then.
---@return spark_lsp.SetOptions, string[]
function M.read()
  local options, problems = vim.deepcopy(DEFAULTS), {}
  local set = vim.g.spark_lsp
  if set == nil then
    return options, problems
  end
  if type(set) ~= 'table' then
    return options, { 'vim.g.spark_lsp must be a table.' }
  end
  for name, value in pairs(set) do
    local problem = problem_of(name, value)
    if problem then
      table.insert(problems, problem)
    else
      options[name] = value
    end
  end
  table.sort(problems)
  return options, problems
end

return M
