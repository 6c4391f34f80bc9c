"""Files that nobody wrote by hand: minified, bundled, generated, or locks. They are left as text.

A pure function of the path and the beginning of the text. It says why, for logs and for whoever wonders.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

SAYS_SO: Final = "it says that it is generated"
"""The reason for a file that is code like any other, but for whoever wrote it."""

HEAD: Final = 8192  # characters of a file's beginning that are enough
_HEAD_LINES: Final = 20
_LONGEST_LINE: Final = 5_000  # characters
_LONG_AVERAGE: Final = 300  # characters a line, of what is longer than a screen
_LOCKS: Final = frozenset(
    {
        *("bun.lock", "cargo.lock", "composer.lock", "deno.lock", "flake.lock", "gemfile.lock", "go.sum"),
        *(
            "go.work.sum",
            "gradle.lockfile",
            "mix.lock",
            "npm-shrinkwrap.json",
            "package-lock.json",
            "packages.lock.json",
        ),
        *("paket.lock", "pdm.lock", "pipfile.lock", "pnpm-lock.yaml", "podfile.lock", "poetry.lock", "pubspec.lock"),
        *("pylock.toml", "shrinkwrap.yaml", "uv.lock", "yarn.lock"),
    }
)
_NAMES: Final = re.compile(
    r"""(?:[.-]min\.(?:js|mjs|cjs|css)|\.(?:bundle|chunk)\.(?:js|mjs|cjs|css)|\.map
      |_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|\.pb\.gw\.go|_pb\.(?:js|ts|d\.ts)|_grpc_pb\.js|_pb\.rb
      |\.g\.(?:cs|dart)|\.designer\.cs|\.generated\.\w+|_generated\.\w+|zz_generated\.\w+\.go|\.snap)$""",
    re.VERBOSE,
)
_FOLDERS: Final = frozenset({"__generated__", "bower_components", "node_modules"})
_MARKER: Final = re.compile(
    r"""@generated\b
      |\bdo\ not\ (?:edit|modify|change)\b.{0,80}\b(?:generated|overwritten|by\ hand|manually)
      |\bdo\ not\ edit[.!:]*\s*(?:\*/|-->)?\s*$
      |\b(?:auto(?:matically|[ -])?\s?generated|machine[ -]generated)\b.{0,60}\b(?:by|from|file|code|do\ not)\b
      |\b(?:file|code|source|module|parser|bindings?)\ (?:is|was|has\ been|were)
       \ (?:auto[ -]?|automatically\ |machine[ -])?generated\b
      |\bgenerated\ (?:by|from|with)\ .*\bdo\ not\b
      |^\W*(?:auto[ -]?|automatically\ )?generated\ (?:by|from)\b
      |\bcode\ generated\ .*\bdo\ not\ edit\b""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_COMMENT_START: Final = ("#", "//", "/*", "*", "--", ";", "<!--", '"""', "'''", "%", "=begin", "@generated", "{-")
_SOURCE_MAP: Final = re.compile(
    r"//[#@] sourceMappingURL=data:|^\s*\{\s*\"version\"\s*:\s*3\s*,.{0,200}\"mappings\"", re.DOTALL
)


def looks_generated(path: str, head: str) -> str | None:
    """Why a file seems to be generated, minified or a lock; None for what somebody seems to have written.

    `head` is the beginning of its text, `HEAD` characters or more.
    """
    parts = PurePosixPath(path.replace("\\", "/").lower())
    if parts.name in _LOCKS:
        return "a lock file"
    if _NAMES.search(parts.name):
        return "named like a generated or minified file"
    if not _FOLDERS.isdisjoint(parts.parts[:-1]):
        return "in a folder of generated or foreign code"
    lines = head[:HEAD].splitlines()
    if any(_MARKER.search(line) for line in lines[:_HEAD_LINES] if _is_comment(line)):
        return SAYS_SO
    if _SOURCE_MAP.search(head):
        return "a source map"
    if parts.suffix not in {".md", ".rst", ".txt", ".csv", ".tsv"}:
        return _minified(lines)
    return None


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(_COMMENT_START)


def _minified(lines: list[str]) -> str | None:
    if any(len(line) > _LONGEST_LINE for line in lines):
        return "its lines are very long"
    size = sum(map(len, lines))
    if size >= HEAD // 2 and size > _LONG_AVERAGE * len(lines):
        return "its lines are very long"
    return None
