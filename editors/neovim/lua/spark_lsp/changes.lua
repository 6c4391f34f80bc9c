-- What an edit has done to a buffer, as extmarks: each change knows the lines that were there before.

local highlights = require('spark_lsp.highlights')
local line_diff = require('spark_lsp.line_diff')
local virtual_text = require('spark_lsp.virtual_text')

local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('spark_lsp.changes')

---@class spark_lsp.Change
---@field mark integer The extmark over the lines that came.
---@field removed string[] The lines that went.
---@field is_last boolean Lines went from the buffer's end: the extmark is on the line above them.

---@class spark_lsp.Group
---@field first integer The first row that a batch touches.
---@field last integer The last one.
---@field growth integer So many rows more, or fewer, are there afterwards.
---@field before string[] The lines that were there before the first batch.
---@field is_touched boolean The batch changes something here.

---@type table<integer, table<integer, spark_lsp.Change>> by buffer and extmark
local changes_of = {}

--- The rows of a change, the last one excluded.
---@param bufnr integer
---@param change spark_lsp.Change
---@return integer? first, integer last
local function rows_of(bufnr, change)
  local mark = vim.api.nvim_buf_get_extmark_by_id(bufnr, NAMESPACE, change.mark, { details = true })
  if not mark[1] then
    return nil, 0
  end
  if change.is_last then
    return mark[1] + 1, mark[1] + 1
  end
  return mark[1], mark[3] and mark[3].end_row or mark[1]
end

--- The changes of a buffer with their rows, from top to bottom.
---@param bufnr integer
---@return { change: spark_lsp.Change, first: integer, last: integer }[]
function M.list(bufnr)
  local found = {}
  for _, change in pairs(changes_of[bufnr] or {}) do
    local first, last = rows_of(bufnr, change)
    if first then
      table.insert(found, { change = change, first = first, last = last })
    end
  end
  table.sort(found, function(a, b)
    return a.first < b.first
  end)
  return found
end

---@param bufnr integer
---@param change spark_lsp.Change
function M.remove(bufnr, change)
  vim.api.nvim_buf_del_extmark(bufnr, NAMESPACE, change.mark)
  changes_of[bufnr][change.mark] = nil
end

---@param bufnr integer
function M.clear(bufnr)
  changes_of[bufnr] = nil
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  end
end

--- Show that rows are new, and the lines that they took the place of.
---@param bufnr integer
---@param first integer
---@param last integer excluded
---@param removed string[]
local function add(bufnr, first, last, removed)
  local count = vim.api.nvim_buf_line_count(bufnr)
  local is_last = first >= count
  local mark = vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, is_last and count - 1 or first, 0, {
    end_row = not is_last and last or nil,
    end_col = not is_last and 0 or nil,
    hl_group = last > first and highlights.ADDED or nil,
    hl_eol = true,
    virt_lines = #removed > 0 and virtual_text.lines(bufnr, removed, highlights.REMOVED) or nil,
    virt_lines_above = not is_last,
    strict = false,
  })
  changes_of[bufnr] = changes_of[bufnr] or {}
  changes_of[bufnr][mark] = { mark = mark, removed = removed, is_last = is_last }
  if first == 0 and #removed > 0 then
    virtual_text.make_room_at_top(bufnr, #removed)
  end
end

--- The rows that a batch touches, those together that touch each other or the same change.
---@param bufnr integer
---@param edits lsp.TextEdit[]
---@return spark_lsp.Group[]
local function groups_of(bufnr, edits)
  local count = vim.api.nvim_buf_line_count(bufnr)
  local groups = {} ---@type spark_lsp.Group[]
  for _, edit in ipairs(edits) do
    local range = edit.range
    local _, newlines = edit.newText:gsub('\n', '')
    table.insert(groups, {
      first = math.min(range.start.line, count),
      last = math.min(range['end'].line, count - 1),
      growth = newlines - (range['end'].line - range.start.line),
      before = {},
      is_touched = true,
    })
  end
  for _, there in ipairs(M.list(bufnr)) do
    local last = math.max(there.last - 1, there.first)
    table.insert(groups, { first = there.first, last = last, growth = 0, before = {}, is_touched = false })
  end
  table.sort(groups, function(a, b)
    return a.first < b.first
  end)
  local joined = {} ---@type spark_lsp.Group[]
  for _, group in ipairs(groups) do
    local before = joined[#joined]
    if before and group.first <= before.last + 1 then
      before.last = math.max(before.last, group.last)
      before.growth = before.growth + group.growth
      before.is_touched = before.is_touched or group.is_touched
    else
      table.insert(joined, group)
    end
  end
  return vim.tbl_filter(function(group)
    return group.is_touched
  end, joined)
end

--- The lines of some rows as they were before any change, and those changes gone from the buffer.
---@param bufnr integer
---@param group spark_lsp.Group
---@return string[]
local function lines_before(bufnr, group)
  local lines, row = {}, group.first
  for _, there in ipairs(M.list(bufnr)) do
    if there.first >= group.first and there.first <= group.last + 1 and there.last <= group.last + 1 then
      vim.list_extend(lines, vim.api.nvim_buf_get_lines(bufnr, row, there.first, false))
      vim.list_extend(lines, there.change.removed)
      row = there.last
      M.remove(bufnr, there.change)
    end
  end
  return vim.list_extend(lines, vim.api.nvim_buf_get_lines(bufnr, row, group.last + 1, false))
end

--- Call this before a batch is applied, and what it returns afterwards: then the changes are shown.
---@param bufnr integer
---@param edits lsp.TextEdit[]
---@return fun()
function M.follow(bufnr, edits)
  local groups = groups_of(bufnr, edits)
  for _, group in ipairs(groups) do
    group.before = lines_before(bufnr, group)
  end
  return function()
    local moved = 0
    for _, group in ipairs(groups) do
      local first, last = group.first + moved, group.last + 1 + moved + group.growth
      moved = moved + group.growth
      local after = vim.api.nvim_buf_get_lines(bufnr, first, last, false)
      for _, hunk in ipairs(line_diff.hunks(group.before, after)) do
        local row = first + hunk.new_first
        add(bufnr, row, row + #hunk.new, hunk.old)
      end
    end
  end
end

return M
