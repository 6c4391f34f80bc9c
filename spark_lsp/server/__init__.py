"""The LSP shell: the only part that knows lsprotocol and pygls. It translates and decides nothing."""
