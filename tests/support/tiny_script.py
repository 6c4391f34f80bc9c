"""What the scripted model for llama-server says, and how long a prompt its models take."""

from __future__ import annotations

SPACE = "▁"
"""A space in a token, as SentencePiece spells it."""
SCRIPT = (
    *("def", "▁add", "(", "a", ":", "▁int", ",▁b", ":▁int", ")", "▁->", "▁int:\n"),
    *("▁▁▁▁", "return", "▁a", "▁+", "▁b", "▁▁#▁", "<0xF0>", "<0x9F>", "<0x90>", "<0x8D>", "▁sum\n"),
)
"""Token by token. Each is there once, since it has to tell what comes next, and none is a line ending alone, since
prompts end with one. The bytes of the snake are four tokens, which a server has to put together."""
GOLDEN = "def add(a: int, b: int) -> int:\n    return a + b  # 🐍 sum\n"
"""The script as a text."""
SCRIPT_CONTEXT = 4096
"""Tokens. Nearly every character of a prompt is one."""
RANDOM_CONTEXT = 131_072
"""Tokens, so that an answer can be long enough to be cancelled for sure."""
