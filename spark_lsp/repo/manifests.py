"""What a project's manifest says that matters for finding modules: names, paths, and declared dependencies.

One flat form for all of them. Manifests are other people's files: what is not as it should be is left out.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from dataclasses import asdict, dataclass
from typing import Any, Final

MANIFESTS: Final = frozenset(
    (
        *("package.json", "tsconfig.json", "jsconfig.json", "tsconfig.base.json", "go.mod", "Cargo.toml"),
        *("composer.json", "pyproject.toml", "requirements.txt"),
    )
)
_TOO_DOTTED: Final = 100_000
_MOST: Final = 2_000
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one manifest says. `kind` is its file's name."""

    kind: str
    name: str = ""
    """What others call the package: package.json's name, go.mod's module, Cargo.toml's crate."""
    base: str = ""
    """tsconfig's baseUrl, package.json's entry point, Cargo.toml's library."""
    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """tsconfig's paths, composer.json's namespaces: a prefix or a pattern, and what it stands for."""
    dependencies: tuple[str, ...] = ()


def is_manifest(path: str) -> bool:
    """Whether a file is a manifest that is read here, by its name."""
    return posixpath.basename(path) in MANIFESTS


def read_manifest(path: str, text: str) -> Manifest | None:
    """What a manifest says; None if it cannot be read."""
    kind = posixpath.basename(path)
    try:
        if kind == "go.mod":
            return _go(text)
        if kind == "requirements.txt":
            return Manifest(kind, dependencies=_requirements(text.split("\n")))
        if kind.endswith(".toml"):
            # The parser takes time in the square of the parts of a dotted key.
            if sum(line.count(".") ** 2 for line in text.split("\n")) > _TOO_DOTTED:
                return None
            return _toml(kind, tomllib.loads(text))
        return _json(kind, json.loads(_without_comments(text)))
    except (ValueError, RecursionError):
        return None


def pack_manifest(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest)).encode()


def unpack_manifest(content: bytes) -> Manifest:
    values = json.loads(content)
    values["paths"] = tuple((prefix, tuple(targets)) for prefix, targets in values["paths"])
    values["dependencies"] = tuple(values["dependencies"])
    return Manifest(**values)


def _go(text: str) -> Manifest:
    name = re.search(r"(?m)^module\s+\"?([^\s\"]+)", text)
    needed = re.findall(r"(?m)^(?:require)?\s*([\w.-]+\.[\w.-]+/?[^\s]*)\s+v\d", text)
    return Manifest("go.mod", name[1] if name else "", dependencies=tuple(needed[:_MOST]))


def _json(kind: str, raw: Any) -> Manifest | None:
    if not isinstance(raw, dict):
        return None
    if kind == "package.json":
        needed = [
            name
            for group in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
            for name in _table(raw.get(group))
        ]
        entry = next((raw[key] for key in ("source", "types", "module", "main") if isinstance(raw.get(key), str)), "")
        return Manifest(kind, _text(raw.get("name")), entry, dependencies=tuple(needed[:_MOST]))
    if kind == "composer.json":
        spaces = []
        for group in ("autoload", "autoload-dev"):
            for prefix, folders in _table(_table(raw.get(group)).get("psr-4")).items():
                spaces.append((str(prefix), _texts(folders)))
        needed = [*_table(raw.get("require")), *_table(raw.get("require-dev"))]
        return Manifest(kind, _text(raw.get("name")), paths=tuple(spaces[:_MOST]), dependencies=tuple(needed[:_MOST]))
    options = _table(raw.get("compilerOptions"))
    paths = tuple((str(prefix), _texts(targets)) for prefix, targets in _table(options.get("paths")).items())
    return Manifest(kind, base=_text(options.get("baseUrl")), paths=paths[:_MOST])


def _toml(kind: str, raw: dict[str, Any]) -> Manifest:
    if kind == "Cargo.toml":
        package, library = _table(raw.get("package")), _table(raw.get("lib"))
        name = _text(library.get("name")) or _text(package.get("name"))
        needed = [name for group in ("dependencies", "dev-dependencies") for name in _table(raw.get(group))]
        return Manifest(kind, name.replace("-", "_"), _text(library.get("path")), dependencies=tuple(needed[:_MOST]))
    project = _table(raw.get("project"))
    listed = [*_texts(project.get("dependencies"))]
    for group in (project.get("optional-dependencies"), raw.get("dependency-groups")):
        for entries in _table(group).values():
            listed.extend(_texts(entries))
    poetry = _table(_table(_table(raw.get("tool")).get("poetry")).get("dependencies"))
    return Manifest(kind, _text(project.get("name")), dependencies=_requirements([*listed, *poetry]))


def _requirements(lines: list[str]) -> tuple[str, ...]:
    found = (_REQUIREMENT.match(line) for line in lines[:_MOST])
    return tuple(match[1] for match in found if match)


def _without_comments(text: str) -> str:
    """JSON without the comments and last commas that tsconfig.json may have."""
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text)
    parts[::2] = [re.sub(r"(?s)/\*.*?\*/|//[^\n]*", "", part) for part in parts[::2]]
    return re.sub(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', lambda match: match[1] or "", "".join(parts))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
