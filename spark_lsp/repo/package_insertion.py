"""Adds a package to a manifest: the smallest edits, with everything else kept byte for byte. Pure.

No version is made up: what needs one gets ``*``, and go.mod gets ``latest``, which the go command replaces with the
version that it finds (Go Modules Reference, "Automatic updates"). What comes out is parsed again, and is only given if
it says just what the manifest said before, and the package.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.core.edits import Edit, Edits, apply
from spark_lsp.core.text import Text, extent, line_ending
from spark_lsp.repo.json_spans import JsonObject, json_object
from spark_lsp.repo.package_manifests import declared_packages, load_toml
from spark_lsp.repo.package_names import normal_crate, normal_distribution
from spark_lsp.repo.toml_spans import TomlArray, TomlTable, toml_tables

if TYPE_CHECKING:
    from collections.abc import Callable

_Insertions = list[tuple[int, str]]
"""What to insert, and at which code point of the text."""
_SAFE_NAME: Final = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._~+/-]*")


def add_package(path: str, text: Text, name: str) -> Edits | None:
    """The edits of a manifest that declare a package; None if there is no place for it that is certain."""
    writer = _WRITERS.get(posixpath.basename(path), _requirements)
    whole = str(text)
    before = declared_packages(path, whole)
    if before is None or not _SAFE_NAME.fullmatch(name):
        return None
    newline = line_ending(text.lines[0]) or "\n"
    insertions = writer(whole, name, newline)
    if not insertions:
        return None
    edits = tuple(Edit(place, place, new) for at, new in insertions for place in (extent(whole[:at]),))
    after = declared_packages(path, str(apply(text, edits)))
    if after is None or after.own != before.own or after.names != before.names | {_normal(path, name)}:
        return None
    return edits if _says_the_rest(path, whole, str(apply(text, edits))) else None


def _normal(path: str, name: str) -> str:
    kind = posixpath.basename(path)
    if kind in ("package.json", "go.mod"):
        return name
    return normal_crate(name) if kind == "Cargo.toml" else normal_distribution(name)


def _says_the_rest(path: str, before: str, after: str) -> bool:
    """Whether nothing but one entry was added to the data of a manifest."""
    readers: dict[str, Callable[[str], Any]] = {".json": json.loads, ".toml": load_toml}
    read = readers.get(posixpath.splitext(path)[1])
    if read is None:
        return True
    try:
        return _additions(read(before), read(after)) == 1
    except (ValueError, RecursionError):
        return False


def _additions(before: Any, after: Any) -> int:
    """How many values were added; many if anything else differs."""
    if isinstance(before, dict) and isinstance(after, dict):
        if [key for key in after if key in before] != list(before):
            return 1000
        added = sum(_values(after[key]) for key in after if key not in before)
        return added + sum(_additions(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(after) - len(before) if after[: len(before)] == before else 1000
    return 0 if before == after and type(before) is type(after) else 1000


def _values(value: Any) -> int:
    if isinstance(value, dict | list):
        return len(value)
    return 1


def _requirements(text: str, name: str, newline: str) -> _Insertions:
    """A line at the end."""
    if text and not text.endswith(("\n", "\r")):
        return [(len(text), f"{newline}{name}")]
    return [(len(text), f"{name}{newline}")]


def _pyproject(text: str, name: str, newline: str) -> _Insertions:
    """To the project's dependencies, or Poetry's."""
    tables = {table.name: table for table in toml_tables(text)}
    project, poetry = tables.get("project"), tables.get("tool.poetry.dependencies")
    if project is not None:
        array = project.array("dependencies")
        if array is not None:
            return _into_array(text, array, name, newline)
        dynamic = project.array("dynamic")
        if dynamic is None or "dependencies" not in text[dynamic.start : dynamic.end]:
            return _entry(text, project, f'dependencies = ["{name}"]', newline)
    if poetry is not None:
        return _entry(text, poetry, f'{name} = "*"' if "." not in name else f'"{name}" = "*"', newline)
    return []


def _into_array(text: str, array: TomlArray, name: str, newline: str) -> _Insertions:
    if array.items is None:
        return []
    if not array.items:
        inside = text[array.start + 1 : array.end - 1]
        return [] if "#" in inside else [(array.start + 1, f'"{name}"')]
    start, end = array.items[-1]
    quote = text[start]
    item = f"{quote}{name}{quote}"
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    indentation = text[line_start:start]
    comma = "" if array.comma_end is None else ","
    last_end = array.comma_end or end
    closing_line = max(text.rfind("\n", 0, array.end), text.rfind("\r", 0, array.end)) + 1
    if indentation.strip(" \t") or closing_line <= last_end:
        # The last one has no line to itself, or the bracket has none.
        return [(last_end, f"{'' if comma else ','} {item}{comma}")]
    line_end = _line_end(text, last_end)
    new = f"{newline}{indentation}{item}{comma}"
    return [(line_end, new)] if comma else _joined([(end, ","), (line_end, new)])


def _joined(insertions: _Insertions) -> _Insertions:
    """Two insertions at one place as one."""
    (first, one), (second, other) = insertions
    return [(first, one + other)] if first == second else insertions


def _line_end(text: str, at: int) -> int:
    match = re.compile(r"[^\r\n]*").match(text, at)
    return match.end() if match else len(text)


def _entry(text: str, table: TomlTable, line: str, newline: str) -> _Insertions:
    """A line behind the last entry of a table, indented like that."""
    start = max(text.rfind("\n", 0, table.last_end), text.rfind("\r", 0, table.last_end)) + 1
    last = text[start : table.last_end]
    indentation = last[: len(last) - len(last.lstrip(" \t"))] if last.lstrip(" \t")[:1].isalnum() else ""
    return [(table.last_end, f"{newline}{indentation}{line}")]


def _cargo(text: str, name: str, newline: str) -> _Insertions:
    tables = {table.name: table for table in toml_tables(text)}
    if "package" not in tables:
        return []
    line = f'{name} = "*"'
    if (table := tables.get("dependencies")) is not None:
        return _entry(text, table, line, newline)
    gap = newline if text.endswith(("\n", "\r")) else 2 * newline
    return [(len(text), f"{gap}[dependencies]{newline}{line}{newline}")]


def _setup_cfg(text: str, name: str, newline: str) -> _Insertions:
    """A line to install_requires, where that has lines."""
    found = re.search(r"(?m)^\[options\][^\[]*?^install_requires[ \t]*=[ \t]*((?:\r?\n[ \t]+[^\r\n]*)+)", text)
    if found is None:
        return []
    lines = list(re.finditer(r"\r?\n([ \t]+)[^\s#;][^\r\n]*", found[1]))
    if not lines:
        return []
    return [(found.start(1) + lines[-1].end(), f"{newline}{lines[-1][1]}{name}")]


def _package_json(text: str, name: str, newline: str) -> _Insertions:
    whole = json_object(text)
    if whole is None:
        return []
    entry = f'{json.dumps(name)}: "*"'
    member = whole.member("dependencies")
    if member is None:
        indentation = _indentation(text, whole)
        if indentation is None:
            return _member(text, whole, f'"dependencies": {{{entry}}}', newline, "")
        inner = f"{newline}{indentation * 2}{entry}{newline}{indentation}"
        return _member(text, whole, f'"dependencies": {{{inner}}}', newline, indentation)
    dependencies = json_object(text, member.value_start)
    outer = _indentation(text, whole) or ""
    return [] if dependencies is None else _member(text, dependencies, entry, newline, outer)


def _indentation(text: str, item: JsonObject) -> str | None:
    """What stands before the first member on its line; None if it does not begin one."""
    if not item.members:
        return None
    start = item.members[0].start
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    before = text[line_start:start]
    return before if not before.strip(" \t") and line_start else None


def _member(text: str, item: JsonObject, member: str, newline: str, outer: str) -> _Insertions:
    """A member at the end of an object, laid out like the others; `outer` is how a member of what is around stands."""
    if item.members:
        own = _indentation(text, item)
        return [(item.members[-1].end, f", {member}" if own is None else f",{newline}{own}{member}")]
    if text[item.start + 1 : item.end - 1]:
        return [(item.end - 1, member)] if "\n" not in text[item.start : item.end] else []
    return [(item.start + 1, f"{newline}{outer * 2}{member}{newline}{outer}" if outer else member)]


def _go_mod(text: str, name: str, newline: str) -> _Insertions:
    """A line in the first block of requirements that has direct ones, or behind the last line of its own."""
    for block in re.finditer(r"(?ms)^require\s*\(([^)]*)\)", text):
        lines = re.findall(r"[^\r\n]+", block[1])
        direct = [line for line in lines if line.strip() and not re.search(r"//\s*indirect", line)]
        if direct or not any(line.strip() for line in lines):
            last = max(text.rfind("\n", 0, block.end(1)), block.start(1) - 1) + 1
            indentation = re.match(r"[ \t]*", direct[0] if direct else "\t")
            return [(last, f"{indentation[0] if indentation else ''}{name} latest{newline}")]
    single = list(re.finditer(r"(?m)^require[ \t]+[^\s(][^\r\n]*", text))
    if single:
        return [(single[-1].end(), f"{newline}require {name} latest")]
    gap = newline if text.endswith(("\n", "\r")) else 2 * newline
    return [(len(text), f"{gap}require {name} latest{newline}")]


_WRITERS: Final[dict[str, Callable[[str, str, str], _Insertions]]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "package.json": _package_json,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    **dict.fromkeys(
        ("setup.py", "Pipfile", "environment.yml", "environment.yaml", "conda.yaml", "pixi.toml"), lambda *_: []
    ),
}
