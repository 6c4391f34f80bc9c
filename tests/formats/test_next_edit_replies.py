"""What the replies of models that foresee edits come to, in every format: hunks of the document's lines, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.next_edit_contexts import CONTEXT, SHOP
from spark_lsp.core.hunks import LineHunk
from spark_lsp.core.prompt import NextEditContext, RecentEdit
from spark_lsp.core.text import Position
from spark_lsp.formats.next_edit_formats import NEXT_EDIT_FORMATS, read_reply
from spark_lsp.formats.stops import TextUntilStop

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW = "    base = item.price\n    return base\n"
GOOD = "    base = item.price\n    return base * count\n"
CHANGED = (LineHunk(3, 4, ("    return base * count",)),)
WHOLE_WINDOW = ("window", "zeta1", "zeta2", "sweep", "mercury", "instinct")
"""The formats whose reply is all of the window."""


def read(name: str, reply: str, context: NextEditContext = CONTEXT, *, whole: bool = True) -> tuple[LineHunk, ...]:
    return read_reply(NEXT_EDIT_FORMATS[name], context, reply, whole=whole)


def fenced(text: str) -> str:
    return f"```python\n{text}```"


WAYS: dict[str, tuple[Callable[[str], str], ...]] = {
    "window": (str, fenced, lambda text: f"Here is the window:\n\n```python\n{text}```\nDone."),
    "zeta1": (
        str,
        lambda text: f"<|editable_region_start|>\n{text}<|editable_region_end|>\n",
        lambda text: f"{text}<|editable_region_end|>\n```\nand more",
        lambda text: text.replace("return", "return<|user_cursor_is_here|>"),
    ),
    "zeta2": (
        lambda text: f"{text}>>>>>>> UPDATED\n",
        str,
        lambda text: text.replace("return", "<|user_cursor|>return"),
    ),
    "sweep": (str, str.rstrip, lambda text: f"{text}\n\n"),
    "mercury": (
        lambda text: f"```\n{text}```",
        fenced,
        str,
        lambda text: f"```\n<|code_to_edit|>\n{text}<|/code_to_edit|>\n```",
        lambda text: f"<|code_to_edit|>\n{text.replace('base *', 'base<|cursor|> *')}<|/code_to_edit|>\n",
    ),
    "instinct": (str, fenced, lambda text: f"<|editable_region_start|>\n{text}<|editable_region_end|>"),
}
"""How the models of each family say what the window is to be."""


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways])
def test_a_good_reply(name: str, way: Callable[[str], str]) -> None:
    assert read(name, way(GOOD)) == CHANGED
    assert read(name, way(GOOD).replace("\n", "\r\n")) == CHANGED
    assert read(name, way(WINDOW)) == (), "nothing is changed"


@pytest.mark.parametrize("name", NEXT_EDIT_FORMATS)
@pytest.mark.parametrize("reply", ["", "\n", "   \n\n"])
def test_nothing_is_no_edit(name: str, reply: str) -> None:
    for whole in (True, False):
        assert read(name, reply, whole=whole) == ()
        if name in ("window", "mercury", "instinct", "patch"):
            assert read(name, f"```\n{reply}```", whole=whole) == ()


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("window", "NO_EDIT"),
        ("window", "```\nNO_EDIT\n```"),
        ("patch", "NO_EDIT"),
        ("zeta2", "NO_EDITS\n>>>>>>> UPDATED\n"),
        ("zeta2", "NO_EDITS\n"),
        ("mercury", "None"),
        ("mercury", "```\nNone\n```"),
    ],
)
def test_the_word_for_no_edit(name: str, reply: str) -> None:
    assert read(name, reply) == ()


@pytest.mark.parametrize("name", ["window", "patch"])
def test_words_instead_of_code(name: str) -> None:
    assert read(name, "I cannot see what you are about, sorry.") == ()
    assert read(name, "# ... rest of the code unchanged") == ()


@pytest.mark.parametrize("name", WHOLE_WINDOW)
def test_blank_lines_at_the_end_are_those_of_the_window(name: str) -> None:
    context = replace(CONTEXT, window=(*CONTEXT.window, "", ""))
    for reply in (GOOD, GOOD.rstrip("\n"), f"{GOOD}\n\n\n\n"):
        assert read(name, reply, context) == CHANGED


@pytest.mark.parametrize("name", WHOLE_WINDOW)
def test_a_cut_reply_takes_nothing_away_that_it_did_not_come_to(name: str) -> None:
    window = ("a = 1", "b = 2", "c = 3", "d = 4", "e = 5", "f = 6", "g = 7")
    context = replace(CONTEXT, window=window, cursor=Position(0, 0), history=())
    said = "a = 1\nb = 20\nc = 3\nd = 4\ne = 5\nf"
    assert read(name, said, context, whole=False) == (LineHunk(3, 4, ("b = 20",)),)
    assert read(name, "a = 1\nb = 2\nc = 3\n", context, whole=False) == ()
    assert read(name, "a = 1\nb = 2\nc = 3\nd", context, whole=False) == ()
    # The end is uncertain still where it differs.
    assert read(name, "a = 1\nb = 20\nnew = 1\nc", context, whole=False) == ()


@pytest.mark.parametrize("name", ["zeta1", "zeta2", "instinct"])
def test_a_marked_end_makes_a_reply_whole(name: str) -> None:
    end = {"zeta2": ">>>>>>> UPDATED\n"}.get(name, "<|editable_region_end|>")
    assert read(name, GOOD + end, whole=False) == CHANGED


@pytest.mark.parametrize("name", WHOLE_WINDOW)
def test_what_the_user_has_just_done_is_not_undone(name: str) -> None:
    edit = RecentEdit("shop.py", 3, ("    return item",), ("    return base",))
    context = replace(CONTEXT, history=(edit,))
    back = "    base = item.price\n    return item\n"
    assert read(name, back, context) == ()
    assert read(name, f"    import math\n{back}", context) == (), "not even with something else"
    assert read(name, GOOD, context) == CHANGED
    assert read(name, back, replace(context, history=(replace(edit, path="other.py"),))) != ()
    gone = replace(CONTEXT, history=(RecentEdit("shop.py", 3, ("    log(base)",), ()),))
    assert read(name, "    base = item.price\n    log(base)\n    return base\n", gone) == (), "it was deleted"
    new = replace(CONTEXT, history=(RecentEdit("shop.py", 2, (), ("    base = item.price",)),))
    assert read(name, "    return base\n", new) == (), "it was inserted"


@pytest.mark.parametrize("name", NEXT_EDIT_FORMATS)
def test_a_control_token_that_leaks_spoils_the_reply(name: str) -> None:
    chosen = NEXT_EDIT_FORMATS[name]
    for token in chosen.control_tokens:
        said = f"{GOOD}{token}" if token.endswith("\n") else GOOD.replace("count", f"x{token}y")
        for hunk in read(name, said):
            assert token.rstrip("\n") not in "\n".join(hunk.new)


@pytest.mark.parametrize("name", ["zeta1", "zeta2", "sweep", "mercury", "instinct"])
def test_a_second_window_in_the_reply_is_not_taken(name: str) -> None:
    leaked = {"zeta2": "=======\n", "sweep": "<|file_sep|>x\n", "zeta1": "<|start_of_file|>\n"}
    reply = GOOD + leaked.get(name, "<|/edit_diff_history|>\n" if name == "mercury" else "<|snippet|>\n") + WINDOW
    assert read(name, reply) == ()


@pytest.mark.parametrize("name", ["zeta1", "zeta2", "sweep"])
@given(data=st.data())
def test_any_chunking_up_to_the_stop(name: str, data: st.DataObject) -> None:
    chosen = NEXT_EDIT_FORMATS[name]
    for stop in chosen.stops:
        text = f"{GOOD}{stop}\nmore of it"
        until, said = TextUntilStop(chosen.stops), ""
        while text and not until.ended:
            size = data.draw(st.integers(1, 12))
            said += until.feed(text[:size])
            text = text[size:]
        assert until.ended
        assert read(name, said + until.finish()) == CHANGED


# Patches

HUNK = "shop.py:3\n-    return base\n+    return base * count\n"


@pytest.mark.parametrize(
    "reply",
    [
        HUNK,
        fenced(HUNK),
        f"Two places:\n{HUNK}\nother.py:7\n-x\n+y\n",
        HUNK.replace(":3", ":4"),
        HUNK.replace(":3", ":999"),
        HUNK.replace("shop.py", "./shop.py"),
        HUNK.replace("return base\n", "return base  \n"),
    ],
)
def test_a_patch_counts_by_what_it_removes(reply: str) -> None:
    assert read("patch", reply) == CHANGED


def test_several_patches() -> None:
    reply = f"{HUNK}shop.py:0\n-import tax\n+import tax\n+import math\nshop.py:5\n-print(cost(1))\n"
    assert read("patch", reply) == (LineHunk(0, 1, ("import tax", "import math")), *CHANGED, LineHunk(5, 6, ()))
    assert read("patch", reply, whole=False) == (LineHunk(0, 1, ("import tax", "import math")), *CHANGED)


def test_lines_that_only_come_go_where_it_says() -> None:
    assert read("patch", "shop.py:3\n+    log(base)\n") == (LineHunk(3, 3, ("    log(base)",)),)
    assert read("patch", "shop.py:6\n+log()\n") == (LineHunk(6, 6, ("log()",)),)
    assert read("patch", "shop.py:7\n+log()\n") == (), "nobody has seen that line"


@pytest.mark.parametrize(
    "reply",
    [
        HUNK + "shop.py:2\n-    base = item.cost\n+    base = 1\n",
        HUNK + "shop.py:3\n-    return base\n+    return 1\n",
        HUNK.replace("    return", "return"),
        HUNK.replace("base\n", "base\n-\n-print(cost(2))\n"),
        "shop.py:3\n-    return base\n+    return base\n",
    ],
)
def test_a_patch_that_does_not_fit_takes_the_others_along(reply: str) -> None:
    assert read("patch", reply) == ()


def test_lines_that_stand_in_two_places_must_be_where_it_says() -> None:
    context = replace(CONTEXT, window=("x = 1", "y = 2", "x = 1"), cursor=Position(0, 0), history=())
    assert read("patch", "shop.py:4\n-x = 1\n+x = 3\n", context) == (LineHunk(4, 5, ("x = 3",)),)
    assert read("patch", "shop.py:3\n-x = 1\n+x = 3\n", context) == ()


def test_a_patch_does_not_take_back_either() -> None:
    reply = "shop.py:1\n-def cost(item, count):\n+def cost(item):\n"
    assert read("patch", reply) == ()
    assert read("patch", reply, replace(CONTEXT, history=(replace(SHOP, path="b.py"),))) != ()


LINES = st.lists(st.sampled_from(("", "a", "b = 1", "    c()", "}", "d")), min_size=1, max_size=12)


@pytest.mark.parametrize("name", ["zeta1", "zeta2", "sweep", "mercury", "instinct"])
@given(old=LINES, new=LINES)
def test_hunks_make_what_the_reply_says(name: str, old: list[str], new: list[str]) -> None:
    """But for the blank lines at the end."""
    context = replace(CONTEXT, window=tuple(old), cursor=Position(0, 0), history=())
    hunks = read(name, "\n".join(new) + "\n", context)
    if not any(line.strip() for line in new):
        assert hunks == ()
        return
    result = list(old)
    for hunk in reversed(hunks):
        result[hunk.start - context.first_line : hunk.end - context.first_line] = hunk.new
    assert "\n".join(result).rstrip("\n").removeprefix("\n" * 12) == "\n".join(
        new if name != "mercury" else "\n".join(new).strip("\n").split("\n")
    ).rstrip("\n").removeprefix("\n" * 12)
