-- The request `spark/applyEdit`: as workspace/applyEdit, but the batches of a streamed edit are one step of undo.

local review = require('spark_lsp.review')
local server = require('spark_lsp.server')
local undo = require('spark_lsp.undo')

local M = {}

---@class spark_lsp.ApplyEditParams
---@field edit lsp.WorkspaceEdit
---@field label string
---@field undoStopBefore boolean The first batch of an edit.
---@field undoStopAfter boolean Known to be the last one.

---@param reason string
---@return lsp.ApplyWorkspaceEditResult
local function refused(reason)
  return { applied = false, failureReason = reason }
end

---@param params spark_lsp.ApplyEditParams
---@param context lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
local function apply(params, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local changes = params.edit.documentChanges or {}
  local change = changes[1]
  if #changes ~= 1 or not change or not change.textDocument or not change.edits then
    return refused('Exactly one document is expected.')
  end
  local document, edits = change.textDocument, change.edits --[[@as lsp.TextEdit[] ]]
  local bufnr = vim.uri_to_bufnr(document.uri)
  if not vim.lsp.buf_is_attached(bufnr, client.id) or not vim.bo[bufnr].modifiable then
    return refused('The document is not open, or it must not be modified.')
  end
  -- Neovim's own function does not tell whether it refused. Its versions are exact: they count every change.
  if document.version and document.version ~= vim.lsp.util.buf_versions[bufnr] then
    return refused('The document has changed meanwhile.')
  end
  local finish = review.begin_batch(bufnr, edits)
  undo.change(bufnr, function()
    vim.lsp.util.apply_text_edits(edits, bufnr, server.encoding(client))
  end, params.undoStopBefore and 'first' or 'joined')
  finish()
  return { applied = true }
end

--- The handler.
---@param _ lsp.ResponseError?
---@param params spark_lsp.ApplyEditParams
---@param context lsp.HandlerContext
---@return lsp.ApplyWorkspaceEditResult
function M.handle(_, params, context)
  local done, result = pcall(apply, params, context)
  return done and result or refused(tostring(result))
end

return M
