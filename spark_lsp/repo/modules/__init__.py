"""Where each language finds the modules that a file imports: from their names to files of the workspace."""
