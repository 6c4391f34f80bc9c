"""Recent edits in a prompt: what a line is may be told by those above it, which are not there."""

from __future__ import annotations

from spark_lsp.context.extras import RecentEdits, recent_edit_parts
from spark_lsp.core.edits import Edit
from spark_lsp.core.history import EditHistory
from spark_lsp.core.text import Position, Text

NOWHERE = ("other.py", 0, 0)
LINE = "MIIEpAIBAAKCAQEA7bq0Zk4aTfGm1oJ9xYv3Qw2Lr8Hn5Us6Pd0Kc1Xe4Ri7By"


def parts_after_a_change(lines: list[str], line: int) -> list[str]:
    text = Text.of("".join(f"{one}\n" for one in lines))
    edit = Edit(Position(line, 0), Position(line, 0), "x")
    after = text.splice(edit.start, edit.end, edit.new)
    history = EditHistory().changed(text, edit, after)
    return [part.text for part in recent_edit_parts((RecentEdits("a.py", after, history),), 10_000, NOWHERE)]


def test_a_line_in_the_middle_of_a_key_is_not_quoted() -> None:
    key = ["KEY = '''", "-----BEGIN RSA PRIVATE KEY-----", LINE, LINE, LINE, "-----END RSA PRIVATE KEY-----", "'''"]
    assert parts_after_a_change(key, 3) == []


def test_what_stands_behind_a_key_is() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", LINE, "-----END RSA PRIVATE KEY-----", "x = 1", "y = 2"]
    assert parts_after_a_change(key, 4) == ["@@ a.py:5 @@\n-y = 2\n+xy = 2\n"]
