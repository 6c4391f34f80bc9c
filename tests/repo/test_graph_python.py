"""Python in the graph: from names to definitions, and back."""

from __future__ import annotations

import pytest

from repo.trees import facts_bytes, graph_of, named, users
from spark_lsp.core.symbols import Import

TREE = {
    "src/app/__init__.py": "from .core import Command as Command\nfrom .helpers import *\n__version__ = '1'\n",
    "src/app/core.py": (
        "import app.types as t\n"
        "from . import errors\n"
        "\n"
        "\n"
        "class Base:\n"
        "    '''The base.'''\n"
        "    def run(self):\n"
        "        return self.invoke()\n"
        "    def invoke(self):\n"
        "        raise errors.Failure\n"
        "\n"
        "\n"
        "class Command(Base):\n"
        "    def invoke(self):\n"
        "        return t.convert(super().invoke())\n"
        "\n"
        "\n"
        "class Group(Command, errors.Mixin):\n"
        "    def invoke(self):\n"
        "        return 1\n"
    ),
    "src/app/errors.py": "class Failure(Exception):\n    pass\n\n\nclass Mixin:\n    def mixed(self): ...\n",
    "src/app/types.py": "def convert(value):\n    return value\n",
    "src/app/helpers.py": "from .deep.inner import buried\n\n\ndef helper():\n    return buried()\n",
    "src/app/deep/__init__.py": "",
    "src/app/deep/inner.py": "from ..types import convert\n\n\ndef buried():\n    return convert(1)\n",
    "src/app/loop_a.py": "from .loop_b import *\nfrom .loop_b import thing\n",
    "src/app/loop_b.py": "from .loop_a import *\nfrom .loop_a import thing\n",
    "tests/test_core.py": (
        "import app\n"
        "import app.core\n"
        "from app import Command, helper as h\n"
        "from app.core import Group\n"
        "import app.types as ty\n"
        "from json import convert\n"
        "\n"
        "\n"
        "def test_it():\n"
        "    h()\n"
        "    ty.convert(1)\n"
        "    convert(2)\n"
        "    Group().invoke()\n"
        "    app.core.Base()\n"
    ),
    "tests/types.py": "def convert(other): ...\n",
}


@pytest.mark.parametrize(
    ("name", "qualifier", "expected"),
    [
        ("Command", "", ["src/app/core.py:Command"]),
        ("h", "", ["src/app/helpers.py:helper"]),
        ("Group", "", ["src/app/core.py:Group"]),
        ("Command", "app", ["src/app/core.py:Command"]),
        ("helper", "app", ["src/app/helpers.py:helper"]),
        ("buried", "app", ["src/app/deep/inner.py:buried"]),
        ("Base", "app.core", ["src/app/core.py:Base"]),
        ("errors", "app.core", ["src/app/errors.py"]),
        ("Failure", "app.core.errors", ["src/app/errors.py:Failure"]),
        ("convert", "ty", ["src/app/types.py:convert"]),
        ("invoke", "Command", ["src/app/core.py:Command.invoke"]),
        ("run", "Group", ["src/app/core.py:Base.run"]),
        ("mixed", "app.core.Group", ["src/app/errors.py:Mixin.mixed"]),
        ("core", "app", ["src/app/core.py"]),
        ("convert", "", []),
        ("nothing", "", []),
        ("nothing", "app", []),
        ("nothing", "no.such", []),
    ],
)
def test_names_are_followed_to_their_definitions(name: str, qualifier: str, expected: list[str]) -> None:
    assert named(graph_of(TREE).resolve("tests/test_core.py", name, qualifier)) == expected


def test_self_and_super_are_of_the_class_around_the_line() -> None:
    graph = graph_of(TREE)
    assert named(graph.resolve("src/app/core.py", "invoke", "self", 7)) == ["src/app/core.py:Base.invoke"]
    assert named(graph.resolve("src/app/core.py", "run", "self", 14)) == ["src/app/core.py:Base.run"]
    assert named(graph.resolve("src/app/core.py", "invoke", "super()", 14)) == ["src/app/core.py:Base.invoke"]
    assert named(graph.resolve("src/app/core.py", "invoke", "super", 19)) == ["src/app/core.py:Command.invoke"]


def test_imports_that_go_in_circles_end() -> None:
    assert graph_of(TREE).resolve("src/app/loop_a.py", "thing") == []
    assert graph_of(TREE).resolve("src/app/loop_a.py", "other") == []


def test_a_module_is_found_below_the_nearest_folder_that_is_no_package() -> None:
    tree = {
        "one/lib/pkg/__init__.py": "",
        "one/lib/pkg/mod.py": "a = 1\n",
        "two/lib/pkg/__init__.py": "",
        "two/lib/pkg/mod.py": "a = 2\n",
        "two/tests/test_mod.py": "import pkg.mod\n",
        "two/lib/pkg/json.py": "",
        "two/lib/pkg/user.py": "import json\n",
        "scripts/helper.py": "",
        "scripts/run.py": "import helper\n",
    }
    graph = graph_of(tree)
    assert graph.find_module("two/tests/test_mod.py", "pkg.mod") == ("two/lib/pkg/mod.py",)
    assert graph.find_module("one/lib/pkg/mod.py", "pkg.mod") == ("one/lib/pkg/mod.py",)
    assert graph.find_module("scripts/run.py", "helper") == ("scripts/helper.py",)
    assert graph.find_module("one/lib/pkg/mod.py", "os.path") == ()
    assert graph.find_module("two/tests/test_mod.py", "....above") == ()


