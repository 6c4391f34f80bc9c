"""The page of `spark-lsp stats --html`: one file with plots, that loads nothing and runs nothing."""
