"""The format `diff`: from a reply to the region's new text, exactly, or one sentence that says why not."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from spark_lsp.context.edit import edit_context, plain_surroundings
from spark_lsp.core.edits import apply, merged
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import Position, Text
from spark_lsp.formats.edit_formats import DIFF, edit_format
from spark_lsp.formats.reply import ReplyError
from support.texts import contents

PATH = "src/a.py"
NO_NEWLINE = "\\ No newline at end of file\n"


def in_document(document: str, first: int = 0, last: int | None = None) -> EditContext:
    """The context of an edit of some lines of a document."""
    text = Text.of(document)
    start = Position(first, 0)
    end = text.end if last is None else Position(last, 0)
    return context_of(text, start, end)


def context_of(text: Text, start: Position, end: Position, budget: int = 4000) -> EditContext:
    region = Region(Text.of(text.slice(start, end)), start)
    around = plain_surroundings(text, region, budget)
    return edit_context(text, region, around, path=PATH, language="python", instruction="do it")


def edited(context: EditContext, reply: str, size: int = 1 << 30) -> str:
    """What the region becomes by a reply that comes in chunks of a size."""
    parser = DIFF.parser(context)
    found = [block for at in range(0, len(reply), size) for block in parser.feed(reply[at : at + size])]
    found += parser.finish()
    return str(apply(context.region.text, merged(block.edits for block in found)))


def changed(document: str, reply: str, size: int = 1 << 30) -> str:
    return edited(in_document(document), reply, size)


def diff_of(before: str, after: str, lines: int = 3) -> str:
    """The unified diff as `diff -u` makes it, markers of missing final line endings included."""
    made = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{PATH}", f"b/{PATH}", n=lines
    )
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in made)


_LINES = st.lists(
    st.sampled_from(
        [
            "",
            "}",
            "a",
            "    b",
            "c = 1 ",
            "-- d",
            "++ e",
            "@@ -1 +1 @@",
            "\\ f",
            "```",
            "diff --git g",
            "+h",
            "- i",
            "é😀",
        ]
    ),
    max_size=25,
)


@given(_LINES, _LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), st.integers(1, 5))
def test_a_diff_gives_exactly_its_target(
    old: list[str], new: list[str], ending: str, old_ends: bool, new_ends: bool, lines: int
) -> None:
    before, after = _document(old, ending, ends=old_ends), _document(new, ending, ends=new_ends)
    assume(before != after)
    assume("\n" in before or ending == "\n")  # a document without a line ending does not say which it uses
    assert changed(before, diff_of(before, after, lines)) == after


def _document(lines: list[str], ending: str, *, ends: bool) -> str:
    text = ending.join(lines)
    return text + ending if ends and lines else text


_EDITED = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(["x", "", "  y"]), max_size=3)), min_size=1)


@given(
    st.lists(st.tuples(st.sampled_from("=-+"), st.integers(0, 2)), min_size=1, max_size=40),
    st.integers(0, 2**32),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["@@ -{0},7 +{0},9 @@", "@@ -{0} +{0} @@ def f():", "@@ ... @@", "@@", "@@ -0,0 +1,3 @@"]),
    st.booleans(),
)
def test_wrong_numbers_do_no_harm_where_lines_are_unmistakable(
    steps: list[tuple[str, int]], seed: int, ending: str, header: str, in_a_fence: bool
) -> None:
    old, new = [], []
    for number, (step, count) in enumerate(steps):
        if step != "+":
            old.append(f"line {number}")
        if step == "=":
            new.append(f"line {number}")
        elif step == "+":
            new += ["added"] * count
    assume(old)
    assume(old != new)
    before, after = _document(old, ending, ends=True), _document(new, ending, ends=True)
    numbers = iter(range(seed, 2**33))
    reply = re.sub(r"(?m)^@@ .*? @@", lambda _: header.format(next(numbers) % 1000), diff_of(before, after))
    if in_a_fence:
        reply = f"Here it is:\n\n```diff\n{reply}```\n\n- I added what was asked for.\n"
    assert changed(before, reply) == after


@given(
    st.lists(st.sampled_from("abc"), min_size=20, max_size=40),
    st.integers(0, 19),
    st.integers(0, 19),
    st.integers(-15, 15),
)
def test_a_hunk_that_is_unmistakable_shows_where_the_others_are(
    lines: list[str], one: int, other: int, off: int
) -> None:
    old = ["only one", *lines]
    new = list(old)
    new[0] = "changed"
    new[1 + one] += "!"
    new[1 + other] += "?"
    before, after = _document(old, "\n", ends=True), _document(new, "\n", ends=True)
    reply = re.sub(
        r"(?m)^@@ -(\d+)", lambda match: f"@@ -{max(1, int(match[1]) + 15 + off)}", diff_of(before, after, 1)
    )
    assert changed(before, reply) == after


@given(contents(), contents(), st.integers(1, 9))
def test_any_chunking_gives_the_same(before: str, after: str, size: int) -> None:
    reply = diff_of(before, after)

    def outcome(size: int) -> str:
        try:
            return changed(before, reply, size)
        except ReplyError as error:
            return str(error)

    assert outcome(size) == outcome(1 << 30)


@given(st.text(alphabet="ab\n+-@ \\`\r", max_size=80), st.text(alphabet="ab \n", max_size=20))
def test_nonsense_is_an_edit_or_one_sentence(reply: str, document: str) -> None:
    said = ""
    try:
        changed(document, reply)
    except ReplyError as error:
        said = str(error)
    assert "\n" not in said


SOURCE = "import os\n\n\ndef f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 1\n    return x\n"
TARGET = SOURCE.replace("    x = 1\n    return x\n\n", "    x = 2\n    return x\n\n")
HUNK = " def f():\n-    x = 1\n+    x = 2\n     return x\n"


@pytest.mark.parametrize(
    "reply",
    [
        f"--- a/{PATH}\n+++ b/{PATH}\n@@ -4,3 +4,3 @@\n{HUNK}",
        f"--- {PATH}\t2026-01-01 10:00:00\n+++ {PATH}\t2026-01-01 10:00:01\n@@ -4,3 +4,3 @@\n{HUNK}",
        f"diff --git a/{PATH} b/{PATH}\nindex 1..4 100644\n--- a/{PATH}\n+++ b/{PATH}\n@@ -4,3 +4,3 @@ import\n{HUNK}",
        f"--- a.py\n+++ a.py\n@@ -4,3 +4,3 @@\n{HUNK}",
        f"--- \n+++ \n@@ -4,3 +4,3 @@\n{HUNK}",
        f"--- /project/repository/{PATH}\n+++ /project/repository/{PATH}\n@@ @@\n{HUNK}",
        f'--- "a/{PATH}"\n+++ "b/{PATH}"\n@@ @@\n{HUNK}',
        f"--- a\\{PATH}\n+++ b\\{PATH}\n{HUNK}".replace("/", "\\"),
        f"@@ -4,3 +4,3 @@\n{HUNK}",
        f"@@\n{HUNK}",
        f"```diff\n{HUNK}```",
        f"```\n@@ -4,3 +4,3 @@\n{HUNK}```\nThat is all:\n- one line",
        f"~~~patch\n@@ -1,9 +1,9 @@\n{HUNK}~~~",
        f"<think>\n@@ -1 +1 @@\n-import os\n+import sys\n</think>\n@@ -4,3 +4,3 @@\n{HUNK}",
        f"@@ -4,3 +4,3 @@\n{HUNK}\n\nI changed only what was asked for.",
        f"@@ -1,9 +1,9 @@\n{HUNK}\nI changed only what was asked for.",
        "@@ -4,3 +4,3 @@\ndef f():\n-    x = 1\n+    x = 2\n    return x\n",
        "@@ -1,6 +1,6 @@\n import os\n\n\n def f():\n-    x = 1\n+    x = 2\n     return x\n",
        "@@ -4,3 +4,3 @@\n def f():   \n-    x = 1\t\n+    x = 2\n     return x\n".replace("\n", "\r\n"),
        f"Index: {PATH}\n===================================================================\n@@ -4,3 +4,3 @@\n{HUNK}",
        f"@@ -4,3 +4,3 @@\n{HUNK}--- a/{PATH}\n+++ b/{PATH}\n@@ -9,3 +9,3 @@\n def g():\n     x = 1\n",
    ],
)
def test_a_diff_is_read_however_it_is_dressed(reply: str) -> None:
    for size in (1, 7, 1000):
        assert changed(SOURCE, reply, size) == TARGET
        assert changed(SOURCE.replace("\n", "\r\n"), reply, size) == TARGET.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("", "no hunk"),
        ("I would not change anything.", "no hunk"),
        ("diff --git a/b.py b/b.py\nBinary files differ\n", "no hunk"),
        ("--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-import os\n+import sys\n", "another file (“b/b.py”)"),
        ("diff --git a/b.py b/b.py\n@@ -1 +1 @@\n-import os\n+import sys\n", "another file (“b.py”)"),
        (f"--- {PATH}\n+++ /dev/null\n@@ -1 +0,0 @@\n-imports\n", "does not fit: “imports”"),
        ("@@ -1 +1 @@\n-import sys\n+import os\n", "does not fit: “import sys”"),
        ("@@ -1,2 +1,2 @@\n-import os\n+import sys\n import re\n", "does not fit: “import os”"),
        ("@@ @@\n-    x = 1\n+    x = 2\n     return x\n", "“x = 1” fits 2 places"),
        ("@@ -7 +7 @@\n-    x = 1\n+    x = 2\n     return x\n", "“x = 1” fits 2 places"),
        ("@@ -4,0 +5 @@\n+    y = 1\n", "quotes no line"),
        ("@@ -2000 +5 @@\n \n+    y = 1\n", "quotes no line"),
        ("@@ -1 +1 @@\n-import os\n+import sys\n@@ -1 +1 @@\n-import os\n+import re\n", "changes “import os” twice"),
    ],
)
def test_what_has_no_one_place_is_not_done_at_all(reply: str, message: str) -> None:
    with pytest.raises(ReplyError) as failure:
        changed(SOURCE, reply)
    assert message in str(failure.value)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(("header", "number"), [("@@ -5,2 +5,2 @@", 0), ("@@ -10,2 +10,2 @@", 1), ("@@ -6 +6 @@", 0)])
def test_numbers_tell_apart_what_looks_alike(header: str, number: int) -> None:
    places = ["    x = 1\n", "    x = 1\n"]
    places[number] = "    x = 2\n"
    expected = SOURCE.replace("    x = 1\n", "{}").format(*places)
    assert changed(SOURCE, f"{header}\n-    x = 1\n+    x = 2\n     return x\n") == expected


def test_hunks_may_come_in_any_order_and_touch() -> None:
    reply = "@@ @@\n-    x = 1\n@@ -1 +1 @@\n-import os\n+import sys\n@@ @@\n def f():\n+    pass\n     x = 1\n"
    assert changed("import os\ndef f():\n    x = 1\n", reply) == "import sys\ndef f():\n    pass\n"


def test_a_line_that_goes_is_no_header() -> None:
    reply = f"--- a/{PATH}\n+++ b/{PATH}\n@@ -1,3 +1,3 @@\n--- old\n+++ new\n x\n--- y\n+++ y\n"
    assert changed("-- old\nx\n-- y\n", reply) == "++ new\nx\n++ y\n"


@pytest.mark.parametrize(
    ("before", "reply", "after"),
    [
        ("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "a\nc"),
        ("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "a\nc\n"),
        ("a\nb", f"@@ -1,2 +1,2 @@\n a\n-b\n{NO_NEWLINE}+c\n", "a\nc\n"),
        ("a\nb", f"@@ -1,2 +1,2 @@\n a\n-b\n{NO_NEWLINE}+b\n", "a\nb\n"),
        ("a\nb\n", f"@@ -1,2 +1,2 @@\n a\n-b\n+b\n{NO_NEWLINE}", "a\nb"),
        ("a\nb\n", f"@@ -1,2 +1,3 @@\n a\n b\n+c\n{NO_NEWLINE}", "a\nb\nc"),
        ("a\nb", f"@@ -1,2 +1 @@\n a\n-b\n{NO_NEWLINE}", "a\n"),
        ("a\nb", "@@ -1,2 +1 @@\n a\n-b\n", "a"),
        ("a\nb", f"@@ -1,2 +1,3 @@\n a\n-b\n{NO_NEWLINE}+b\n+c\n{NO_NEWLINE}", "a\nb\nc"),
        ("a\nb\nc\n", f"@@ -1,2 +1,2 @@\n a\n-b\n+B\n{NO_NEWLINE}", "a\nB\nc\n"),
    ],
)
def test_the_final_line_ending_is_the_documents_unless_the_diff_says_so(before: str, reply: str, after: str) -> None:
    assert changed(before, reply) == after


@pytest.mark.parametrize(
    "reply",
    [
        f"--- /dev/null\n+++ b/{PATH}\n@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n",
        "```diff\n+a = 1\n+b = 2\n```",
    ],
)
def test_an_empty_document_is_filled(reply: str) -> None:
    assert changed("", reply) == "a = 1\nb = 2\n"


# Regions


def test_only_the_region_changes_and_what_is_around_it_helps_to_find_it() -> None:
    context = in_document(SOURCE, 8, 11)
    reply = "@@ @@\n \n def g():\n-    x = 1\n+    x = 2\n"
    assert edited(context, reply) == "def g():\n    x = 2\n    return x\n"


def test_of_places_that_look_alike_the_one_in_the_region_is_meant() -> None:
    context = in_document(SOURCE, 8, 11)
    assert edited(context, "@@ @@\n-    x = 1\n+    x = 2\n") == "def g():\n    x = 2\n    return x\n"


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("@@ -4,2 +4,2 @@\n def f():\n-    x = 1\n+    x = 2\n", "“x = 1”, which is outside of the region"),
        ("@@ -5 +5 @@\n-    x = 1\n+    x = 2\n", "“x = 1”, which is outside of the region"),
        ("@@ @@\n import os\n+import re\n", "“import os”, which is outside of the region"),
        ("@@ @@\n-import os\n \n \n-def f():\n+def h():\n", "“import os”, which is outside of the region"),
    ],
)
def test_a_change_outside_of_the_region_is_refused(reply: str, says: str) -> None:
    with pytest.raises(ReplyError, match=says):
        edited(in_document(SOURCE, 8, 11), reply)


def test_lines_may_be_added_at_the_borders_of_a_region() -> None:
    context = in_document("a\nb\nc\n", 1, 2)
    assert edited(context, "@@ -1,3 +1,5 @@\n a\n+1\n b\n+2\n c\n") == "1\nb\n2\n"


def test_a_region_that_begins_and_ends_inside_a_line() -> None:
    text = Text.of("x = [one, two]\ny = 2\n")
    context = context_of(text, Position(0, 5), Position(0, 13))
    assert edited(context, "@@ -1 +1 @@\n-x = [one, two]\n+x = [one, three]\n") == "one, three"
    assert edited(context, "@@ -1 +1,2 @@\n-x = [one, two]\n+x = [one,\n+     two]\n") == "one,\n     two"
    for reply in (
        "@@ -1 +1 @@\n-x = [one, two]\n+z = [one, two]\n",
        "@@ -1 +1 @@\n-x = [one, two]\n+x = (one, two)\n",
        "@@ -1 +0,0 @@\n-x = [one, two]\n",
        "@@ -1 +1,2 @@\n+import z\n x = [one, two]\n",
        "@@ -1 +1,2 @@\n x = [one, two]\n+z = 1\n",
    ):
        with pytest.raises(ReplyError, match="outside of the region"):
            edited(context, reply)


def test_a_region_from_inside_a_line_to_the_end_of_one() -> None:
    context = context_of(Text.of("x = 1\ny = 2\nz = 3\n"), Position(0, 4), Position(2, 0))
    assert edited(context, "@@ -1,2 +1,2 @@\n-x = 1\n-y = 2\n+x = 5\n+y = 6\n") == "5\ny = 6\n"
    context = context_of(Text.of("x = 1\ny = 2\nz = 3\n"), Position(1, 0), Position(1, 5))
    assert edited(context, "@@ -2 +2,2 @@\n y = 2\n+y = 3\n") == "y = 2\ny = 3"


def test_what_has_nothing_behind_it_for_lack_of_room_is_not_the_end_of_its_document() -> None:
    context = context_of(Text.of("a\nb\nc\n"), Position(0, 0), Position(2, 0), budget=0)
    assert context.after == ""
    assert edited(context, f"@@ -1,2 +1,2 @@\n a\n-b\n+B\n{NO_NEWLINE}") == "a\nB\n"


@given(st.lists(st.sampled_from(["a", "b", "", "c"]), min_size=1, max_size=30), st.data())
def test_a_diff_of_the_whole_file_changes_its_region_exactly(lines: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first + 1, len(lines)))
    replacement = data.draw(st.lists(st.sampled_from(["a", "b", "", "d"]), max_size=8))
    before = _document(lines, "\n", ends=True)
    after = _document([*lines[:first], *replacement, *lines[last:]], "\n", ends=True)
    assume(before != after)
    context = in_document(before, first, last)
    try:
        region = edited(context, diff_of(before, after))
    except ReplyError as error:
        # A line that stands on both sides of the border may count as the one outside.
        event("refused")
        region, after = "", str(error)
        assume("outside of the region" not in after)
    around = ["".join(f"{line}\n" for line in part) for part in (lines[:first], lines[last:])]
    assert region.join(around) == after


# The choice and the prompt


def test_jobs_answer_in_diffs_unless_another_format_is_named() -> None:
    assert edit_format("auto", Text.of("x\n"), "jobs") is DIFF
    assert edit_format("rewrite", Text.of("x\n"), "jobs").name == "rewrite"
    assert edit_format("diff", Text.of("x\n"), "chat") is DIFF


def test_the_prompt_says_where_the_region_begins() -> None:
    prompt = DIFF.render(in_document(SOURCE, 8, 11))
    assert "unified diff" in prompt.messages[0].content
    assert "It begins in line 9 of the file." in prompt.messages[1].content
    assert prompt.messages[1].content.endswith("Instruction: do it")
