-- The difference of two lists of lines.

local M = {}

local diff = vim.text.diff or vim.diff ---@diagnostic disable-line: deprecated

---@class spark_lsp.LineHunk
---@field old_first integer How many old lines come before.
---@field old string[] The lines that go.
---@field new_first integer How many new lines come before.
---@field new string[] The lines that come.

---@param lines string[]
---@return string
local function joined(lines)
  return #lines > 0 and table.concat(lines, '\n') .. '\n' or ''
end

--- The runs of lines that differ, from top to bottom.
---@param old string[]
---@param new string[]
---@return spark_lsp.LineHunk[]
function M.hunks(old, new)
  local found = diff(joined(old), joined(new), { result_type = 'indices' }) --[[@as integer[][] ]]
  return vim.tbl_map(function(hunk)
    local old_start, old_count, new_start, new_count = hunk[1], hunk[2], hunk[3], hunk[4]
    ---@cast old_start integer
    ---@cast old_count integer
    ---@cast new_start integer
    ---@cast new_count integer
    return {
      old_first = old_count > 0 and old_start - 1 or old_start,
      old = old_count > 0 and vim.list_slice(old, old_start, old_start + old_count - 1) or {},
      new_first = new_count > 0 and new_start - 1 or new_start,
      new = new_count > 0 and vim.list_slice(new, new_start, new_start + new_count - 1) or {},
    }
  end, found)
end

return M
