-- The highlight groups. Each is a link by default, so a colour scheme or the user may set them.

local M = {}

M.ADDED = 'SparkAdded'
M.REMOVED = 'SparkRemoved'
M.GHOST_TEXT = 'SparkGhostText'
M.HINT = 'SparkHint'

function M.define()
  local ghost = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText'
  for name, link in pairs({
    [M.ADDED] = 'DiffAdd',
    [M.REMOVED] = 'DiffDelete',
    [M.GHOST_TEXT] = ghost,
    [M.HINT] = 'NonText',
  }) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

return M
