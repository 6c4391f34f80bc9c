"""What a request for the next edit is made of, and that no secret is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.context.extras import RecentEdits
from spark_lsp.context.next_edit import MOST_EDITS, next_edit_context, recent_edits
from spark_lsp.context.next_edit_window import EditWindow
from spark_lsp.context.redaction import SecretVault
from spark_lsp.context.redaction_of_next_edit import redacted_next_edit
from spark_lsp.core.edits import Edit
from spark_lsp.core.history import ChangedLines, EditHistory
from spark_lsp.core.prompt import NextEditContext, RecentEdit
from spark_lsp.core.text import ORIGIN, Position, Text
from spark_lsp.formats.next_edit_formats import NEXT_EDIT_FORMATS
from spark_lsp.formats.next_edit_prompt import texts_of

KEY = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
OLD_KEY = "ghp_zyxwvutsrqponmlkjihgZYXWVUTSRQ543210"


def context_of(text: Text, history: EditHistory, lines: range, shown: range, cursor: Position) -> NextEditContext:
    recent = (RecentEdits("a.py", text, history),)
    return next_edit_context(text, cursor, EditWindow(lines, shown), recent, None, path="a.py", language="python")


def test_lines_of_any_ending_are_lines() -> None:
    text = Text.of("zero\r\none\rtwo\nthree\r\nfour")
    context = context_of(text, EditHistory(), range(1, 3), range(5), Position(2, 1))
    assert (context.before, context.window, context.after) == ("zero\n", ("one", "two"), "three\nfour\n")
    assert (context.first_line, context.cursor) == (1, Position(1, 1))
    assert (context.lines_before, context.lines_after) == (("zero",), ("three", "four"))
    whole = context_of(Text.of("a\n"), EditHistory(), range(1), range(2), ORIGIN)
    assert whole.after == ""
    assert whole.lines_before == ()


def test_recent_edits_have_what_is_around_them() -> None:
    before = Text.of("a\nb\nc\nd\ne\nf\ng\n")
    edit = Edit(Position(4, 0), Position(4, 1), "E\nE2")
    after = before.splice(edit.start, edit.end, edit.new)
    history = EditHistory().changed(before, edit, after)
    assert recent_edits((RecentEdits("a.py", after, history),)) == (
        RecentEdit("a.py", 4, ("e",), ("E", "E2"), ("b", "c", "d"), ("f", "g", "")),
    )


def test_the_latest_edits_have_room_first() -> None:
    text = Text.of("x\n" * 100)
    hunks = tuple(ChangedLines(line, line + 1, (f"{line}\n",)) for line in range(0, 80, 10))
    others, own = RecentEdits("b.py", text, EditHistory(hunks[:3])), RecentEdits("a.py", text, EditHistory(hunks[3:]))
    found = recent_edits((others, own))
    assert [(one.path, one.line) for one in found] == [("b.py", 20), *(("a.py", line) for line in range(30, 80, 10))]
    assert len(found) == MOST_EDITS
    large = Text.of("y" * 390 + "\n" + "y\n" * 20 + ("z" * 390 + "\n") * 7 + "x\n")
    hunks = (ChangedLines(0, 1, ()), ChangedLines(21, 28, ()))
    assert [one.line for one in recent_edits((RecentEdits("a.py", large, EditHistory(hunks)),))] == [21]
    endless = EditHistory((ChangedLines(0, 1, ("z" * 1000,)), ChangedLines(5, 6, ("old\n",))))
    assert [one.line for one in recent_edits((RecentEdits("a.py", text, endless),))] == [5]


@given(
    lines=st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    new=st.lists(st.sampled_from("xyz"), max_size=4),
    data=st.data(),
)
def test_the_window_before_is_that_of_the_text_before(lines: list[str], new: list[str], data: st.DataObject) -> None:
    before = Text.of("".join(f"{line}\n" for line in lines))
    first = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(first, len(lines)))
    edit = Edit(Position(first, 0), Position(end, 0), "".join(f"{line}\n" for line in new))
    after = before.splice(edit.start, edit.end, edit.new)
    history = EditHistory().changed(before, edit, after)
    context = context_of(after, history, range(len(after.lines)), range(len(after.lines)), ORIGIN)
    assert "\n".join(context.window_before) == str(before)


def redacted(text: str, cursor: Position, *, window: range, history: EditHistory | None = None) -> NextEditContext:
    document = Text.of(text)
    context = context_of(document, history or EditHistory(), window, range(len(document.lines)), cursor)
    safe, _ = redacted_next_edit(context, {"a.py": document}, SecretVault())
    return safe


def test_no_secret_goes_into_any_format() -> None:
    text = f'key = "{KEY}"\nother = 1\nwindow = "{KEY}"\nmore = 2\nafter = "{KEY}"\n'
    history = EditHistory((ChangedLines(1, 2, (f'other = "{OLD_KEY}"\n',)),))
    safe = redacted(text, Position(3, 4), window=range(2, 4), history=history)
    for chosen in NEXT_EDIT_FORMATS.values():
        said = "".join(chosen.render(safe).texts)
        assert KEY not in said
        assert OLD_KEY not in said
        assert "REDACTED_SECRET_" in said
    assert not any(KEY in one or OLD_KEY in one for one in texts_of(safe))


def test_the_cursor_stays_where_it_is_among_them() -> None:
    line = f'key = "{KEY}" + name'
    for column in (0, 6, len(line) - 4, len(line)):
        safe = redacted(f"a = 1\n{line}\nb = 2\n", Position(1, column), window=range(3))
        shown = safe.window[1]
        assert safe.cursor.line == 1
        assert shown[safe.cursor.column :] == line[column:] or column <= 6
        assert shown[: safe.cursor.column] == line[:column] or column > 6
    inside = redacted(f"{line}\n", Position(0, 20), window=range(1))
    assert KEY[:8] not in inside.window[0]
    assert KEY[-8:] not in inside.window[0]


def test_a_key_block_is_known_by_what_is_above_it() -> None:
    body = [f"{letter * 64}" for letter in "ABCDEFGH"]
    text = "-----BEGIN RSA PRIVATE KEY-----\n" + "".join(f"{line}\n" for line in body)
    text += "-----END RSA PRIVATE KEY-----\nx = 1\n"
    document = Text.of(text)
    history = EditHistory((ChangedLines(5, 7, ("I" * 64 + "\n",)),))
    body.append("I" * 64)
    context = context_of(document, history, range(4, 6), range(3, 7), Position(4, 3))
    safe, redaction = redacted_next_edit(context, {"a.py": document}, SecretVault())
    assert redaction.secrets
    assert not any(line in one for one in texts_of(safe) for line in body)
    assert len(safe.window) == 2
