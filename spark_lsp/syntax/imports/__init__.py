"""How each language imports: from the node of an import to values."""
