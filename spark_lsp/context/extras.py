"""What else says what somebody is about: what was changed last, what the tools complain of, what is depended on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.context.parts import Part
from spark_lsp.context.secret_finder import KEY_BLOCK_LINES
from spark_lsp.core.text import line_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spark_lsp.core.diagnostics import Diagnostic
    from spark_lsp.core.history import EditHistory
    from spark_lsp.core.text import Text
    from spark_lsp.repo.graph import Graph

_NEAR: Final = 30
"""Lines from the place within which a diagnostic counts."""
_MOST_DIAGNOSTICS: Final = 8
_LONGEST_MESSAGE: Final = 240
_LONGEST_LINE: Final = 200
_MOST_DEPENDENCIES: Final = 40
_LONGEST_NAME: Final = 60
_PACKAGES: Final = ("pyproject.toml", "requirements.txt", "package.json", "Cargo.toml", "go.mod", "composer.json")


@dataclass(frozen=True, slots=True)
class RecentEdits:
    """What was changed in a document: its own path and text, and its history."""

    path: str
    text: Text
    history: EditHistory


@dataclass(frozen=True, slots=True)
class Extras:
    """What the session knows besides the document. The recent edits of the document at hand come last."""

    recent: tuple[RecentEdits, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def recent_edit_parts(recent: Iterable[RecentEdits], room: int, visible: tuple[str, int, int]) -> list[Part]:
    """The last changes as small diffs, as many of the latest as have room; the latest comes last.

    `visible` is the code at hand: what was inserted in it and replaced nothing is there to be seen.
    """
    parts: list[Part] = []
    for one in reversed(tuple(recent)):
        for hunk in reversed(one.history.hunks):
            new = one.text.lines[hunk.line : hunk.end]
            path, first, end = visible
            if not any(line.strip() for line in hunk.old) and one.path == path and first <= hunk.line < end:
                continue
            if _is_in_key_block(one.text, hunk.line):
                continue
            lines = [f"@@ {one.path}:{hunk.line + 1} @@", *(f"-{_short(line)}" for line in hunk.old)]
            text = "".join(f"{line}\n" for line in (*lines, *(f"+{_short(line)}" for line in new)))
            if len(text) > room:
                return parts[::-1]
            room -= len(text)
            parts.append(Part("recent edit", one.path, hunk.line, hunk.end, text, 0.5, "changed a moment ago"))
    return parts[::-1]


def _is_in_key_block(text: Text, line: int) -> bool:
    """Whether a key that began above a line has not ended: a line in its middle says nothing of what it is."""
    for above in range(line - 1, max(-1, line - 1 - KEY_BLOCK_LINES), -1):
        if "-----END " in text.lines[above]:
            return False
        if "-----BEGIN " in text.lines[above]:
            return True
    return False


def diagnostic_parts(path: str, diagnostics: Sequence[Diagnostic], first: int, end: int, room: int) -> list[Part]:
    """What the tools say of the lines [first, end) and of those near them, the nearest if not all have room."""

    def distance(one: Diagnostic) -> int:
        return max(first - one.range.start.line, one.range.start.line - end + 1, 0)

    near = sorted(
        (one for one in diagnostics if distance(one) <= _NEAR), key=lambda one: (distance(one), one.range.start)
    )
    parts: list[Part] = []
    for one in near[:_MOST_DIAGNOSTICS]:
        message = " ".join(one.message.split())[:_LONGEST_MESSAGE]
        line = one.range.start.line
        text = f"line {line + 1}: {message}" + (f" ({one.source})" if one.source else "") + "\n"
        if len(text) > room:
            break
        room -= len(text)
        parts.append(Part("diagnostic", path, line, line + 1, text, 0.5, "reported near by"))
    return sorted(parts, key=lambda part: part.line)


def manifest_part(graph: Graph, path: str, room: int) -> Part | None:
    """The declared dependencies of the package that a file belongs to, by their names, on one line."""
    nearest = graph.project.nearest_manifest(path, _PACKAGES)
    if nearest is None or not nearest[1].dependencies:
        return None
    folder, manifest = nearest
    where = f"{folder}/{manifest.kind}" if folder else manifest.kind
    names = [name for name in dict.fromkeys(manifest.dependencies) if len(name) <= _LONGEST_NAME and name.isprintable()]
    text = f"{', '.join(names[:_MOST_DEPENDENCIES])}"
    while names and len(text) > room:
        text = text.rpartition(", ")[0]
        if not text:
            return None
    return Part("manifest", where, 0, 0, text, 0.3, "declared dependencies") if text else None


def _short(line: str) -> str:
    return line_content(line)[:_LONGEST_LINE]
