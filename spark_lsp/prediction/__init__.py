"""The edit that comes next, told from the edits before it, without any model."""