def test_members_come_with_what_is_inherited() -> None:
    graph = graph_of(TREE)
    (group,) = graph.resolve("tests/test_core.py", "Group")
    members = ["src/app/core.py:Group.invoke", "src/app/core.py:Base.run", "src/app/errors.py:Mixin.mixed"]
    assert sorted(named(graph.members(group))) == sorted(members)
    assert named(graph.bases(group)) == ["src/app/core.py:Command", "src/app/errors.py:Mixin"]


def test_classes_that_inherit_from_each_other_end() -> None:
    graph = graph_of({"a.py": "class A(B): ...\n\n\nclass B(A):\n    def b(self): ...\n"})
    (first,) = graph.definitions("A")
    assert named(graph.members(first)) == ["a.py:B.b"]


def test_callers_are_the_functions_around_what_uses_a_definition() -> None:
    graph = graph_of(TREE)
    (convert,) = graph.resolve("tests/test_core.py", "convert", "ty")
    assert set(users(graph.callers(convert))) == {
        "src/app/core.py:Command.invoke",
        "src/app/deep/inner.py:buried",
        "tests/test_core.py:test_it",
    }
    lines = [use.line for use in graph.callers(convert) if use.path == "tests/test_core.py"]
    assert lines == [10], "the convert of json is another one"
    (invoke,) = graph.resolve("tests/test_core.py", "invoke", "Group")
    assert "tests/test_core.py:test_it?" in users(graph.callers(invoke))


def test_a_file_knows_who_imports_it() -> None:
    graph = graph_of(TREE)
    assert sorted(graph.importers("src/app/types.py")) == [
        "src/app/core.py",
        "src/app/deep/inner.py",
        "tests/test_core.py",
    ]
    assert sorted(graph.importers("src/app/errors.py")) == ["src/app/core.py"]
    assert graph.importers("src/app/__init__.py") == ["tests/test_core.py"]
    assert graph.importers("tests/types.py") == []


def test_siblings_of_a_method_are_what_like_classes_have() -> None:
    graph = graph_of(
        {
            "base.py": "class Base:\n    def go(self): ...\n",
            "one.py": "from base import Base\n\n\nclass One(Base):\n    def go(self): ...\n    def other(self): ...\n",
            "two.py": "from base import Base\n\n\nclass Two(Base):\n    def go(self): ...\n",
        }
    )
    (one,) = graph.definitions("One")
    assert named(graph.siblings(one)) == ["two.py:Two"]
    go = next(place for place in graph.definitions("go") if place.path == "one.py")
    assert named(graph.siblings(go)) == ["two.py:Two.go", "one.py:One.other"]


def test_a_file_comes_back_as_it_was_put() -> None:
    graph = graph_of(TREE)
    facts = graph.file("src/app/core.py")
    assert facts is not None
    assert facts.imports[0] == Import("app.types", None, "t", 0)
    assert [symbol.name for symbol in graph.symbols("src/app/core.py")] == [symbol.name for symbol in facts.symbols]
    assert facts.symbols[0].doc == "The base."
    assert {"convert", "invoke"} <= {found.name for found in graph.references("src/app/core.py", 14, 15)}
    assert {found.line for found in graph.references("src/app/core.py", 14, 15)} == {14}
    assert graph.file("no/such.py") is None


def test_changes_leave_nothing_behind() -> None:
    graph = graph_of(TREE)
    graph.put("src/app/types.py", "1", facts_bytes("src/app/types.py", "def renamed(): ...\n"))
    assert named(graph.definitions("convert")) == ["tests/types.py:convert"]
    assert graph.resolve("tests/test_core.py", "convert", "ty") == []
    assert named(graph.resolve("tests/test_core.py", "renamed", "ty")) == ["src/app/types.py:renamed"]
    graph.remove("src/app/types.py")
    assert graph.definitions("renamed") == []
    assert graph.find_module("tests/test_core.py", "app.types") == ()
    for path in TREE:
        graph.remove(path)
    assert graph.files() == []
    for text in graph.names.texts:
        assert not graph.files_defining(text)
        assert not graph.files_referencing(text)


def test_an_open_text_counts_before_its_file_until_it_is_closed() -> None:
    graph = graph_of(TREE)
    path = "src/app/types.py"
    graph.put_text(path, facts_bytes(path, "def typed(): ...\n"))
    assert named(graph.definitions("typed")) == [f"{path}:typed"]
    graph.put(path, "1", facts_bytes(path, "def saved(): ...\n"))
    assert graph.definitions("saved") == []
    graph.put_text(path, facts_bytes(path, "def typed_more(): ...\n"))
    graph.forget_text(path)
    assert named(graph.definitions("saved")) == [f"{path}:saved"]
    assert graph.definitions("typed_more") == []
    graph.put_text(path, facts_bytes(path, "def typed(): ...\n"))
    graph.remove(path)
    assert named(graph.definitions("typed")) == [f"{path}:typed"]
    graph.forget_text(path)
    assert graph.table(path) is None
    graph.forget_text(path)
