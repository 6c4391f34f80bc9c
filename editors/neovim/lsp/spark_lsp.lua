---@brief
---
--- `spark-lsp`: instant AI edits, ghost text and next edits. Turn it on with `vim.lsp.enable('spark_lsp')`.
--- What can be set is in |spark-lsp-options|.

return require('spark_lsp.config').get()
