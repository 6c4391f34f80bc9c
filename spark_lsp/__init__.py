"""spark-lsp: a language server for instant AI edits in any editor."""

__version__ = "0.1.0"
