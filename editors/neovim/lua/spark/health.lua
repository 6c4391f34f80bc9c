-- `:checkhealth spark` is `:checkhealth spark_lsp`.

return require('spark_lsp.health')
