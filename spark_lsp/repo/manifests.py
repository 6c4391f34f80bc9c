"""What a project's manifest says that matters for finding modules: names, paths, and declared dependencies.

One flat form for all of them; `package_manifests` knows who declares what. Manifests are other people's files: what is
not as it should be is left out.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from spark_lsp.repo.package_manifests import declared_packages, ecosystem_of_manifest, load_toml

MANIFESTS: Final = frozenset(
    (
        *("package.json", "tsconfig.json", "jsconfig.json", "tsconfig.base.json", "go.mod", "Cargo.toml"),
        *("composer.json", "pyproject.toml", "requirements.txt"),
    )
)
_MOST: Final = 2_000


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
    if ecosystem_of_manifest(path) is None:
        return _other(kind, text)
    declared = declared_packages(path, text)
    if declared is None:
        return None
    base = ""
    if kind == "package.json":
        raw = json.loads(text)
        base = next((raw[key] for key in ("source", "types", "module", "main") if isinstance(raw.get(key), str)), "")
    elif kind == "Cargo.toml":
        base = _text(_table(load_toml(text).get("lib")).get("path"))
    return Manifest(kind, next(iter(declared.own), ""), base, dependencies=declared.listed[:_MOST])


def pack_manifest(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest)).encode()


def unpack_manifest(content: bytes) -> Manifest:
    values = json.loads(content)
    values["paths"] = tuple((prefix, tuple(targets)) for prefix, targets in values["paths"])
    values["dependencies"] = tuple(values["dependencies"])
    return Manifest(**values)


def _other(kind: str, text: str) -> Manifest | None:
    """composer.json and TypeScript's configurations."""
    try:
        raw = json.loads(_without_comments(text))
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
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
