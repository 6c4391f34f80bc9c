"""From changes in open documents to other files: what spreads, where to, and what is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from repo.trees import facts_bytes, graph_of
from spark_lsp.core.edits import Edit, apply
from spark_lsp.core.history import EditHistory
from spark_lsp.core.refine import difference
from spark_lsp.core.text import Text
from spark_lsp.features.next_edit_spread import ChangedFile, edits_in, places_of, spreads, still_holds

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE = """\
def load(key):
    return [key]


def main():
    return load(1), 1


def again():
    return load(2), 2
"""
USES = {
    "by_name.py": "from store import load\n\n\ndef one(key):\n    return load(key)\n",
    "by_module.py": "import store\n\n\ndef two(key):\n    return store.load(key)\n",
    "another.py": "from json import load\n\n\ndef three(key):\n    return load(key)\n",
    "own.py": "def load(key):\n    return key\n\n\ndef four(key):\n    return load(key)\n",
}


def changed(path: str, before: str, *steps: tuple[str, str]) -> ChangedFile:
    """A file after some texts in it were replaced, one after another."""
    text, history = Text.of(before), EditHistory()
    for old, new in steps:
        for edit in reversed(difference(text, Text.of(str(text).replace(old, new, 1)))):
            earlier, text = text, apply(text, (edit,))
            history = history.changed(earlier, edit, text)
    return ChangedFile(path, text, history)


def after(files: Mapping[str, str], *sources: ChangedFile) -> dict[str, str]:
    """The files after everything that is told of them."""
    graph = graph_of(files)
    for source in sources:
        graph.put_text(source.path, facts_bytes(source.path, str(source.text)))
    found: dict[str, str] = {}
    for spread in spreads(graph, sources):
        for step in places_of(graph, spread):
            if step is not None:
                path, lines = step
                text = next((one.text for one in sources if one.path == path), None) or Text.of(files[path])
                new: list[Edit] = [edit for edits, _ in edits_in(spread, text, lines) for edit in edits]
                if new:
                    found[path] = str(apply(text, tuple(new)))
    return found


def test_a_definition_that_was_renamed_beside_others_of_its_name() -> None:
    found = after(USES | {"store.py": STORE}, changed("store.py", STORE, ("def load", "def look_up")))
    assert found == {"by_name.py": USES["by_name.py"].replace("load", "look_up")}, "it is imported from there"


def test_a_definition_that_was_renamed_and_is_the_only_one() -> None:
    files = {"store.py": STORE} | {name: text for name, text in USES.items() if name != "own.py"}
    found = after(files, changed("store.py", STORE, ("def load", "def look_up")))
    assert found == {
        "store.py": str(changed("store.py", STORE, *[("load", "look_up")] * 3).text),
        "by_name.py": USES["by_name.py"].replace("load", "look_up"),
        "by_module.py": USES["by_module.py"].replace("load", "look_up"),
    }


@pytest.mark.parametrize(
    "steps",
    [
        [("load(1), 1", "load(1, None), 1"), ("load(2), 2", "load(2, None), 2")],
        [("load(key)", "load(key, default)"), ("load(2), 2", "load(2, None), 2")],
    ],
    ids=["twice", "with its definition"],
)
def test_an_argument_that_was_added(steps: list[tuple[str, str]]) -> None:
    found = after(USES | {"store.py": STORE}, changed("store.py", STORE, *steps))
    others = {name: text for name, text in found.items() if name != "store.py"}
    names = ("by_name.py", "by_module.py")
    assert others == {name: USES[name].replace("load(key)", "load(key, None)") for name in names}


def test_what_was_done_once_only_does_not_spread() -> None:
    assert after(USES | {"store.py": STORE}, changed("store.py", STORE, ("load(1), 1", "load(1, None), 1"))) == {}


def test_local_names_do_not_spread() -> None:
    source = changed("store.py", STORE, ("load(key)", "load(name)"), ("[key]", "[name]"))
    assert after(USES | {"store.py": STORE}, source) == {}


def test_a_spread_holds_as_long_as_its_example_does() -> None:
    source = changed("store.py", STORE, ("def load", "def look_up"))
    graph = graph_of({"store.py": str(source.text)} | USES)
    (spread,) = spreads(graph, [source])
    assert still_holds(spread, source.text, source.history.hunks)
    further = changed("store.py", STORE, ("def load", "def look_up"), ("again", "once_more"))
    assert still_holds(spread, further.text, further.history.hunks)
    undone = changed("store.py", STORE, ("def load", "def look_up"), ("def look_up", "def load"))
    assert not still_holds(spread, undone.text, undone.history.hunks)


def test_strings_and_comments_are_left_alone() -> None:
    use = "from store import load\n\n# load it\nprint('load', load(1), \"load\")\n"
    found = after({"store.py": STORE, "use.py": use}, changed("store.py", STORE, ("def load", "def look_up")))
    assert found["use.py"] == "from store import look_up\n\n# load it\nprint('load', look_up(1), \"load\")\n"
