"""Which packages a project's manifests declare. Pure functions on text.

Read are pyproject.toml (PEP 621 and 735, Poetry), requirements files, setup.cfg, package.json, Cargo.toml and go.mod.
In files that say it in code (setup.py) or in forms of their own (Pipfile), every word counts as declared. Manifests are
other people's files: what is not as it should be is left out, and one that cannot be read at all is None, after which
nobody can say that something is not declared.
"""

from __future__ import annotations

import configparser
import json
import posixpath
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from spark_lsp.repo.package_names import normal_crate, normal_distribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Ecosystem: TypeAlias = Literal["python", "node", "rust", "go"]

_TOO_DOTTED: Final = 100_000
"""tomllib takes time in the square of the parts of a dotted key."""
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[\[<>=!~;,@(#\s])")
_EGG: Final = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GO_LINE: Final = re.compile(r'^\s*(?:(require|replace|module|use)\s+)?"?([^\s"()]+)"?(?:\s+(.*))?$')
_REQUIREMENT_FILE: Final = re.compile(r"(?:.*[-_.])?requirements(?:[-_.].*)?\.(?:txt|in)|constraints\.txt")
_WORDS_ONLY: Final = frozenset(
    {"setup.py", "Pipfile", "environment.yml", "environment.yaml", "conda.yaml", "pixi.toml"}
)
_OF_NAME: Final[dict[str, Ecosystem]] = {
    "pyproject.toml": "python",
    "setup.cfg": "python",
    "package.json": "node",
    "Cargo.toml": "rust",
    "go.mod": "go",
    **dict.fromkeys(_WORDS_ONLY, "python"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What one manifest declares. Normal names are made as `package_names` says."""

    listed: tuple[str, ...]
    """As they are written, in their order, each once."""
    names: frozenset[str]
    """The same as normal names."""
    own: tuple[str, ...] = ()
    """What the project itself is called, as normal names: a package, a crate, a module."""


def ecosystem_of_manifest(path: str) -> Ecosystem | None:
    """Whose manifest a file is, by its name; None if it is none."""
    folder, name = posixpath.split(path)
    if found := _OF_NAME.get(name):
        return found
    in_folder = posixpath.basename(folder) == "requirements" and name.endswith((".txt", ".in"))
    return "python" if in_folder or _REQUIREMENT_FILE.fullmatch(name) else None


def declared_packages(path: str, text: str) -> Declared | None:
    """What a manifest declares; None if it cannot be read."""
    name = posixpath.basename(path)
    try:
        if name in _WORDS_ONLY:
            return _declared(_WORD.findall(text), normal=normal_distribution)
        if name == "package.json":
            return _package_json(json.loads(text))
        if name == "setup.cfg":
            return _setup_cfg(text)
        if name == "go.mod":
            return _go_mod(text)
        if name.endswith(".toml"):
            raw = load_toml(text)
            return _cargo(raw) if name == "Cargo.toml" else _pyproject(raw)
        return _declared(_distributions(text.splitlines()), normal=normal_distribution)
    except (ValueError, RecursionError, configparser.Error):
        return None


def load_toml(text: str) -> dict[str, Any]:
    """The content of a TOML file. Raises ValueError or RecursionError if there is none to be had."""
    if sum(line.count(".") ** 2 for line in text.split("\n")) > _TOO_DOTTED:
        raise ValueError("too many dots")
    return tomllib.loads(text)


def _declared(
    listed: Iterable[str], own: Iterable[object] = (), *, normal: Callable[[str], str] = lambda name: name
) -> Declared:
    listed = tuple(dict.fromkeys(listed))
    return Declared(
        listed, frozenset(map(normal, listed)), tuple(normal(name) for name in own if name and isinstance(name, str))
    )


def _pyproject(raw: dict[str, Any]) -> Declared:
    project, tool = _table(raw.get("project")), _table(raw.get("tool"))
    listed = _texts(project.get("dependencies"))
    for groups in (project.get("optional-dependencies"), raw.get("dependency-groups")):
        for entries in _table(groups).values():
            listed += _texts(entries)
    listed += _texts(_table(tool.get("uv")).get("dev-dependencies"))
    for entries in _table(_table(tool.get("pdm")).get("dev-dependencies")).values():
        listed += _texts(entries)
    for environment in _table(_table(tool.get("hatch")).get("envs")).values():
        listed += [
            *_texts(_table(environment).get("dependencies")),
            *_texts(_table(environment).get("extra-dependencies")),
        ]
    poetry = _table(tool.get("poetry"))
    tables = [poetry, *(_table(group) for group in _table(poetry.get("group")).values())]
    names = [
        name for table in tables for key in ("dependencies", "dev-dependencies") for name in _table(table.get(key))
    ]
    listed += _texts(_table(raw.get("build-system")).get("requires"))
    own = (project.get("name"), poetry.get("name"))
    return _declared((*_distributions(listed), *names), own, normal=normal_distribution)


def _setup_cfg(text: str) -> Declared:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    listed: list[str] = []
    for section, key in (("options", "install_requires"), ("options", "setup_requires"), ("options", "tests_require")):
        listed += _items(parser.get(section, key, fallback=""))
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            listed += _items(value)
    own = parser.get("metadata", "name", fallback="")
    return _declared(_distributions(listed), (own,), normal=normal_distribution)


def _items(value: str) -> list[str]:
    """A list of setup.cfg: by lines, or else by semicolons, which in lines begin a marker."""
    return value.split("\n") if "\n" in value else value.split(";")


def _package_json(raw: Any) -> Declared | None:
    if not isinstance(raw, dict):
        return None
    names = [
        name
        for group in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
        for name in _table(raw.get(group))
    ]
    for key in ("bundledDependencies", "bundleDependencies"):
        names += _texts(raw.get(key))
    return _declared(names, (raw.get("name"),))


def _cargo(raw: dict[str, Any]) -> Declared:
    tables = [raw, _table(raw.get("workspace")), *map(_table, _table(raw.get("target")).values())]
    names = [
        name
        for table in tables
        for group in (
            "dependencies",
            "dev-dependencies",
            "build-dependencies",
            "dev_dependencies",
            "build_dependencies",
        )
        for name in _table(table.get(group))
        # What a workspace declares counts only where a member takes it over: that is in the member's own table.
        if table is not tables[1]
    ]
    return _declared(names, (_table(raw.get(key)).get("name") for key in ("lib", "package")), normal=normal_crate)


def _go_mod(text: str) -> Declared:
    names: list[str] = []
    own: list[str] = []
    block = ""
    for line in text.splitlines():
        content = line.split("//", 1)[0].strip()
        if content == ")":
            block = ""
        elif opened := re.fullmatch(r"(\w+)\s*\(", content):
            block = opened[1]
        elif match := _GO_LINE.fullmatch(content):
            verb = match[1] or block
            if verb == "module":
                own.append(match[2])
            elif verb in ("require", "replace"):
                names.append(match[2])
    return _declared(names, own)


def _distributions(lines: Iterable[str]) -> Iterator[str]:
    """The names in requirements (PEP 508, and the lines of a requirements file)."""
    for line in lines:
        if match := _REQUIREMENT.match(line) or _EGG.search(line):
            yield match[1]


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
