"""A package is added to a manifest, and not a byte else changes."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.edits import apply
from spark_lsp.core.text import Text
from spark_lsp.repo.package_insertion import add_package
from spark_lsp.repo.package_manifests import declared_packages

CASES = [
    ("requirements.txt", "a\n", "new", "a\n[new\n]"),
    ("requirements.txt", "a", "new", "a[\nnew]"),
    ("requirements.txt", "", "new", "[new\n]"),
    ("requirements.txt", "a\r\n", "new", "a\r\n[new\r\n]"),
    ("pyproject.toml", "[project]\ndependencies = []\n", "new", '[project]\ndependencies = [["new"]]\n'),
    ("pyproject.toml", '[project]\ndependencies = ["a"]\n', "new", '[project]\ndependencies = ["a"[, "new"]]\n'),
    ("pyproject.toml", "[project]\ndependencies = ['a',]\n", "new", "[project]\ndependencies = ['a',[ 'new',]]\n"),
    (
        "pyproject.toml",
        '[project]\ndependencies = [\n  "a[x]>=1",  # why\n  "b",  # why\n  # more\n]\n',
        "new",
        '[project]\ndependencies = [\n  "a[x]>=1",  # why\n  "b",  # why[\n  "new",]\n  # more\n]\n',
    ),
    (
        "pyproject.toml",
        '[project]\ndependencies = [\n  "a",\n  "b"  # why\n]\n',
        "new",
        '[project]\ndependencies = [\n  "a",\n  "b"[,]  # why[\n  "new"]\n]\n',
    ),
    (
        "pyproject.toml",
        '[project]\ndependencies = [\n  "a",\n  "b"\n]\n',
        "new",
        '[project]\ndependencies = [\n  "a",\n  "b"[,\n  "new"]\n]\n',
    ),
    (
        "pyproject.toml",
        '[project]\r\ndependencies = [\r\n\t"a",\r\n]\r\n',
        "new",
        '[project]\r\ndependencies = [\r\n\t"a",[\r\n\t"new",]\r\n]\r\n',
    ),
    (
        "pyproject.toml",
        '[project]\nname = "x"\n# end\n\n[tool.x]\n',
        "new",
        '[project]\nname = "x"[\ndependencies = ["new"]]\n# end\n\n[tool.x]\n',
    ),
    (
        "pyproject.toml",
        '[tool.poetry.dependencies]\npython = "^3"\n\n[x]\n',
        "new",
        '[tool.poetry.dependencies]\npython = "^3"[\nnew = "*"]\n\n[x]\n',
    ),
    (
        "pyproject.toml",
        '[project]\ndescription = """\n[project]\ndependencies = ["no"]\n"""\ndependencies = ["a"]\n',
        "new",
        '[project]\ndescription = """\n[project]\ndependencies = ["no"]\n"""\ndependencies = ["a"[, "new"]]\n',
    ),
    ("Cargo.toml", '[package]\nname = "x"\n', "new", '[package]\nname = "x"\n[\n[dependencies]\nnew = "*"\n]'),
    (
        "Cargo.toml",
        '[package]\nname = "x"\n[dependencies]\na = { features = [\n  "x"] }  # why\n\n[b]\n',
        "new",
        '[package]\nname = "x"\n[dependencies]\na = { features = [\n  "x"] }  # why[\nnew = "*"]\n\n[b]\n',
    ),
    (
        "Cargo.toml",
        '[package]\nname = "x"\n[dependencies]\n\n[features]\n',
        "new",
        '[package]\nname = "x"\n[dependencies][\nnew = "*"]\n\n[features]\n',
    ),
    (
        "package.json",
        '{\n  "name": "x",\n  "dependencies": {\n    "a": "1"\n  },\n  "z": 1\n}\n',
        "@n/new",
        '{\n  "name": "x",\n  "dependencies": {\n    "a": "1"[,\n    "@n/new": "*"]\n  },\n  "z": 1\n}\n',
    ),
    ("package.json", '{"dependencies": {"a": "1"}}', "new", '{"dependencies": {"a": "1"[, "new": "*"]}}'),
    (
        "package.json",
        '{\n\t"name": "x"\n}\n',
        "new",
        '{\n\t"name": "x"[,\n\t"dependencies": {\n\t\t"new": "*"\n\t}]\n}\n',
    ),
    (
        "package.json",
        '{\n  "dependencies": {},\n  "z": {}\n}\n',
        "new",
        '{\n  "dependencies": {[\n    "new": "*"\n  ]},\n  "z": {}\n}\n',
    ),
    ("package.json", "{}", "new", '{["dependencies": {"new": "*"}]}'),
    (
        "go.mod",
        "module x\n\nrequire (\n\ta.org/b v1\n)\n\nrequire (\n\tc.org/d v1 // indirect\n)\n",
        "github.com/n/n",
        "module x\n\nrequire (\n\ta.org/b v1\n[\tgithub.com/n/n latest\n])\n\nrequire (\n\tc.org/d v1 // indirect\n)\n",
    ),
    (
        "go.mod",
        "module x\n\nrequire github.com/a/b v1.0.0 // why\n",
        "github.com/n/n",
        "module x\n\nrequire github.com/a/b v1.0.0 // why[\nrequire github.com/n/n latest]\n",
    ),
    ("go.mod", "module x\n", "github.com/n/n", "module x\n[\nrequire github.com/n/n latest\n]"),
    (
        "setup.cfg",
        "[options]\npackages = x\ninstall_requires =\n    a>=1\n    b\n\n[x]\ny = 1\n",
        "new",
        "[options]\npackages = x\ninstall_requires =\n    a>=1\n    b[\n    new]\n\n[x]\ny = 1\n",
    ),
]
"""A manifest, the package, and the manifest with what was added, between brackets that are not in it."""


@pytest.mark.parametrize(("path", "text", "name", "expected"), CASES)
def test_exactly_this_is_inserted(path: str, text: str, name: str, expected: str) -> None:
    edits = add_package(path, Text.of(text), name)
    assert edits is not None
    assert all(edit.start == edit.end for edit in edits)
    marked = tuple(type(edit)(edit.start, edit.end, f"[{edit.new}]") for edit in edits)
    assert str(apply(Text.of(text), marked)) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "[tool.black]\nline-length = 1\n"),
        ("pyproject.toml", '[project]\ndynamic = ["dependencies"]\n'),
        ("pyproject.toml", "[project]\ndependencies = [ # why\n]\n"),
        ("pyproject.toml", 'project = { dependencies = ["a"] }\n'),
        ("pyproject.toml", 'project.dependencies = ["a"]\n'),
        ("pyproject.toml", '[project]\n"dependencies" = ["a"]\n'),
        ("Cargo.toml", '[workspace]\nmembers = ["a"]\n'),
        ("Cargo.toml", '[package]\nname = "x"\n[dependencies.a]\nversion = "1"\n'),
        ("package.json", "[]"),
        ("package.json", '{"dependencies": []}'),
        ("setup.cfg", "[options]\ninstall_requires = a\n"),
        ("setup.py", "setup()\n"),
        ("Pipfile", "[packages]\n"),
    ],
)
def test_where_there_is_no_place_for_certain_nothing_is_inserted(path: str, text: str) -> None:
    edits = add_package(path, Text.of(text), "new")
    if edits is not None:
        assert path == "Cargo.toml", "only a table of its own beside those of single crates"
        assert "new" in tomllib.loads(str(apply(Text.of(text), edits)))["dependencies"]


@pytest.mark.parametrize("name", ["", "a b", 'a"', "a\nb", "-r x", "a'"])
def test_what_is_no_name_is_not_inserted(name: str) -> None:
    for path in ("requirements.txt", "package.json", "go.mod"):
        assert add_package(path, Text.of("{}" if path == "package.json" else ""), name) is None


names = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
gaps = st.sampled_from(["", " ", "\n", "\n    ", "  # why\n", "\n\n"])


@st.composite
def toml_arrays(draw: st.DrawFn) -> str:
    items = draw(st.lists(names, max_size=4))
    text = "["
    for number, item in enumerate(items):
        quote = draw(st.sampled_from("\"'"))
        comma = "," if number < len(items) - 1 or draw(st.booleans()) else ""
        text += f"{draw(gaps)}{quote}{item}>=1{quote}{draw(gaps) if comma else ''}{comma}"
    return f"{text}{draw(gaps)}]"


@given(
    toml_arrays(), names, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "# a\n", 'x = ["y"]\n']), st.booleans()
)
def test_any_pyproject(array: str, name: str, newline: str, more: str, last: bool) -> None:
    text = f"[a]\n[project]\n{more}dependencies = {array}{'' if last else chr(10) + '[b]' + chr(10)}"
    check("pyproject.toml", text.replace("\n", newline), name)


def test_a_comma_in_a_comment_is_none() -> None:
    check("pyproject.toml", '[project]\ndependencies = ["a"  # one, two\n, # three\n]\n', "new")


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)


@given(
    st.dictionaries(st.text(max_size=4), json_values, max_size=3),
    st.none() | st.dictionaries(names, st.just("1"), max_size=3),
    names,
    st.sampled_from([None, 1, 2, 4, "\t"]),
)
def test_any_package_json(
    whole: dict[str, object], dependencies: dict[str, str] | None, name: str, indent: int | str | None
) -> None:
    if dependencies is not None:
        whole["dependencies"] = dependencies
        whole["z"] = 1
    check("package.json", json.dumps(whole, indent=indent, ensure_ascii=False), name)


@given(st.lists(names, max_size=4), names, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_requirements(lines: list[str], name: str, newline: str, ended: bool) -> None:
    check("requirements.txt", newline.join(lines) + (newline if ended and lines else ""), name)


def check(path: str, text: str, name: str) -> None:
    """What comes out declares the package besides what it did, and is the text when the insertions are taken out."""
    before = declared_packages(path, text)
    assert before is not None
    edits = add_package(path, Text.of(text), name)
    if edits is None:
        # Only where there would be doubt: an array with nothing but comments, something else in the package's place.
        assert name in before.names or path == "package.json" or re.search(r"dependencies = \[\s*#", text)
        return
    after = declared_packages(path, str(apply(Text.of(text), edits)))
    assert after is not None
    assert after.names == before.names | {name}
    assert all(edit.start == edit.end for edit in edits)
    assert sum(len(edit.new) for edit in edits) == len(str(apply(Text.of(text), edits))) - len(text)
