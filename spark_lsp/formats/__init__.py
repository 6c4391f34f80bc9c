"""Prompt formats: render a context to a prompt, parse the reply to edits. Pure."""
