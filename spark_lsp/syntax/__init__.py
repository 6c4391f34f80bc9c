"""Grammars and the per-file tree cache."""
